"""Users: who may sign in, and as what."""

import pytest
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Role, User
from rotation.audit.models import Entry, Subject
from tests.builders import make_host, make_staff, make_user

pytestmark = pytest.mark.django_db
MARA = {"name": "Mara Berg", "email": "mara@example.org", "roles": ["manager"]}


@pytest.fixture
def root(client: Client) -> User:
    root = make_user("root@example.org", name="Root", roles=(Role.ADMIN,))
    client.force_login(root)
    return root


def listed(client: Client, **query: str) -> list[str]:
    return [user.name for user, _roles in client.get(reverse("users"), query).context["rows"]]


@pytest.mark.usefixtures("root")
def test_users_are_listed_by_name_and_filtered(client: Client) -> None:
    make_staff("Ada"), make_host("Öz")
    User.objects.filter(pk=make_user("off@example.org", name="Off").pk).update(is_active=False)

    assert listed(client) == ["Ada", "Öz", "Root"]
    assert listed(client, q="ÖZ") == ["Öz"]
    assert listed(client, role="staff") == ["Ada"]
    assert listed(client, state="new") == ["Ada", "Öz"]
    assert listed(client, state="closed") == ["Off"]
    assert listed(client, role="nonsense", state="?", q="\x00") == ["Ada", "Öz", "Root"]
    assert listed(client, q="zzz") == []


@pytest.mark.usefixtures("root")
def test_the_list_asks_the_same_number_of_queries_for_one_and_for_three(client: Client) -> None:
    make_staff("Ada")  # a look at somebody else is stored
    with CaptureQueriesContext(connection) as one:
        listed(client)
    make_staff("Ben"), make_staff("Cem")
    with CaptureQueriesContext(connection) as three:
        listed(client)
    assert (len(three), len(three) < 12) == (len(one), True)


@pytest.mark.usefixtures("root")
def test_a_user_is_added_once_and_told_how_to_sign_in(
    client: Client, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    values = {**MARA, "sends_mail": "on"}
    answers = [client.post(reverse("user_new"), values) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [reverse("users")] * 2
    mara = User.objects.get(email="mara@example.org")
    assert (mara.name, mara.roles, mara.has_usable_password()) == ("Mara Berg", ["manager"], False)
    assert [mail.to for mail in mailoutbox] == [["mara@example.org"]]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("name", "", 400), ("email", "x", 400), ("roles", [], 400), ("roles", ["staff"], 400),
        ("roles", ["king"], 400), ("email", "root@example.org", 409),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(client: Client, field: str, value: object, status: int) -> None:
    answer = client.post(reverse("user_new"), {**MARA, field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (status, [field])


def test_the_link_of_the_mail_sets_a_first_password(
    client: Client, root: User, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    del root
    client.post(reverse("user_new"), {**MARA, "sends_mail": "on"})
    client.logout()
    [mail] = mailoutbox
    [address] = [word for word in str(mail.body).split() if word.startswith("http")]

    form = client.get(address, follow=True)
    words = {"password1": "a Long pass phrase", "password2": "a Long pass phrase"}
    client.post(form.redirect_chain[-1][0], words)

    assert client.login(email="mara@example.org", password="a Long pass phrase")


def test_roles_are_changed_and_recorded(client: Client, root: User) -> None:
    mara = make_user("mara@example.org", roles=(Role.MANAGER,))
    values = {"roles": ["planner", "manager"], "is_active": "on"}
    answers = [client.post(reverse("user", args=[mara.pk]), values) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [reverse("users")] * 2
    mara.refresh_from_db()
    assert mara.roles == ["manager", "planner"]
    [line] = Entry.objects.filter(subject=Subject.USER, subject_id=mara.pk)
    assert (line.actor, line.old, line.new) == (
        root, {"roles": ["manager"]}, {"roles": ["manager", "planner"]},
    )  # fmt: skip


def test_the_last_administrator_stays_one(client: Client, root: User) -> None:
    for values in ({"roles": [], "is_active": "on"}, {"roles": ["admin"]}):
        answer = client.post(reverse("user", args=[root.pk]), values)
        assert answer.status_code == 409
        assert "make somebody else one first" in answer.content.decode()
    root.refresh_from_db()
    assert (root.roles, root.is_active) == (["admin"], True)


@pytest.mark.usefixtures("root")
def test_a_user_who_may_not_sign_in_any_more_is_signed_out(client: Client) -> None:
    mara = make_user("mara@example.org", roles=(Role.MANAGER,))
    theirs = Client()
    theirs.force_login(mara)

    client.post(reverse("user", args=[mara.pk]), {"roles": ["manager"]})

    assert theirs.get("/").status_code == 302
    assert client.post(reverse("user_sign_in_mail", args=[mara.pk])).status_code == 404


@pytest.mark.usefixtures("root")
def test_the_page_of_a_user_leads_to_the_person_and_the_department(client: Client) -> None:
    ada, hanna = make_staff("Ada"), make_host("Hanna")
    page = client.get(reverse("user", args=[ada.user_id])).content.decode()
    assert reverse("person", args=[ada.pk]) in page
    page = client.get(reverse("user", args=[hanna.user_id])).content.decode()
    assert reverse("department", args=[hanna.department_id]) in page


@pytest.mark.usefixtures("root")
def test_all_of_a_page_who_never_signed_in_get_a_mail(
    client: Client, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    ada, ben, cem = (
        make_staff(name, email=f"{name}@example.org") for name in ("ada", "ben", "cem")
    )
    User.objects.filter(pk=cem.user_id).update(last_login=timezone.now())
    users = [ada.user_id, ben.user_id, cem.user_id, "x", 10**30]

    answer = client.post(reverse("users_sign_in_mail"), {"user": users}, follow=True)

    assert sorted(mail.to for mail in mailoutbox) == [["ada@example.org"], ["ben@example.org"]]
    assert "2 mails with a link to sign in are sent" in answer.content.decode()


@pytest.mark.usefixtures("root")
def test_a_mail_server_that_is_away_is_told(client: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # nobody listens there
    ada = make_staff("Ada")
    address = reverse("user_sign_in_mail", args=[ada.user_id])

    answer = client.post(address, {"next": reverse("person", args=[ada.pk])}, follow=True)

    assert answer.redirect_chain == [(reverse("person", args=[ada.pk]), 302)]
    assert "The mail server did not take the mail" in answer.content.decode()


@pytest.mark.usefixtures("root")
def test_a_stale_form_is_told_and_counts_when_sent_again(client: Client) -> None:
    mara = make_user("mara@example.org", roles=(Role.MANAGER,))
    address = reverse("user", args=[mara.pk])
    seen = client.get(address).context["form"]["version"].value()
    User.objects.filter(pk=mara.pk).update(roles=["council"])
    values = {"roles": ["planner"], "is_active": "on", "version": seen}

    answer = client.post(address, values)

    assert (answer.status_code, "Somebody else changed this" in answer.content.decode()) == (
        409, True,
    )  # fmt: skip
    newest = answer.context["form"]["version"].value()
    assert client.post(address, {**values, "version": newest}).status_code == 302


@pytest.mark.usefixtures("root")
def test_a_manager_who_is_gone_goes_under_a_pseudonym_once_it_was_meant(client: Client) -> None:
    mara = make_user("mara@example.org", name="Mara Berg", roles=(Role.MANAGER,))
    address = reverse("user_erase", args=[mara.pk])
    assert "This cannot be taken back" in client.get(address).content.decode()

    answers = [client.post(address) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [reverse("users")] * 2
    mara.refresh_from_db()
    assert ("Mara" in mara.name, mara.is_active, mara.roles) == (False, False, [])


@pytest.mark.usefixtures("root")
def test_an_it_person_who_is_here_is_not_erased(client: Client) -> None:
    ada = make_staff("Ada")
    answer = client.post(reverse("user_erase", args=[ada.user_id]), {"version": 1})
    assert (answer.status_code, "last day is not over" in answer.content.decode()) == (409, True)
