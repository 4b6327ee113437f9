"""Blame: whatever a method wrote, its run ends by the method's fault or with scores, and never by the platform's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.smallpack import small_pack

from farfield_evaluators import outcomes
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell, Entrant, Outputs, Staged, Staging
from farfield_workers.evaluation import curve_of, evidence_of
from farfield_workers.failures import RunFailure
from farfield_workers.outputs import read_outputs, rules_of
from farfield_workers.quiet import Quiet

BENCHMARK = find("imagenet-ood/mini")
RECURSING = b"\x93NUMPY\x01\x00\xd0\x07" + b"(" * 2000


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture(scope="module")
def staging(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Staging:
    return Staging(
        benchmark=BENCHMARK,
        pack=pack,
        tier="",
        cell=Cell(at={"trial": 0}),
        entrant=Entrant(identity="", benchmark=BENCHMARK.name, method="any"),
        description={"name": "any"},
        config={},
        folder=tmp_path_factory.mktemp("staged") / "in",
    )


@pytest.fixture(scope="module")
def staged(staging: Staging) -> Staged:
    return BENCHMARK.plan.stage(staging)


@pytest.mark.parametrize(
    "content", [RECURSING, b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00\xff\xff{", b"\x93NUMPY\x03\x00\x10\x00\x00\x00"]
)
def test_a_file_of_predictions_that_its_reader_fails_on(tmp_path: Path, staged: Staged, content: bytes) -> None:
    (tmp_path / "logits.npy").write_bytes(content)
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(RunFailure, match=r"logits\.npy") as caught:
        read_outputs(rules_of(BENCHMARK, staged), staged, tmp_path)
    assert (caught.value.code, caught.value.infrastructure) == ("predictions.invalid", False)


@pytest.mark.parametrize("value", [1.7e308, -1.7e308, 5e-324, 0.0])
@pytest.mark.filterwarnings("ignore")
def test_predictions_at_the_ends_of_what_a_number_can_be(staging: Staging, staged: Staged, value: float) -> None:
    logits = np.full(rules_of(BENCHMARK, staged)["logits"].shape, value)
    logits[:, 0] = -value
    assert evidence_of(staging, staged, Outputs(arrays={"logits": logits})).figures


@pytest.mark.parametrize("error", [RecursionError, MemoryError, KeyError, OverflowError, AssertionError])
def test_what_nobody_foresaw_in_scoring_is_the_methods_and_in_our_log(
    staging: Staging,
    staged: Staged,
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(outcomes, "judged", fails)
    with pytest.raises(RunFailure, match="the predictions cannot be read") as caught:
        evidence_of(staging, staged, Outputs(arrays={}))
    assert (caught.value.code, caught.value.infrastructure) == ("predictions.invalid", False)
    assert "in fails" in caplog.text


@pytest.mark.parametrize(
    "points",
    ["[" * 990 + "]" * 990, '{"points": [1e999]}', '{"points": [[1]]}', '{"points": "x"}', "NaN", '{"points": [0, 1]}'],
)
def test_a_curve_that_its_reader_fails_on_costs_no_run(tmp_path: Path, staged: Staged, points: str) -> None:
    (tmp_path / "curve.json").write_text(points)
    (tmp_path / "curve-00.npy").write_bytes(RECURSING)
    assert curve_of(BENCHMARK, staged, tmp_path, Quiet()) == ()
