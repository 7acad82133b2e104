import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from rotation.webhooks.models import Delivery, Webhook
from rotation.webhooks.services import add_webhook
from rotation.webhooks.signature import secret_of
from tests.builders import BY_SYSTEM, NOW, make_user

pytestmark = pytest.mark.django_db
FORM = {"name": "CMDB", "url": "https://example.org/hook", "events": ["booking.booked"]}


@pytest.fixture
def as_admin(client: Client) -> Client:
    client.force_login(make_user(roles=(Role.ADMIN,)))
    return client


@pytest.fixture
def webhook() -> Webhook:
    return add_webhook(**FORM, by=BY_SYSTEM, now=NOW)  # type: ignore[arg-type]


def test_a_webhook_is_added_shown_changed_and_removed(as_admin: Client) -> None:
    assert as_admin.get(reverse("webhooks")).status_code == 200
    assert as_admin.get(reverse("webhook_new")).status_code == 200
    assert as_admin.post(reverse("webhook_new"), FORM).status_code == 302
    webhook = Webhook.objects.get()
    assert "https://example.org/hook" in as_admin.get(reverse("webhooks")).content.decode()
    edit = reverse("webhook_edit", args=[webhook.pk])
    assert as_admin.get(edit).status_code == 200
    as_admin.post(edit, {**FORM, "state": "paused", "version": "1"})
    webhook.refresh_from_db()
    assert (webhook.state, webhook.version) == ("paused", 2)
    as_admin.post(reverse("webhook_remove", args=[webhook.pk]))
    assert not Webhook.objects.exists()


def test_an_address_inside_the_house_is_refused_with_words(as_admin: Client) -> None:
    answer = as_admin.post(reverse("webhook_new"), {**FORM, "url": "https://10.0.0.1/"})
    assert answer.status_code == 400
    assert "This address is inside the house" in answer.content.decode()


def test_a_secret_is_shown_once(as_admin: Client, webhook: Webhook) -> None:
    answer = as_admin.post(reverse("webhook_secret", args=[webhook.pk]))
    webhook.refresh_from_db()
    assert secret_of(webhook) in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    page = as_admin.get(reverse("webhook", args=[webhook.pk])).content.decode()
    assert "whsec_" not in page


def test_a_test_is_queued_and_listed(as_admin: Client, webhook: Webhook) -> None:
    answer = as_admin.post(reverse("webhook_test", args=[webhook.pk]), follow=True)
    assert Delivery.objects.get().event == "webhook.test"
    assert "webhook.test" in answer.content.decode()


def test_a_webhook_that_was_disabled_says_what_to_do(as_admin: Client, webhook: Webhook) -> None:
    Webhook.objects.update(state="disabled")
    page = as_admin.get(reverse("webhook", args=[webhook.pk])).content.decode()
    assert "set the state to active" in page


def test_webhooks_are_for_administrators(client: Client, webhook: Webhook) -> None:
    client.force_login(make_user(roles=(Role.MANAGER, Role.PLANNER)))
    for name in ("webhook", "webhook_edit"):
        assert client.get(reverse(name, args=[webhook.pk])).status_code == 403
    for name in ("webhook_test", "webhook_secret", "webhook_remove"):
        assert client.post(reverse(name, args=[webhook.pk])).status_code == 403
    assert client.get(reverse("webhooks")).status_code == 403
