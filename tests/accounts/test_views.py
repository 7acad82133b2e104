import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from tests.builders import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long demo password"


@pytest.fixture
def user() -> User:
    return make_user("ada@example.org", name="Ada", roles=(Role.PLANNER,))


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def html_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def theme_of(html: str) -> str:
    found = re.search(r'<html lang="\w+" data-theme="(\w+)">', html)
    assert found
    return found[1]


def test_the_settings_ask_for_a_sign_in_first(client: Client) -> None:
    response = client.get("/settings/")
    assert (response.status_code, response["Location"]) == (
        302,
        "/accounts/login/?next=/settings/",
    )


def test_settings_are_saved(signed_in: Client, user: User) -> None:
    signed_in.post("/settings/", {"name": "Ada L.", "language": "de", "theme": "dark"})
    user.refresh_from_db()
    assert (user.name, user.language, user.theme) == ("Ada L.", "de", "dark")


def test_a_setting_that_does_not_exist_is_refused_by_name(signed_in: Client, user: User) -> None:
    response = signed_in.post("/settings/", {"name": "", "language": "xx", "theme": "pink"})
    assert set(response.context["form"].errors) == {"name", "language", "theme"}
    user.refresh_from_db()
    assert (user.name, user.language, user.theme) == ("Ada", "", "system")


def test_a_name_that_would_break_into_mails_is_refused(signed_in: Client, user: User) -> None:
    values = {"name": "Ada\r\nBcc: eve@example.org", "language": "en", "theme": "system"}

    response = signed_in.post("/settings/", values)

    assert set(response.context["form"].errors) == {"name"}
    user.refresh_from_db()
    assert user.name == "Ada"


def test_nobody_changes_roles_or_address_in_the_settings(signed_in: Client, user: User) -> None:
    signed_in.post(
        "/settings/",
        {"name": "A", "language": "", "theme": "system", "roles": "admin", "email": "x@y.org"},
    )
    user.refresh_from_db()
    assert (user.roles, user.email) == ([Role.PLANNER], "ada@example.org")


@pytest.mark.parametrize("theme", User.Theme)
def test_the_theme_stands_in_the_page_as_sent(
    signed_in: Client, user: User, theme: User.Theme
) -> None:
    signed_in.post("/settings/theme/", {"theme": theme})
    user.refresh_from_db()
    assert user.theme == theme
    assert theme_of(html_of(signed_in, "/settings/")) == theme


def test_the_theme_outlives_the_sign_in(signed_in: Client) -> None:
    signed_in.post("/settings/theme/", {"theme": "dark"})
    signed_in.logout()
    signed_in.cookies["theme"] = "dark"
    assert theme_of(html_of(signed_in, "/accounts/login/")) == "dark"


def test_a_theme_from_a_strange_cookie_is_not_echoed(client: Client) -> None:
    client.cookies["theme"] = "x><script>"
    assert theme_of(html_of(client, "/accounts/login/")) == "system"


@pytest.mark.parametrize(
    ("following", "leads_to"),
    [
        ("/settings/", "/settings/"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("nowhere", "/"),
    ],
)
def test_the_theme_switch_leads_back_into_the_house(
    signed_in: Client, following: str, leads_to: str
) -> None:
    response = signed_in.post("/settings/theme/", {"theme": "dark", "next": following})
    assert response["Location"] == leads_to


def test_an_unknown_theme_changes_nothing(signed_in: Client, user: User) -> None:
    response = signed_in.post("/settings/theme/", {"theme": "pink"})
    user.refresh_from_db()
    assert (user.theme, "theme" in response.cookies) == ("system", False)


def test_the_language_is_kept_for_the_user(signed_in: Client, user: User) -> None:
    signed_in.post("/i18n/setlang/", {"language": "de", "next": "/"})
    user.refresh_from_db()
    assert user.language == "de"
    assert '<html lang="de"' in html_of(signed_in, "/settings/")


def test_a_signed_out_browser_keeps_the_language_too(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "de", "next": "/"})
    assert '<html lang="de"' in html_of(client, "/accounts/login/")


def test_like_the_browser_forgets_the_language_of_the_sign_in_page(signed_in: Client) -> None:
    signed_in.post("/i18n/setlang/", {"language": "de", "next": "/"})
    signed_in.post("/settings/", {"name": "Ada", "language": "", "theme": "system"})
    response = signed_in.get("/settings/", headers={"accept-language": "en"})
    assert '<html lang="en"' in response.content.decode()


def test_an_unknown_language_changes_nothing(signed_in: Client, user: User) -> None:
    signed_in.post("/i18n/setlang/", {"language": "xx", "next": "/"})
    user.refresh_from_db()
    assert user.language == ""


@pytest.mark.parametrize("address", ["/settings/theme/", "/i18n/setlang/"])
def test_switches_only_take_posts_of_our_own_pages(address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert [client.get(address).status_code, client.post(address).status_code] == [405, 403]


def test_the_user_signs_in_with_address_and_password(client: Client, user: User) -> None:
    response = client.post("/accounts/login/", {"login": "ADA@example.org", "password": PASSWORD})
    assert (response.status_code, client.session["_auth_user_id"]) == (302, str(user.pk))


def test_a_wrong_password_is_said_and_the_address_stays(client: Client, user: User) -> None:
    response = client.post("/accounts/login/", {"login": user.email, "password": "wrong"})
    html = response.content.decode()
    assert 'class="r-errors' in html
    assert f'value="{user.email}"' in html
    assert response.wsgi_request.user == AnonymousUser()


def test_nobody_signs_up(client: Client) -> None:
    response = client.post(
        "/accounts/signup/",
        {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert (response.status_code, User.objects.count()) == (200, 0)


def test_nobody_changes_the_address_invitations_go_to(signed_in: Client) -> None:
    response = signed_in.post("/accounts/email/", {"action_add": "", "email": "x@example.org"})
    assert (response.status_code, response["Location"]) == (302, "/settings/")


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_signup"])
def test_pages_before_the_sign_in_stand_in_our_frame(client: Client, name: str) -> None:
    assert 'class="r-minimal"' in html_of(client, reverse(name))


@pytest.mark.parametrize("name", ["account_change_password", "mfa_index", "account_logout"])
def test_pages_of_the_account_stand_in_our_frame(signed_in: Client, name: str) -> None:
    assert 'class="r-shell"' in html_of(signed_in, reverse(name))


def test_a_second_factor_is_set_up_after_the_password_is_asked_again(
    signed_in: Client, user: User
) -> None:
    activate = reverse("mfa_activate_totp")
    asked = signed_in.get(activate)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    page = signed_in.post(asked["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    assert 'class="r-qr"' in page.content.decode()
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    codes = signed_in.post(activate, {"code": code}, follow=True)
    assert 'id="recovery_codes"' in codes.content.decode()
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_the_demo_offers_its_sign_ins_and_nothing_else_does(
    client: Client, settings: pytest.FixtureRequest
) -> None:
    def offered() -> list[str]:
        return re.findall(r'name="login" value="(\w+)@', html_of(client, "/accounts/login/"))

    assert offered() == []
    settings.ROTATION_DEMO = True  # type: ignore[attr-defined]
    assert offered() == ["manager", "planner", "staff", "host", "cio", "council", "admin"]


def test_a_reset_link_lets_one_choose_a_new_password(
    client: Client, user: User, mailoutbox: list[object]
) -> None:
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)  # type: ignore[attr-defined]
    assert link
    page = client.get(link[1], follow=True)
    assert 'name="password1"' in page.content.decode()
    new = "quite another long one"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)


def test_an_unknown_address_gets_no_mail_and_looks_the_same(
    client: Client, user: User, mailoutbox: list[object]
) -> None:
    answers = [
        client.post(reverse("account_reset_password"), {"email": email})["Location"]
        for email in ("nobody@example.org", user.email)
    ]
    assert (len(set(answers)), len(mailoutbox)) == (1, 1)
