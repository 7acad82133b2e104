"""`manage.py create_admin`: the first sign-in of an installation."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Role, User
from tests.builders import make_user

pytestmark = pytest.mark.django_db
COMMAND = "rotation.management.commands.create_admin"


def create(monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> None:
    monkeypatch.setattr("sys.stdin", StringIO(f"{password}\n"))
    call_command("create_admin", email, "--password-stdin", stdout=StringIO())


def test_an_administrator_is_created(monkeypatch: pytest.MonkeyPatch) -> None:
    create(monkeypatch, "Chief@example.org", "a Long pass phrase")
    user = User.objects.get()
    assert (user.email, user.name, user.roles) == ("chief@example.org", "chief", [Role.ADMIN])
    assert user.check_password("a Long pass phrase")


def test_a_user_who_is_there_becomes_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("ada@example.org", name="Ada", roles=(Role.STAFF,))
    create(monkeypatch, "ada@example.org", "a Long pass phrase")
    user = User.objects.get()
    assert (user.name, user.roles) == ("Ada", [Role.ADMIN, Role.STAFF])


@pytest.mark.parametrize(
    ("email", "password"),
    [("chief@example.org", "short"), ("chief@example.org", ""), ("nobody", "a Long pass phrase")],
)
def test_a_weak_password_and_no_address_are_refused(
    monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    with pytest.raises(CommandError):
        create(monkeypatch, email, password)
    assert not User.objects.exists()


def test_a_password_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["a Long pass phrase", "another Long pass phrase"])
    monkeypatch.setattr(f"{COMMAND}.getpass", lambda _prompt: next(typed))
    with pytest.raises(CommandError):
        call_command("create_admin", "chief@example.org")
    monkeypatch.setattr(f"{COMMAND}.getpass", lambda _prompt: "a Long pass phrase")
    call_command("create_admin", "chief@example.org", stdout=StringIO())
    assert User.objects.get().email == "chief@example.org"
