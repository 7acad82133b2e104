import os
import re
from pathlib import Path

import pytest

from config.environment import load_runtime, read_runtime
from launcher.configuration import CHECKOUT


def test_what_was_given_wins_over_the_running_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runtime.env").write_text("REDIS_URL=redis://a/0\nROTATION_SMTP=b:25\nPATH=/evil\n")
    monkeypatch.setenv("REDIS_URL", "redis://mine/0")
    monkeypatch.delenv("ROTATION_SMTP", raising=False)

    load_runtime(tmp_path)

    assert (os.environ["REDIS_URL"], os.environ.pop("ROTATION_SMTP")) == ("redis://mine/0", "b:25")
    assert os.environ["PATH"] != "/evil"


def test_no_running_server_says_nothing(tmp_path: Path) -> None:
    assert read_runtime(tmp_path / "runtime.env") == {}


def test_the_operator_is_told_of_every_variable() -> None:
    readers = ("config/settings.py", "launcher/configuration.py")
    code = "".join((CHECKOUT / name).read_text() for name in readers)
    told = (CHECKOUT / "docs" / "operator.md").read_text()
    wanted = set(re.findall(r'"(ROTATION_[A-Z_]+|[A-Z]+_URL)"', code))
    assert sorted(name for name in wanted if f"`{name}`" not in told) == []
    assert len(wanted) > 15
