"""`farfield evaluate` on a benchmark on which no method is run says so, and what is done instead."""

import pytest
from tests.unit.web.plans import NAME, install

from farfield.cli import main
from farfield_evaluators.plans.trials import Trials


def test_a_method_is_refused_with_what_is_done_instead(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(monkeypatch, Trials(1), runs_methods=False)
    assert main(["evaluate", "msp", "--benchmark", NAME]) == 1
    said = capsys.readouterr().err
    assert "No method is run on Mini by shots: only results made elsewhere are taken." in said
    assert "`farfield score` scores predictions, `farfield submit` publishes them" in said
