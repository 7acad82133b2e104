import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.builders import make_user

pytestmark = pytest.mark.django_db


def reset_mail(client: Client, outbox: list[EmailMultiAlternatives], language: str) -> str:
    """Ask for a new password; return the text of the mail, which has an HTML part as well."""
    user = make_user("ada@example.org", name="Ada Kern")
    user.language = language
    user.save()
    client.post(reverse("account_reset_password"), {"email": user.email})
    [mail] = outbox
    [(html, kind)] = mail.alternatives
    assert kind == "text/html"
    return f"{mail.subject}\n{mail.body}\n{html!s}"


def test_the_mail_for_a_new_password_is_one_of_ours(
    client: Client, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    text = reset_mail(client, mailoutbox, "en")

    assert text.startswith("Set a new password for Rundgang\nHello Ada Kern,\n")
    assert text.count("/accounts/password/reset/key/") == 2
    assert 'class="button" href="http://testserver/accounts/' in text
    assert "<h1 style=" in text


def test_it_speaks_the_language_of_its_reader_whatever_the_browser_says(
    client: Client, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    text = reset_mail(client, mailoutbox, "de")

    assert "Guten Tag Ada Kern," in text
    assert '<html lang="de">' in text


def test_a_mail_server_that_is_away_tells_nobody_which_addresses_are_known(
    client: Client, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # nobody listens there
    make_user("ada@example.org")

    answers = [
        client.post(reverse("account_reset_password"), {"email": email})
        for email in ("ada@example.org", "nobody@example.org")
    ]

    found = [(answer.status_code, answer["Location"]) for answer in answers]
    assert found == [(302, reverse("account_reset_password_done"))] * 2
