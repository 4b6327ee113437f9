"""Parsers that cost more than their input: what looks into a stranger's file does so apart, and within bounds."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from farfield.packaging import apart as module
from farfield.packaging.apart import MIB, CannotLook, Limits, Refused, TooCostly, Unreadable, apart

SMALL = Limits(memory_bytes=64 * MIB, cpu_seconds=2, wall_seconds=30)


def task(name: str) -> str:
    return f"tests.apart_tasks:{name}"


def test_plain_data_goes_in_and_comes_back() -> None:
    value = {"text": "\u202e\ud800", "numbers": [1, 2.5, None, True], "nested": {"a": []}}
    assert apart(task("echo"), {"value": value}) == value


def test_a_refusal_keeps_its_code_and_details() -> None:
    with pytest.raises(Refused, match="no") as caught:
        apart(task("refuse"), {})
    assert (caught.value.code, caught.value.details) == ("plugin.link", [{"a": 1}])


@pytest.mark.parametrize("name", ["fill_memory", "many_small"])
def test_memory_is_bounded(name: str) -> None:
    with pytest.raises(TooCostly, match="memory") as caught:
        apart(task(name), {}, Limits(memory_bytes=64 * MIB))
    assert caught.value.code == "resources.inspection"


def test_a_toml_key_of_16000_parts_cannot_take_gibibytes() -> None:
    text = ".".join(["a"] * 16_000) + " = 1\n"
    with pytest.raises(TooCostly):
        apart(task("toml"), {"text": text}, Limits(memory_bytes=256 * MIB))


def test_processor_time_is_bounded() -> None:
    with pytest.raises(TooCostly):
        apart(task("spin"), {}, SMALL)


def test_time_on_the_wall_is_bounded_and_the_whole_group_ends(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(TooCostly, match="too long"):
        # Root is not held by a limit on processes: what was started must end as well.
        apart(task("leave_a_child" if os.geteuid() == 0 else "sleep"), {"note": str(note)}, _wall(2.0, note))
    wait_until_gone(int(note.read_text()))


def test_the_child_ends_with_who_asked(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    limits = "Limits(written_bytes=1000, wall_seconds=60)"
    code = f"from farfield.packaging.apart import *; apart('{task('sleep')}', {{'note': {str(note)!r}}}, {limits})"
    root = Path(__file__).parents[4]
    asking = subprocess.Popen([sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
    try:
        wait_until(lambda: note.exists() and note.read_text() != "")
    finally:
        asking.kill()
        asking.wait()
    wait_until_gone(int(note.read_text()))


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_is_killed_blames_the_file(number: signal.Signals) -> None:
    with pytest.raises(TooCostly):
        apart(task("die"), {"signal_number": int(number)})


def test_what_nobody_foresaw_is_an_error_of_the_file_and_in_our_log(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unreadable, match="RecursionError"):
        apart(task("recurse"), {})
    assert "in recurse" in caplog.text


def test_a_child_that_cannot_start_blames_nobodys_file(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(CannotLook) as caught:
        apart("no_such_module:task", {})
    assert caught.value.code == "platform.error"
    assert "no_such_module" in caplog.text


def test_an_answer_is_bounded() -> None:
    with pytest.raises(TooCostly, match="answer"):
        apart(task("chatter"), {}, Limits(answer_bytes=1000))


def test_the_child_holds_no_secret_and_is_light(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_SECRET_KEY", "s3cret")
    found = apart(task("seen"), {})
    assert "s3cret" not in str(found)
    assert not any(name.startswith("FARFIELD") for name in found["environment"])
    assert (found["numpy"], found["folder"]) == (False, "/")


def test_only_a_few_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", module.threading.BoundedSemaphore(1))
    with module._AT_ONCE, pytest.raises(CannotLook, match="too many"):
        apart(task("echo"), {"value": 1}, Limits(wall_seconds=0.1))
    assert apart(task("echo"), {"value": 1}) == 1


def _wall(seconds: float, _note: Path) -> Limits:
    return Limits(written_bytes=1000, wall_seconds=seconds)


def wait_until(true: object) -> None:
    deadline = time.monotonic() + 30
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_until_gone(pid: int) -> None:
    def gone() -> bool:
        stat = Path(f"/proc/{pid}/stat")
        try:
            return stat.read_text().rpartition(")")[2].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    wait_until(gone)
