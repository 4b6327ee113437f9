"""Commands as a stranger uses them: whatever the machine refuses is a sentence and a status, and no figure is lost."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.commands import run_here

from farfield import terminal
from farfield.cli import build_parser, main

ASCII = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
FULL = Path("/dev/full")


def farfield(*arguments: str, **more: str) -> Any:
    command = [sys.executable, "-m", "farfield", *arguments]
    environment = {**os.environ, "FARFIELD_VAR": "/nonexistent/var", **more}
    done = subprocess.run(command, capture_output=True, env=environment, timeout=120, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def script(body: str, stdout: Any = subprocess.PIPE, **more: str) -> Any:
    """A command of its own at the edge."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    code = f"import sys\nfrom farfield.terminal import *\nwith at_the_edge() as edge:\n{lines}sys.exit(edge.status)\n"
    return subprocess.run(
        [sys.executable, "-c", code], stdout=stdout, stderr=subprocess.PIPE, env={**os.environ, **more},
        timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["chek", "x"], 2),
        (["evaluate", "constant"], 2),
        (["evaluate", "constant", "--benchmark", "imagenet-od/mini"], 1),
        (["evaluate", "constant", "--benchmark", "domainbed/pacs", "--tier", "smok"], 2),
        (["score", "imagenet-ood/mini", "absent.npz"], 1),
        (["score", "ood-detection", "--id", ".", "--ood", "x=."], 1),
        (["score", "domainbed", "--records", "absent"], 1),
        (["score", "domainbed", "--records", "file"], 1),
        (["score", "imagenet-ood", "--set", "val=absent.npz"], 1),
        (["data", "import", "imagenet-val", "absent"], 1),
        (["data", "import", "farfield-mni"], 1),
        (["data", "verify", "nothing"], 1),
        (["data", "export", "imagenet-ood/mini", "file"], 1),
        (["submit", "--records", "absent", "--benchmark", "domainbed/pacs", "--method", "m", "--summary", "s",
          "--track", "open", "--backbone", "b"], 1),
        (["check", "absent-1.0-py3-none-any.whl"], 1),
        (["check", "file"], 1),
        (["check", "./folder"], 1),
        (["new", "x", "--into", "file"], 1),
        (["new", "farfield"], 1),
        (["methods", "extra"], 2),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else str(value),
)  # fmt: skip
def test_platform_error_wrong_words_and_files_are_sentences(tmp_path: Path, arguments: list[str], status: int) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    environment = {**os.environ, "FARFIELD_VAR": str(tmp_path)}
    ended, _, said = run_here(*arguments, environment=environment, cwd=tmp_path)
    assert ended == status, said
    assert said
    assert "Traceback" not in said
    assert "[platform.error]" not in said


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["evaluat", "x"], "did you mean evaluate?"),
        (["evaluate", "x", "--benchmark", "domainbed/pacs", "--tier", "smok"], "did you mean smoke?"),
        (["data", "imort", "x"], "did you mean import?"),
    ],
)
def test_wrong_words_are_answered_with_the_near_ones(
    arguments: list[str], near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert near in capsys.readouterr().err


def test_statuses_are_in_the_help() -> None:
    assert "Status: 0 when it went well, 1 when" in " ".join(build_parser().format_help().split())


def test_an_ascii_terminal_shows_figures_in_its_own_characters() -> None:
    done = script("publish('accuracy 12.5 \\u00b1 0.3 \\u2192 \\u732b\\n'); edge.status = 0", **ASCII)
    assert (done.returncode, done.stdout) == (0, b"accuracy 12.5 +- 0.3 -> \\u732b\n")
    assert script("print('\\u00b1', file=sys.stderr); edge.status = 0", **ASCII).returncode == 0


def test_every_command_lists_itself_on_an_ascii_terminal() -> None:
    for arguments in (["--help"], ["benchmarks"], ["score", "--help"], ["evaluate", "--help"]):
        assert farfield(*arguments, **ASCII).returncode == 0


def test_figures_that_cannot_be_written_are_said_elsewhere() -> None:
    with FULL.open("wb") as full:
        done = script("publish('accuracy 12.5\\n'); edge.status = 0", stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith(b"accuracy 12.5\n")
    assert b"farfield: No space left on device; make room" in done.stderr
    assert b"[system.file]" in done.stderr


def test_a_closed_pipe_is_no_complaint() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = script("publish('x' * 100_000); edge.status = 0", stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("open('/nonexistent/x')", 1, "/nonexistent/x: No such file or directory; check how it is written"),
        ("open('/')", 1, "/: Is a directory; name a file, not a folder [system.file]"),
        ("open('/dev/null/x')", 1, "/dev/null/x: Not a directory; a part of that path is a file"),
        ("import os; os.rename('/nonexistent/a', '/nonexistent/b')", 1, "/nonexistent/a and /nonexistent/b: "),
        ("raise OSError('odd')", 1, "farfield: odd [system.file]"),
        ("raise MemoryError", 1, "not enough memory for that [system.memory]"),
        ("raise KeyboardInterrupt", 130, ""),
    ],
)  # fmt: skip
def test_what_the_system_refuses_is_a_sentence(body: str, status: int, said: str) -> None:
    done = script(body)
    text = done.stderr.decode()
    assert (done.returncode, said in text, "Traceback" in text) == (status, True, False)


def test_a_defect_of_ours_still_shows_itself() -> None:
    assert b"ZeroDivisionError" in script("1 / 0").stderr


def test_streams_that_are_no_files_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    terminal.speak_any_encoding()
