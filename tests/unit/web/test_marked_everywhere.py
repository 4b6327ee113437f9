"""What an operator said of an entry, and what it may have seen of the test data, stand at every door that shows it."""

import csv
import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, report_of, wanted

from farfield_web.accounts.models import User
from farfield_web.leaderboards.labels import NOTED
from farfield_web.runs import lease
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import note

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def entered(person: User, bias: float) -> Submission:
    made = submit(person, wanted(config={"bias": bias}))
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken))
    return made


@pytest.fixture
def two(announced: None, person: User) -> list[Submission]:
    """Entries of one board, of which the first has a note."""
    both = [entered(person, bias) for bias in (0.1, 0.2)]
    note(both[0], "Its paper was corrected.", "operator")
    return both


def test_a_note_stands_wherever_the_entry_does(two: list[Submission], client: Client) -> None:
    noted, plain = two
    pages = [
        f"/boards/{BOARD}/",
        f"/compare/?entries={noted.pk}&entries={plain.pk}",
        f"/methods/{noted.method_name}/",
    ]
    for page in pages:
        assert client.get(page).content.decode().count(NOTED.replace("'", "&#x27;")) >= 1, page
    assert "Its paper was corrected." in client.get(f"/submissions/{noted.pk}/").content.decode()
    assert NOTED in client.get(f"/api/v1/submissions/{noted.pk}").json()["labels"]
    assert NOTED not in client.get(f"/api/v1/submissions/{plain.pk}").json()["labels"]
    rows = client.get(f"/api/v1/leaderboards/{BOARD}").json()["rows"]
    compared = client.get(f"/api/v1/compare?entries={noted.pk}&entries={plain.pk}").json()["entries"]
    files = [
        {row["submission"]: row["labels"] for row in rows},
        {row["submission"]: row["labels"] for row in compared},
        {row["submission"]: row["labels"] for row in as_csv(client)},
        {row["submission"]: row["labels"] for row in as_parquet(client)},
    ]
    for by_entry in files:
        assert NOTED in by_entry[str(noted.pk)]
        assert NOTED not in by_entry[str(plain.pk)]
    record = client.get(f"/api/v1/submissions/{noted.pk}/every-eval-ever").content.decode()
    assert "operator's note" in record
    chosen = client.get(f"/boards/{BOARD}/", {"badge": NOTED}).content.decode()
    assert str(noted.pk) in chosen
    assert str(plain.pk) not in chosen


def test_a_note_stands_beside_the_name_on_plots(two: list[Submission], client: Client) -> None:
    plots = client.get(f"/api/v1/leaderboards/{BOARD}/plots").json()["plots"]
    assert plots
    for plot in plots:
        rows = client.get(f"/api/v1/leaderboards/{BOARD}/plots/{plot['name']}").json()["rows"]
        for row in (row for row in rows if row.get("submission")):
            assert (NOTED in row["entry"]) == (row["submission"] == str(two[0].pk)), plot["name"]


def test_what_was_seen_of_the_test_data_is_in_every_file_and_comparison(two: list[Submission], client: Client) -> None:
    told = client.get(f"/api/v1/leaderboards/{BOARD}").json()["rows"][0]["seen"]
    assert told in ("none", "in-domain", "test-like", "unknown")
    compared = client.get(f"/api/v1/compare?entries={two[0].pk}&entries={two[1].pk}").json()["entries"]
    for rows in (compared, as_csv(client), as_parquet(client)):
        assert {row["seen"] for row in rows} == {told}
    page = client.get(f"/compare/?entries={two[0].pk}&entries={two[1].pk}").content.decode()
    assert page.count(f"seen: {told}") >= 2
    assert '"seen"' in client.get(f"/api/v1/submissions/{two[0].pk}/every-eval-ever").content.decode()


def as_csv(client: Client) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(client.get(f"/boards/{BOARD}/board.csv").content.decode())))


def as_parquet(client: Client) -> list[dict[str, Any]]:
    content = client.get(f"/boards/{BOARD}/board.parquet")
    whole = b"".join(content.streaming_content) if content.streaming else content.content  # type: ignore[attr-defined]
    return pq.read_table(io.BytesIO(whole)).to_pylist()
