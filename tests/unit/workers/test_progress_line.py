"""How far an evaluation is, on a terminal and where nobody watches."""

import sys

import pytest

from farfield_workers.commands import _Terminal
from farfield_workers.execution import Progress


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        (True, f"\r{'running':<60}\n" + "\r  predict 3/9".ljust(60) + "\rof the method\n"),
        (False, "running\nof the method\n"),
    ],
)
def test_a_line_that_is_written_over_is_for_those_who_watch(
    watched: bool, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched)
    terminal = _Terminal(quiet=False)
    terminal.stage("running")
    terminal.progress(Progress(phase="predict", done=3, total=9))
    terminal.log("of the method\n")
    assert capsys.readouterr().err == said
