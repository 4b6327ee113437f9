"""PovertyMap's folds on a site: made arrays in the official layout, a whole entry, and one that lacks a fold."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.live import Live

pytestmark = [pytest.mark.services, pytest.mark.slow]
BOARD = "wilds/poverty"
SECONDS = 120.0


@pytest.fixture
def author(live: Live) -> Iterator[Live]:
    author = live.sign_up(f"author-{uuid.uuid4().hex[:8]}")
    with author.api:
        yield author


def entered(author: Live, method: str) -> dict[str, Any]:
    """The submission of a method once it has ended."""
    known, has_data = f"methods/{method}", f"benchmarks/{BOARD}"
    author.wait(lambda: author.api.get(known).is_success and author.api.get(has_data).json()["has_data"], SECONDS)
    return author.finished(author.submit(method, BOARD), SECONDS)


def test_five_folds_are_one_entry_with_a_rank(author: Live) -> None:
    done = entered(author, "bands")
    assert done["status"] == "succeeded", [run["failure"] for run in done["runs"]]
    assert [run["at"] for run in done["runs"]] == [{"fold": fold} for fold in "ABCDE"]
    (row,) = [row for row in author.api.get(f"leaderboards/{BOARD}").json()["rows"] if row["submission"] == done["id"]]
    assert row["rank"] == 1
    figures = {(figure["metric"], figure["domain"]): figure for figure in done["figures"]}
    headline = figures["worst-group-pearson", "test"]
    of_folds = [figures["worst-group-pearson", f"test[fold={fold}]"]["value"] for fold in "ABCDE"]
    assert headline["value"] == pytest.approx(sum(of_folds) / 5)
    assert headline["value"] > 0.9
    log = author.api.get(f"runs/{done['runs'][0]['id']}/log").text
    assert "arrays float32 [4, 4, 8]; val of " in log


def test_an_entry_that_lacks_a_fold_has_no_rank_and_says_which(author: Live) -> None:
    done = entered(author, "needs-kenya")
    failed = {run["at"]["fold"]: run["status"] for run in done["runs"]}
    assert failed == {"A": "succeeded", "B": "succeeded", "C": "succeeded", "D": "succeeded", "E": "failed"}
    (row,) = [row for row in author.api.get(f"leaderboards/{BOARD}").json()["rows"] if row["submission"] == done["id"]]
    assert row["rank"] is None
    assert "4 of 5 runs are done, 1 failed; fold E has no result: failed (plugin." in row["reason"]
    board = httpx.get(f"{author.site.url}/boards/{BOARD}/").text
    assert "fold E has no result" in board
