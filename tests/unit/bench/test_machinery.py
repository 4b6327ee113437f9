"""A row that fails is named with what it found, the others go on, and rows that were not asked for stay."""

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from bench import __main__ as bench
from bench.rows import Row

MADE = "tests.unit.bench.made"
PAGE = f"# Speed\n{bench.table.BEGIN}\nold\n{bench.table.END}\nafter\n"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(bench, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(bench, "PROGRAM", MADE)
    monkeypatch.setattr(bench, "ROWS", tuple(Row(number=number, title="Made", module="") for number in (1, 2, 12)))
    bench.PAGE.write_text(PAGE, encoding="utf-8")


def test_a_row_that_fails_is_named_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    before = bench.measure(bench.ROWS[0], quick=False)
    bench.keep([{**before, "row": 4, "failed": "before"}], bench.RESULTS)
    assert bench.main([]) == 1
    rows = {row["row"]: row for row in json.loads(bench.RESULTS.read_text(encoding="utf-8"))["rows"]}
    assert {number: row["failed"] for number, row in rows.items()} == {
        1: "",
        2: "RuntimeError: there is no room",
        4: "before",
        12: "row 12 has a result of row 2: made",
    }
    assert [body["ours"] for body in rows[2]["results"]] == [[2.0, 0.0]]
    assert rows[1]["machine"]["cores"] >= 1
    assert {"commit", "load", "load_after", "seconds"} <= rows[1].keys()
    assert {"numpy", "torch", "django"} <= rows[1]["machine"].keys()
    page = bench.PAGE.read_text(encoding="utf-8")
    assert "| 2 | **failed**: RuntimeError: there is no room |" in page
    assert (page.startswith("# Speed\n"), page.endswith("\nafter\n"), "old" in page) == (True, True, False)
    assert "row 2: RuntimeError: there is no room" in capsys.readouterr().err


def test_what_was_measured_is_kept_though_the_rest_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    measure = bench.measure

    def broken_off(row: Row, *, quick: bool) -> dict[str, Any]:
        if row.number != 1:
            raise KeyboardInterrupt
        return measure(row, quick=quick)

    monkeypatch.setattr(bench, "measure", broken_off)
    with pytest.raises(KeyboardInterrupt):
        bench.main([])
    assert [(row["row"], row["failed"]) for row in bench.read(bench.RESULTS)] == [(1, "")]
    assert "| 1 | made |" in bench.PAGE.read_text(encoding="utf-8")


def test_a_quick_look_keeps_nothing() -> None:
    assert bench.main(["--quick", "--rows", "1"]) == 0
    assert not bench.RESULTS.exists()
    assert bench.PAGE.read_text(encoding="utf-8") == PAGE


def test_a_row_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MOST_SECONDS", 0.01)
    assert bench.measure(bench.ROWS[0], quick=True)["failed"] == "not done in 0 s"


def test_what_a_row_started_ends_with_it_even_if_it_will_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "MOST_SECONDS", 1.0)
    monkeypatch.setattr(bench, "GRACE_SECONDS", 0.1)
    row = ("sh", "-c", "trap '' TERM; sleep 300 & echo $!; wait")
    assert bench._run(row, tmp_path / "said", tmp_path / "errors") == "not done in 1 s"
    child = int((tmp_path / "said").read_text(encoding="utf-8"))
    until = time.monotonic() + 10
    while _runs(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
