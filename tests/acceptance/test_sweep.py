"""A sweep from the form to the board: one run fails and is tried again alone, the records go home and come back."""

import json
import os
import re
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.test_browser import WAIT, has_a_rank, sign_up
from tests.domaintoys import needs
from tests.live import PASSWORD, Live

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.slow]
FARFIELD = Path(sys.executable).with_name("farfield")
BENCHMARK, BOARD = "domainbed/colored-mnist", "/boards/domainbed/colored-mnist/?tier=smoke"
METHOD, NEEDED = "toy-levels-needy", "-90%"
STATE = "#live .state"


@pytest.fixture
def needy(live: Live) -> Iterator[None]:
    """The method fails in the run that holds out what it needs, until the test says otherwise."""
    needs(live.plugins, NEEDED)
    yield
    needs(live.plugins, "")


def test_a_sweep_from_the_form_to_the_board_and_its_records_back_again(
    page: Page, live: Live, needy: None, tmp_path: Path
) -> None:
    person = sign_up(page)
    submission = submit(page)
    expect(page.locator(STATE).first).to_have_text("Failed", timeout=WAIT)
    expect(page.locator("#plan-progress")).to_have_text("2 of 3 done, 1 failed")
    expect(page.get_by_text(f"nothing can be learned without {NEEDED}", exact=False).first).to_be_visible()
    page.goto(BOARD)
    row = page.get_by_role("row").filter(has_text=person)
    expect(row).to_contain_text("unfinished: 2 of 3 runs are done, 1 failed", ignore_case=True)
    needs(live.plugins, "")
    try_again_alone(page, submission)
    assert [run["attempt"] for run in live.submission(submission)["runs"]] == [1, 1, 2]
    page.goto(BOARD)
    has_a_rank(row)
    shown = row.locator("td.num").all_inner_texts()
    assert len(shown) == 4
    assert all("±" in text for text in shown), shown
    board = figures_of(live, person)
    records = download(page, submission, tmp_path)
    for rule in ("iid", "oracle", "variation"):
        # Records and boards leave the site with four digits each, rounded apart.
        assert scored(records, rule) == pytest.approx(board[rule], abs=1.5e-4)
    name = hand_in(live, person, records)
    page.goto(BOARD)
    again = page.get_by_role("row").filter(has_text=name)
    expect(again).to_contain_text("Predictions, not run here", ignore_case=True)
    assert values(again.locator("td.num").all_inner_texts()) == pytest.approx(values(shown), abs=0.1001)


def values(cells: Sequence[str]) -> list[float]:
    """The figures of a row in per cent, without their errors."""
    return [float(text.split("±")[0]) for text in cells]


def submit(page: Page) -> str:
    """Choose the method and the tier on the pages; returns the submission's id."""
    page.goto("/submit/")
    page.get_by_role("heading", name="ColoredMNIST").get_by_role("link").click()
    page.get_by_role("rowheader", name=METHOD, exact=True).get_by_role("link").click()
    page.get_by_label("Smoke", exact=True).check()
    page.get_by_label("Open", exact=True).check()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#plan-progress")).to_contain_text("of 3 done")
    return page.url.rstrip("/").rpartition("/")[2]


def try_again_alone(page: Page, submission: str) -> None:
    """Open the line of what failed, and its button; the others are not run again."""
    page.goto(f"/submissions/{submission}/")
    group = page.locator("details.group").filter(has_text=NEEDED)
    group.locator("summary").click()
    group.get_by_role("button", name=re.compile("^Try again")).click()
    expect(page.locator(STATE).first).to_have_text("Succeeded", timeout=WAIT)


def figures_of(live: Live, person: str) -> dict[str, dict[str, float]]:
    """The figures of a person's entry on the board, by rule and domain, in 0..1."""
    answer = live.api.get(f"leaderboards/{BENCHMARK}", params={"tier": "smoke"}).json()
    (row,) = [row for row in answer["rows"] if row["owner"] == person]
    found: dict[str, dict[str, float]] = {}
    for column, figure in zip(answer["columns"], row["figures"], strict=True):
        if figure is not None:
            found.setdefault(column["metric"].removeprefix("accuracy-"), {})[column["domain"]] = figure["value"]
    return found


def download(page: Page, submission: str, folder: Path) -> Path:
    page.goto(f"/submissions/{submission}/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the records").click()
    assert waiting.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(waiting.value.path()) as archive:
        archive.extractall(folder / "records")
    return folder / "records"


def scored(records: Path, rule: str) -> dict[str, float]:
    """What the command line makes of the records, by domain, in 0..1."""
    said = farfield("score", "domainbed", "--records", str(records), "--selection", rule, "--format", "json")
    table: dict[str, Any] = json.loads(said)["tables"][0]
    (row,) = table["rows"]
    return {name: cell["mean"] / 100 for name, cell in zip(table["columns"], row["cells"], strict=True)} | {
        "shifts": row["average"] / 100
    }


def hand_in(live: Live, person: str, records: Path) -> str:
    """Publish the records from the command line as those of a new method; returns its name."""
    token = live.api.post("tokens", json={"name": "home"}, auth=(person, PASSWORD)).json()["token"]
    name = f"at-home-{uuid.uuid4().hex[:8]}"
    about = ("--method", name, "--summary", "Levels.", "--track", "open", "--backbone", "none", "--tier", "smoke")
    where = ("--benchmark", BENCHMARK, "--site", live.site.url)
    said = farfield("submit", "--records", str(records), *where, *about, FARFIELD_TOKEN=token)
    (number,) = re.findall(r"/submissions/([0-9a-f-]{36})", said)
    assert live.finished(number)["status"] == "succeeded"
    return name


def farfield(*arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [str(FARFIELD), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
