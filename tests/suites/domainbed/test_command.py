"""`farfield score domainbed`, as a person types it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.suites.domainbed.auto_lr import write_runs
from tests.suites.domainbed.sweeps import by_hash, sweep, vlcs, with_statistics, write

from farfield.cli import main


@pytest.fixture
def records(tmp_path: Path) -> Path:
    write(tmp_path / "sweep", sweep(by_hash, algorithms=["ERM", "IRM"], trials=3, hparams=2, pairs=True))
    return tmp_path / "sweep"


def test_it_prints_all_three_rules(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", "domainbed", "--records", str(records)]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0] == "Total records: 216"
    titles = [line.rpartition("method: ")[2] for line in lines if line.startswith("-------- Dataset")]
    assert titles == [
        "training-domain validation set",
        "leave-one-domain-out cross-validation",
        "test-domain validation set (oracle)",
    ]
    assert "X" not in printed.out
    assert printed.err == ""


def test_the_fourth_rule_follows_where_every_record_has_its_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "plain", sweep(by_hash))
    write(tmp_path / "ours", with_statistics(sweep(by_hash)))
    printed = {}
    for name in ("plain", "ours"):
        assert main(["score", "domainbed", "--records", str(tmp_path / name)]) == 0
        printed[name] = capsys.readouterr().out
    assert printed["ours"].startswith(printed["plain"])
    fourth = printed["ours"].removeprefix(printed["plain"])
    assert fourth.count("training-domain validation set with variation") == 2
    assert main(["score", "domainbed", "--records", str(tmp_path / "ours"), "--selection", "variation"]) == 0
    assert capsys.readouterr().out == "Total records: 9\n" + fourth


def test_the_fourth_rule_is_refused_where_a_record_lacks_its_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, sweep(by_hash))
    assert main(["score", "domainbed", "--records", str(tmp_path), "--selection", "variation"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "(and 8 more lines): variation and informativeness are missing" in printed.err
    assert "[records.missing_key]" in printed.err


def test_runs_that_trained_twice_have_the_table_of_domainbeds_auto_lr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_runs(tmp_path)
    asked = ["score", "domainbed", "--records", str(tmp_path), "--selection", "auto-lr"]
    assert main(asked) == 0
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines()[2:]]
    assert printed == (Path(__file__).parent / "auto_lr.txt").read_text(encoding="utf-8").splitlines()
    results = tmp_path / "run03" / "results.jsonl"
    first, *_ = results.read_text(encoding="utf-8").splitlines()
    results.write_text(f"{first}\n", encoding="utf-8")
    shutil.rmtree(tmp_path / "run04")
    assert main(asked) == 1
    refused = capsys.readouterr().err
    assert "run03/results.jsonl: the run has no second training" in refused
    assert "2 of 12 runs are missing" in refused
    assert "[records.unfinished]" in refused


@pytest.mark.parametrize("words", [["score", "domainbed/pacs", "a.npz"], ["data", "export", "domainbed/pacs", "x"]])
def test_a_sweep_has_no_file_of_predictions(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 1
    assert "domainbed/pacs has no file of predictions: its results are records of a sweep" in capsys.readouterr().err


def test_a_rule_and_a_format_are_chosen(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--selection", "oracle", "--format", "json"]
    assert main(["score", "domainbed", "--records", str(records), *chosen]) == 0
    read = json.loads(capsys.readouterr().out)
    assert {t["selection"] for t in read["tables"]} == {"oracle"}


def test_an_unfinished_sweep_is_refused_unless_partial_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, vlcs())
    assert main(["score", "domainbed", "--records", str(tmp_path)]) == 1
    refused = capsys.readouterr()
    assert refused.out == ""
    assert "ERM on VLCS: 24 of 40 runs are missing" in refused.err
    assert refused.err.rstrip().endswith("[records.unfinished]")
    assert main(["score", "domainbed", "--records", str(tmp_path), "--partial"]) == 0
    printed = capsys.readouterr()
    assert "ERM                   98.0 +/- 0.2          X" in printed.out
    assert "unfinished: ERM on VLCS: 24 of 40 runs are missing" in printed.err


def test_what_is_missing_is_not_listed_without_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, sweep(by_hash))
    for number in range(15):
        (tmp_path / f"run{number}").mkdir()
    assert main(["score", "domainbed", "--records", str(tmp_path), "--partial"]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "unfinished: and 5 more"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["domainbed"], "takes --records DIR, and no file"),
        (["domainbed", "a.npz", "--records", "."], "takes --records DIR, and no file"),
        (["imagenet-ood/mini"], "takes a file of predictions, and no --records"),
        (["imagenet-ood/mini", "a.npz", "--records", "."], "takes a file of predictions, and no --records"),
        (["domainbed", "--records", ".", "--selection", "best"], "invalid choice: 'best'"),
    ],
)
def test_a_wrong_way_to_ask_is_explained(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["score", *words])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_records_that_are_edited_by_hand_publish_nothing(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = min(records.iterdir())
    file = run / "results.jsonl"
    file.write_text(file.read_text().replace('"env1_in_acc": ', '"env1_in_acc": 7', 1))
    assert main(["score", "domainbed", "--records", str(records), "--partial"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"{run.name}/results.jsonl:1: env1_in_acc is 7" in printed.err
    assert "[records.bad_value]" in printed.err


def test_scoring_imports_no_torch() -> None:
    script = "import sys, farfield_evaluators.suites.domainbed.command; print({'torch', 'django'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
