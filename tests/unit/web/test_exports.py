"""Exports hold what the board shows, in the forms of other tools, and nothing can break out of them."""

import csv
import io
import json
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.web.conftest import BOARD, api_error, report_of, wanted

from farfield_evaluators.catalog import benchmarks, card_of, find
from farfield_evaluators.figure import Figure
from farfield_web.accounts.models import User
from farfield_web.exports.badge import as_badge
from farfield_web.exports.croissant import as_croissant
from farfield_web.exports.openood import COLUMNS, as_openood, is_openood
from farfield_web.exports.parquet import as_parquet
from farfield_web.leaderboards.places import Place
from farfield_web.leaderboards.rows import Board, Entry, Row
from farfield_web.pages.exports.feed import site_items
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import invalidate

SCHEMA = Path(__file__).parent / "schemas" / "every_eval_ever.schema.json"
HOSTILE = '=1+1"></text><script>alert(1)</script>'
ATOM = "{http://www.w3.org/2005/Atom}"
OOD = find("ood-detection/mini")
FIGURE = Figure(metric="auroc", domain="near", value=0.8484, stderr=0.0014, n=9)
Call = Callable[..., Any]
on_the_site = [pytest.mark.services, pytest.mark.django_db]


def made_board(count: int, title: str = "", **changes: Any) -> Board:
    """A board of OOD detectors that no database knows, best first."""
    return Board(
        benchmark=OOD, track=None, tier="", key="k", columns=OOD.columns, ranked_by=0, apart=(),
        rows=tuple(made_row(rank, title, **changes) for rank in range(1, count + 1)),
    )  # fmt: skip


def made_row(rank: int, title: str, trials: int = 1, **changes: Any) -> Row:
    submission = Submission(
        benchmark=OOD.name, method_name="knn", title=title, track="open", kind="plugin", created_at=timezone.now(),
        config={"checkpoint": "cross-entropy"}, claims={"backbone": "resnet18", "extra_data": []},
        owner=User(username="ada"), **changes,
    )  # fmt: skip
    Submission.team_entry.related.set_cached_value(submission, None)  # known to be of none
    figures = {
        (column.metric, column.domain): Figure(
            metric=column.metric, domain=column.domain, value=0.8484, stderr=0.0014, n=9, trials=trials
        )
        for column in OOD.columns
    }
    entry = Entry(submission=submission, figures=figures, keys=frozenset({"k"}), labels=("not deterministic",))
    place = Place(low=1, high=3, tier=1, paired=True, with_best=True)
    return Row(entry=entry, rank=rank, reason="", tied_with_best=True, figures=tuple(figures.values()), place=place)


def test_parquet_has_types_and_all_of_ten_thousand_rows() -> None:
    found = replace(made_board(1), rows=made_board(1).rows * 10_000)
    table = pq.read_table(io.BytesIO(as_parquet(found, {"key": "k"})))
    assert table.num_rows == 10_000
    row = table.slice(0, 1).to_pylist()[0]
    assert (row["rank"], row["rank_high"], row["labels"]) == (1, 3, ["not deterministic"])
    assert (row["owner"], row["team"]) == ("ada", "")
    assert row["near.auroc"] == 0.8484
    assert table.schema.metadata[b"key"] == b"k"


def test_an_empty_board_is_a_parquet_file_without_rows() -> None:
    assert pq.read_table(io.BytesIO(as_parquet(made_board(0), {}))).num_rows == 0


@pytest.mark.parametrize(("trials", "cell"), [(1, "84.84"), (4, "84.84 +- 0.28")])
def test_openoods_columns(trials: int, cell: str) -> None:
    """Their figures are in percent; of one trial there is no deviation, which OpenOOD writes as 0.00."""
    (row,) = csv.DictReader(io.StringIO(as_openood(made_board(1, trials=trials), "https://site.example/b")))
    assert tuple(row) == COLUMNS
    assert row["Near-OOD_AUROC"] == row["ID_Accuracy"] == cell
    assert (row["Training"], row["Postprocessor"], row["Arch"]) == ("cross-entropy", "knn", "resnet18")
    assert row["Outlier_Data"] == "No"
    assert "rank 1 (1 to 3)" in row["Additional_Description"]
    assert "not deterministic" in row["Additional_Description"]


def test_openoods_figures_of_a_full_spectrum_are_those_with_shifted_id() -> None:
    """Its tables of the full spectrum have no others, and boards of ours have both."""
    spectrum = find("ood-detection/drawings")
    found = replace(made_board(1), benchmark=spectrum)
    (row,) = found.rows
    values = {"auroc-full-spectrum": 0.25, "accuracy-full-spectrum": 0.5, "auroc": 0.75, "accuracy": 0.75}
    figures = {(name, d): replace(FIGURE, value=value) for name, value in values.items() for d in ("near", "far", "id")}
    found = replace(found, rows=(replace(row, entry=replace(row.entry, figures=figures)),))
    (cells,) = csv.DictReader(io.StringIO(as_openood(found, "")))
    assert [cells[name] for name in COLUMNS[2:5]] == ["25.00", "25.00", "50.00"]


def test_a_title_is_no_formula_in_openoods_file() -> None:
    (row,) = csv.DictReader(io.StringIO(as_openood(made_board(1, HOSTILE), "")))
    assert row["Additional_Description"].startswith("'=1+1")


def test_a_badge_is_text_whatever_it_says() -> None:
    root = ET.fromstring(as_badge(HOSTILE, "rank 1 of \x00\x1b2 & more"))  # made here
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == [HOSTILE, "rank 1 of 2 & more"]
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


@pytest.mark.parametrize("benchmark", benchmarks(), ids=lambda each: each.name)
def test_every_benchmark_is_described_without_an_example(benchmark: Any) -> None:
    described = as_croissant(benchmark, card_of(benchmark.name), None, "https://site.example/benchmarks/x/")
    required = {"@context", "@type", "conformsTo", "name", "description", "license", "url", "creator"}
    assert required <= set(described)
    assert described["version"].count(".") == 2
    (records,) = described["recordSet"]
    assert [row["domains/name"] for row in records["data"]] == [domain.name for domain in benchmark.domains]
    ids = {field["@id"] for field in records["field"]}
    assert all(set(row) == ids for row in records["data"])


@pytest.fixture
def entry(announced: None, person: User) -> Submission:
    return entered(person, 0.123456789)


def entered(person: User, value: float, bias: float = 0.5, title: str = HOSTILE) -> Submission:
    submission = submit(person, wanted(config={"bias": bias}, title=title))
    run = lease.claim("w", "cpu")
    assert run is not None
    scores = [
        {"metric": "accuracy", "domain": domain, "value": value, "stderr": 0.0123456789, "n": 9}
        for domain in ("id", "shifts")
    ]
    store_report(report_of(run, scores=scores))
    return submission


class TestOnTheSite:
    """What the addresses answer."""

    pytestmark = on_the_site

    def test_the_json_of_a_board_is_the_apis_and_says_what_columns_mean(
        self, entry: Submission, client: Client
    ) -> None:
        answer = client.get(f"/boards/{BOARD}/board.json")
        told, shown = answer.json(), client.get(f"/api/v1/leaderboards/{BOARD}").json()
        assert told["rows"] == shown["rows"]
        assert told["key"] == shown["key"]
        assert {column["lower_is_better"] for column in told["columns"]} == {False}
        assert told["exported_at"]

    def test_the_etag_changes_with_the_board_alone(self, entry: Submission, person: User, client: Client) -> None:
        address = f"/boards/{BOARD}/board.json"
        tag = client.get(address)["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
        entered(person, 0.9, bias=0.25)
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 200

    def test_an_entrys_record_is_valid_and_rounded(self, entry: Submission, call: Call) -> None:
        record = call("get", f"submissions/{entry.pk}/every-eval-ever").json()
        jsonschema.validate(record, json.loads(SCHEMA.read_text(encoding="utf-8")))
        scores = {one["evaluation_result_id"]: one["score_details"] for one in record["evaluation_results"]}
        assert scores["id.accuracy"]["score"] == 0.1235
        assert scores["id.accuracy"]["uncertainty"]["standard_error"]["value"] == 0.0123
        assert "12345" not in json.dumps(scores)
        assert record["source_metadata"]["evaluator_relationship"] == "third_party"
        assert "ada" not in json.dumps(record).replace("additional_details", "").replace("metadata", "")

    def test_the_record_of_an_entry_that_was_taken_off_says_so(self, entry: Submission, call: Call) -> None:
        invalidate(entry, "trained on test data", "operator")
        details = call("get", f"submissions/{entry.pk}/every-eval-ever").json()["source_metadata"]["additional_details"]
        assert details["state"] == "off the boards"
        assert "trained on test data" in details["reason"]

    def test_an_entry_that_is_not_done_has_no_record(self, entered: Submission, call: Call) -> None:
        answer = call("get", f"submissions/{entered.pk}/every-eval-ever")
        assert api_error(answer) == (409, "submission.no_record")

    def test_a_badge_has_the_rank_until_the_entry_is_taken_off(self, entry: Submission, client: Client) -> None:
        answer = client.get(f"/badge/{entry.pk}.svg")
        assert answer["Content-Type"] == "image/svg+xml"
        assert "rank 1 of 1" in answer.content.decode()
        invalidate(entry, "trained on test data", "operator")
        assert "off the boards" in client.get(f"/badge/{entry.pk}.svg").content.decode()

    def test_only_the_embedded_board_may_stand_in_a_frame(self, entry: Submission, client: Client) -> None:
        answer = client.get(f"/embed/{BOARD}/?rows=1&highlight={entry.pk}")
        assert "frame-ancestors *" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
        assert not answer.cookies
        text = answer.content.decode()
        assert 'aria-current="true"' in text
        assert "<script" not in text
        for address in (f"/boards/{BOARD}/", f"/badge/{entry.pk}.svg"):
            other = client.get(address)
            assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
            assert other["X-Frame-Options"] == "DENY"

    @pytest.mark.parametrize("rows", ["0", "-1", "", "many", "9" * 5000, "\u0663"])
    def test_any_number_of_rows_may_be_asked_for(self, entry: Submission, client: Client, rows: str) -> None:
        assert client.get(f"/embed/{BOARD}/", {"rows": rows}).status_code == 200

    @pytest.mark.parametrize("address", [f"/boards/{BOARD}/feed.atom", "/feed.atom"])
    def test_feeds_have_entries_and_corrections_under_ids_that_stay(
        self, entry: Submission, client: Client, address: str
    ) -> None:
        first = items(client, address)
        assert [(one.id, one.title) for one in first] == [(f"urn:uuid:{entry.pk}", HOSTILE)]
        invalidate(entry, "trained on test data", "operator")
        second = items(client, address)
        assert second[1] == first[0]
        assert second[0].title.endswith("taken off the boards")
        assert items(client, address) == second

    def test_a_feed_costs_the_same_however_many_runs_an_entry_has(
        self, entry: Submission, django_assert_num_queries: Any
    ) -> None:
        (last,) = entry.runs.all()
        assert last.finished_at is not None
        more = (copy(last) for _ in range(250))
        Run.objects.bulk_create(
            as_another(run, number, last.finished_at - timedelta(seconds=number)) for number, run in enumerate(more, 1)
        )
        with django_assert_num_queries(2):
            (item,) = site_items()
        assert (item.id, item.at) == (entry.pk, last.finished_at)
        Run.objects.filter(submission=entry, trial=250).update(status="queued")
        assert site_items() == []

    def test_a_benchmarks_description_is_found_from_its_page(self, announced: None, client: Client) -> None:
        address = f"/benchmarks/{BOARD}/croissant.json"
        assert address in client.get(f"/benchmarks/{BOARD}/").content.decode()
        answer = client.get(address)
        assert answer["Content-Type"] == "application/ld+json"
        assert answer.json()["identifier"] == "farfield:" + "f" * 64

    def test_a_board_of_another_kind_has_no_openood_file(self, announced: None, client: Client) -> None:
        assert client.get(f"/boards/{BOARD}/openood.csv").status_code == 404
        assert client.get(f"/boards/{OOD.name}/openood.csv").content.decode().strip() == ",".join(COLUMNS)

    def test_files_of_a_board_have_all_rows_and_the_ones_asked_for(
        self, entry: Submission, person: User, client: Client
    ) -> None:
        for number in range(3):
            entered(person, 0.5, bias=0.1 * (number + 1), title="another")
        content = client.get(f"/boards/{BOARD}/board.parquet").content
        assert pq.read_table(io.BytesIO(content)).num_rows == 4
        content = client.get(f"/boards/{BOARD}/board.parquet?q=another").content
        assert pq.read_table(io.BytesIO(content)).column("title").to_pylist() == ["another"] * 3


def as_another(run: Run, trial: int, at: datetime) -> Run:
    """The run as another of its entry."""
    run.pk, run.trial, run.cell, run.finished_at = uuid.uuid4(), trial, {"trial": trial}, at
    return run


class Item(tuple[str, str]):
    """An entry of a feed."""

    @property
    def id(self) -> str:
        return self[0]

    @property
    def title(self) -> str:
        return self[1]


def items(client: Client, address: str) -> list[Item]:
    root = ET.fromstring(client.get(address).content)  # made here
    told = [(one.findtext(f"{ATOM}id") or "", one.findtext(f"{ATOM}title") or "") for one in root.iter(f"{ATOM}entry")]
    return [Item(one) for one in told]


def test_the_board_under_test_is_none_of_openood() -> None:
    assert not is_openood(find(BOARD))
