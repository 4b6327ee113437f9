"""Outcomes of each example: kept as a file, read back, and scored again to the same figures."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from tests.golden.test_figures import SCORED
from tests.smallpack import DEMO_BENCHMARKS, small_pack

from farfield.cli import main
from farfield_evaluators import outcomes as module
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.columns import Attribute
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.evaluate import Truth, evaluate, scored
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.outcomes import Outcomes, OutcomesError, outcomes_of, read, rescore, sha256_of, write
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.scoring.groups import per_group, worst_of
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.staging import stage

MINI = DEMO_BENCHMARKS[0]
EVERYTHING = (
    scorers.ACCURACY,
    scorers.CLASS_ACCURACY,
    *scorers.CALIBRATION,
    worst_of(scorers.ACCURACY, ("label",)),
    per_group(scorers.NLL, ("label",), smallest=3),
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("outcomes"))


def run_of(benchmark: Benchmark, pack: Pack, folder: Path, seed: int = 0) -> tuple[Truth, dict[str, np.ndarray]]:
    """A staged run, in its own secret order, of predictions that depend on the example alone."""
    truth = stage(benchmark, pack, folder, None)
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(pack.labels), truth.classes)).astype(np.float32)
    scores = rng.normal(size=len(pack.labels))
    return truth, {"logits": logits[truth.positions], "scores": scores[truth.positions]}


def kept(benchmark: Benchmark, pack: Pack, folder: Path) -> tuple[Outcomes, dict]:
    truth, arrays = run_of(benchmark, pack, folder)
    result = scored(benchmark, truth, arrays)
    figures = {figure.key: figure for figure in result.figures}
    return outcomes_of(benchmark, pack.fingerprint, truth, result.tests), figures


def with_everything(benchmark: Benchmark) -> Benchmark:
    if benchmark is not MINI:
        return benchmark
    metrics = dict.fromkeys(metric for scorer in EVERYTHING for metric in scorer.gives)
    return replace(benchmark, scorers=EVERYTHING, metrics=tuple(metrics))


@pytest.mark.parametrize("benchmark", DEMO_BENCHMARKS, ids=lambda benchmark: benchmark.name)
def test_a_run_is_scored_again_to_the_last_digit(benchmark: Benchmark, pack: Pack, tmp_path: Path) -> None:
    benchmark = with_everything(benchmark)
    outcomes, figures = kept(benchmark, pack, tmp_path / "in")
    written = write(outcomes, tmp_path / "run.parquet")
    again = rescore(benchmark, pack, read(tmp_path / "run.parquet", written.sha256))
    assert {figure.key: figure for figure in again} == figures
    assert written.rows == outcomes.rows == sum(len(pack.members(d.set)) for d in benchmark.domains)
    assert written.size == (tmp_path / "run.parquet").stat().st_size


def test_label_spaces_are_scored_again(pack: Pack, tmp_path: Path) -> None:
    """What depends on other sets' label spaces is an outcome, too: no logits are needed."""
    from tests.golden.test_figures import run_of as random_run

    benchmark = next(b for b in SCORED if b.name == "imagenet-ood/imagenet")
    truth, arrays = random_run(benchmark)
    result = scored(benchmark, truth, arrays)
    gone = [test.with_outputs(module._Gone()) for test in result.tests]
    assert module.figures_of(benchmark, gone) == result.figures


def test_two_runs_that_said_the_same_are_one_file(pack: Pack, tmp_path: Path) -> None:
    """Each run has a secret order of its own, of which nothing is left."""
    hashes = {write(kept(MINI, pack, tmp_path / f"in{n}")[0], tmp_path / f"{n}.parquet").sha256 for n in range(2)}
    assert hashes == {sha256_of(tmp_path / "0.parquet")}


def test_the_file_is_plain_parquet_without_a_label(pack: Pack, tmp_path: Path) -> None:
    for benchmark in DEMO_BENCHMARKS:
        outcomes, _ = kept(with_everything(benchmark), pack, tmp_path / benchmark.name.replace("/", "-"))
        write(outcomes, tmp_path / "run.parquet")
        table = pyarrow.parquet.read_table(tmp_path / "run.parquet")
        assert table.column_names[:2] == ["example", "domain"]
        assert not [name for name in table.column_names if "label" in name]
        places = table["example"].to_numpy()
        names = table["domain"].to_pylist()
        number = {d.name: pack.members(d.set) for d in benchmark.domains}
        assert all(place in number[name] for place, name in zip(places, names, strict=True))


def test_columns_that_only_some_domains_have_are_null_elsewhere(pack: Pack, tmp_path: Path) -> None:
    detection = DEMO_BENCHMARKS[1]
    outcomes, _ = kept(detection, pack, tmp_path / "in")
    write(outcomes, tmp_path / "run.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "run.parquet")
    ood = sum(len(pack.members(d.set)) for d in detection.domains if d.role != "id")
    assert table["hit-of-all-classes"].null_count == ood
    assert table["score"].null_count == 0
    assert {type(value) for value in table["hit-of-all-classes"].to_pylist()} == {bool, type(None)}


def test_outcomes_of_other_data_are_refused(pack: Pack, tmp_path: Path) -> None:
    outcomes, _ = kept(MINI, pack, tmp_path / "in")
    with pytest.raises(OutcomesError, match="outcomes of imagenet-ood/mini, version 1, on the pack 000000000000, and"):
        rescore(MINI, pack, replace(outcomes, fingerprint="0" * 64))
    with pytest.raises(OutcomesError, match="and not of ood-detection/mini"):
        rescore(DEMO_BENCHMARKS[1], pack, outcomes)
    beyond = replace(outcomes.domains[0], examples=outcomes.domains[0].examples + 10_000)
    with pytest.raises(OutcomesError, match="domains or examples that imagenet-ood/mini does not have"):
        rescore(MINI, pack, replace(outcomes, domains=(beyond, *outcomes.domains[1:])))


def test_a_scorer_that_looks_at_outputs_says_that_they_are_gone(pack: Pack, tmp_path: Path) -> None:
    peeking = each(ACCURACY, lambda test: Estimate(value=float(test.outputs["logits"].max()), stderr=None))
    outcomes, _ = kept(MINI, pack, tmp_path / "in")
    with pytest.raises(OutcomesError, match="looks at 'logits', which is not kept; the method must be run again"):
        rescore(replace(MINI, scorers=(peeking,)), pack, outcomes)


@pytest.mark.parametrize("bound", ["MOST_ROWS", "MOST_COLUMNS"])
def test_more_than_can_be_kept_is_neither_written_nor_read(
    pack: Pack, tmp_path: Path, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes, _ = kept(MINI, pack, tmp_path / "in")
    write(outcomes, tmp_path / "good.parquet")
    with pytest.raises(OutcomesError, match=r"88 rows of 1 outcomes take 0 MiB; at most .* and 0 MiB are kept"):
        write(outcomes, tmp_path / "run.parquet", most_bytes=100)
    with pytest.raises(OutcomesError, match="too much to read"):
        read(tmp_path / "good.parquet", most_bytes=100)
    monkeypatch.setattr(module, bound, 0 if bound == "MOST_ROWS" else -2)
    with pytest.raises(OutcomesError, match="are kept"):
        write(outcomes, tmp_path / "run.parquet")
    with pytest.raises(OutcomesError, match="too much to read"):
        read(tmp_path / "good.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["good.parquet", "in"]


def test_what_is_no_such_file_says_so(pack: Pack, tmp_path: Path) -> None:
    with pytest.raises(OutcomesError, match="is no file of outcomes"):
        read(tmp_path / "absent")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(OutcomesError, match="text is no file of outcomes: ArrowInvalid"):
        read(tmp_path / "text")
    pyarrow.parquet.write_table(pyarrow.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(OutcomesError, match="is no file of outcomes: TypeError"):
        read(tmp_path / "other.parquet")
    outcomes, _ = kept(MINI, pack, tmp_path / "in")
    write(outcomes, tmp_path / "run.parquet")
    with pytest.raises(OutcomesError, match="is damaged"):
        read(tmp_path / "run.parquet", "0" * 64)


def test_without_the_library_it_is_named(pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes, _ = kept(MINI, pack, tmp_path / "in")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OutcomesError, match=r"pip install 'farfield-platform\[arrays\]'"):
        write(outcomes, tmp_path / "run.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_the_command_prints_what_the_run_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FARFIELD_VAR", str(tmp_path / "var"))
    pack = small_pack(tmp_path / "var")
    outcomes, figures = kept(MINI, pack, tmp_path / "in")
    write(outcomes, tmp_path / "run.parquet")
    assert main(["score", MINI.name, "--outcomes", str(tmp_path / "run.parquet"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == [figure.as_json() for figure in figures.values()]
    assert main(["score", MINI.name, "--outcomes", str(tmp_path / "absent")]) == 1
    assert "is no file of outcomes [outcomes.invalid]" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["score", MINI.name, "mine.npz", "--outcomes", str(tmp_path / "run.parquet")])


def test_attributes_are_those_of_the_pack_and_not_kept(pack: Pack, tmp_path: Path) -> None:
    truth, arrays = run_of(MINI, pack, tmp_path / "in")
    place = Attribute(numbers=truth.positions % 3, values=("a", "b", "c"))
    benchmark = replace(
        MINI,
        scorers=(scorers.ACCURACY, worst_of(scorers.ACCURACY, ("place",))),
        metrics=(ACCURACY, *worst_of(scorers.ACCURACY, ("place",)).gives),
        groups=("place",),
    )
    figures = evaluate(benchmark, replace(truth, attributes={"place": place}), arrays)
    assert {figure.metric for figure in figures} == {"accuracy", "worst-group-accuracy"}
    assert benchmark.comparability_key("x") != replace(benchmark, groups=()).comparability_key("x")
