import json
import os
from pathlib import Path

from launcher.processes import start
from launcher.records import end_leftovers, identity, record
from tests.launcher.dummies import SLEEP, is_alive, program


def test_a_process_that_outlived_its_supervisor_is_ended(tmp_path: Path) -> None:
    process = start(program("part", SLEEP, tmp_path))
    record(tmp_path / "processes.json", [process.pid])
    assert end_leftovers(tmp_path / "processes.json") == 1
    assert process.has_ended()


def test_a_stranger_who_got_the_recorded_id_is_left_alone(tmp_path: Path) -> None:
    process = start(program("stranger", SLEEP, tmp_path))
    (tmp_path / "processes.json").write_text(json.dumps([[process.pid, "another birth"]]))
    assert end_leftovers(tmp_path / "processes.json") == 0
    assert is_alive(process.pid)
    process.stop()


def test_no_record_and_a_torn_record_end_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text("[[12")
    assert end_leftovers(tmp_path / "none.json") == 0
    assert end_leftovers(tmp_path / "torn.json") == 0


def test_an_identity_is_stable_and_gone_with_its_process(tmp_path: Path) -> None:
    process = start(program("part", SLEEP, tmp_path))
    assert identity(process.pid) == identity(process.pid) != identity(os.getpid())
    process.stop()
    assert identity(process.pid) is None
