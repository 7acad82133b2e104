"""The drill: back up, lose everything, restore, and nobody notices."""

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from rotation.management import clients
from rotation.management.commands.restore import for_server
from tests.mail_server import MailServer
from tests.management.installations import Installation, installation

WAITING = "SELECT message_id FROM rotation_mail WHERE state = 'queued' ORDER BY 1"
NOT_EMPTY = (
    "CommandError: This database is not empty, so it is left as it is."
    " Add --replace to throw away what it holds.\n"
)


@pytest.fixture(scope="module")
def post() -> Iterator[MailServer]:
    server = MailServer()
    controller = server.controller()
    controller.start()
    yield server
    controller.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, post: MailServer) -> Iterator[Installation]:
    """A demo organisation whose invitations still wait."""
    folder = tmp_path_factory.mktemp("house")
    smtp = f"smtp://127.0.0.1:{post.port}"
    with installation("drill", folder, ROTATION_DEMO="1", EMAIL_URL=smtp) as found:
        found.manage("prepare")
        yield found


@pytest.fixture(scope="module")
def backup(house: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backups") / "house.zip"
    house.manage("backup", str(file))
    return file


def altered(backup: Path, target: Path, **values: object) -> Path:
    """Return a copy of the backup with other values in its manifest."""
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        manifest = json.loads(old.read("manifest.json")) | values
        new.writestr("manifest.json", json.dumps(manifest))
        new.writestr("database.dump", old.read("database.dump"))
    return target


def test_a_destroyed_house_comes_back_and_each_waiting_mail_leaves_exactly_once(
    house: Installation, backup: Path, post: MailServer
) -> None:
    before, waiting = house.contents(), [mail for (mail,) in house.rows(WAITING)]
    assert len(waiting) > 20
    assert len(before["rotation_booking"]) > 20
    house.destroy()
    house.create()
    assert house.manage("restore", str(backup)).endswith("; 0 migrations applied.\n")
    assert house.contents() == before
    house.manage("send_invites")
    house.manage("send_invites")
    sent = Counter(message_from_bytes(mail.content)["Message-ID"] for mail in post.deliveries)
    assert sent == Counter(waiting)
    assert house.manage("audit_outbox") == "Every guest was told.\n"


def test_the_backup_of_a_restored_house_restores_too(house: Installation, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    house.manage("backup", str(again))
    before = house.contents()
    house.change("CREATE TABLE left_behind ()")
    house.manage("restore", str(again), "--replace")
    assert house.contents() == before
    assert "left_behind" not in before


def test_a_table_that_no_model_knows_is_counted_and_kept(
    house: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "more.zip"
    house.change("CREATE TABLE of_an_older_version AS SELECT 1 AS number")
    house.manage("backup", str(file))
    with zipfile.ZipFile(file) as archive:
        rows = json.loads(archive.read("manifest.json"))["rows"]
    house.change("DROP TABLE of_an_older_version")
    house.manage("restore", str(file), "--replace")
    assert set(rows) == set(house.contents()) - {"sequences", "rules"}
    assert house.rows("SELECT number FROM of_an_older_version") == [(1,)]
    house.change("DROP TABLE of_an_older_version")


def test_a_house_that_is_lived_in_is_not_replaced_without_being_told(
    house: Installation, backup: Path
) -> None:
    assert house.manage("restore", str(backup), code=1) == NOT_EMPTY


def test_a_backup_that_lacks_rows_changes_nothing(
    house: Installation, backup: Path, tmp_path: Path
) -> None:
    house.change("CREATE TABLE still_here ()")
    file = altered(backup, tmp_path / "altered.zip", rows={"rotation_booking": 1_000_000})
    assert house.manage("restore", str(file), "--replace", code=1) == (
        "CommandError: Nothing was changed:"
        " the backup does not hold as many rows of rotation_booking as it says.\n"
    )
    assert house.rows("SELECT to_regclass('still_here')::text") == [("still_here",)]


MIGRATED_FURTHER = (
    "This backup was made by another or a newer version (9.0), which has the migrations"
    " rotation.9999_next: install that version and restore there."
)
NEWER_SERVER = "This backup comes from PostgreSQL 99; the server here is older (18)."
NEWER_FORMAT = "Backups of the format rundgang-backup-9 are not known here."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"migrations": ["rotation.9999_next"], "version": "9.0"}, MIGRATED_FURTHER),
        ({"server": 99}, NEWER_SERVER),
        ({"format": "rundgang-backup-9"}, NEWER_FORMAT),
    ],
)
def test_what_comes_from_a_newer_house_is_refused(
    backup: Path, tmp_path: Path, values: dict[str, object], sentence: str
) -> None:
    file = altered(backup, tmp_path / "altered.zip", **values)
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(file))
    assert str(refused.value) == sentence


def flipped(raw: bytes) -> bytes:
    """Return the bytes with one bit changed in the middle, where the dump is."""
    middle = len(raw) // 2
    return raw[:middle] + bytes([raw[middle] ^ 1]) + raw[middle + 1 :]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda _raw: b"no zip", "File is not a zip file"),
        (lambda raw: raw[:-1000], "File is not a zip file"),
        (flipped, "Bad CRC-32 for file 'database.dump'"),
    ],
)
def test_a_damaged_backup_is_named(
    backup: Path, tmp_path: Path, damage: Callable[[bytes], bytes], found: str
) -> None:
    file = tmp_path / "damaged.zip"
    file.write_bytes(damage(backup.read_bytes()))
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(file))
    assert str(refused.value) == f"This is no backup of Rundgang, or it is damaged: {found}."


def test_a_backup_is_private_and_replaces_no_other(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match=r"house\.zip is there already: choose another name"):
        call_command("backup", str(backup))
    assert [file.name for file in backup.parent.iterdir()] == ["house.zip"]


def test_programs_older_than_the_server_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "_folders", lambda: iter([Path("/old"), Path("/older")]))
    monkeypatch.setattr(clients, "_major", {Path("/old"): 15, Path("/older"): 13}.__getitem__)
    with pytest.raises(CommandError, match=r"found: 15 in /old, 13 in /older"):
        clients.as_new_as(18)
    assert clients.as_new_as(14) == Path("/old")


def test_an_older_server_is_not_told_what_it_cannot_know() -> None:
    script = [b"SET lock_timeout = 0;\n", b"SET transaction_timeout = 0;\n", b"COPY x;\n"]
    assert list(for_server(script, 15)) == [script[0], script[2]]
    assert list(for_server(script, 17)) == script
