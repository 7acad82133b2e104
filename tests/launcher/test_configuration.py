from pathlib import Path

import pytest

from launcher.configuration import (
    CHECKOUT,
    kept_secrets,
    read_configuration,
    read_pairs,
    write_private,
)
from launcher.problems import LaunchError


def test_an_empty_environment_means_embedded_servers_and_the_demo() -> None:
    found = read_configuration({})
    assert (found.data, found.url, found.demo) == (CHECKOUT / "var", "http://127.0.0.1:8000", True)
    assert found.public_url == found.url


def test_a_named_database_means_no_demo_unless_asked_for() -> None:
    named = {"DATABASE_URL": "postgres://u@h/d"}
    assert not read_configuration(named).demo
    assert read_configuration({**named, "ROTATION_DEMO": "1"}).demo


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ROTATION_PORT", "http", "ROTATION_PORT must be a number up to 65535, not 'http'."),
        ("ROTATION_PORT", "70000", "ROTATION_PORT must be a number up to 65535, not '70000'."),
        ("ROTATION_PORT", "²", "ROTATION_PORT must be a number up to 65535, not '²'."),
        ("ROTATION_DEMO", "maybe", "ROTATION_DEMO must be 1 or 0, not 'maybe'."),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str, sentence: str) -> None:
    with pytest.raises(LaunchError) as refused:
        read_configuration({name: value})
    assert str(refused.value) == sentence


def test_secrets_are_made_once_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    first = kept_secrets(path)
    assert kept_secrets(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(set(first.values())) == 3


def test_pairs_are_read_as_they_were_written_and_are_private(tmp_path: Path) -> None:
    path = tmp_path / "runtime.env"
    pairs = {"DATABASE_URL": "postgres://u:p=w@h/d?x=1", "EMPTY": ""}
    write_private(path, pairs)
    assert read_pairs(path) == pairs
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_pairs(tmp_path / "none.env") == {}
