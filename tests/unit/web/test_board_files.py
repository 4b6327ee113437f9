"""Boards as files: CSV, LaTeX and BibTeX hold what the page shows, and nothing of an entry can break them."""

import csv
import io
import re

import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, report_of, wanted

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.leaderboards.comparing import compare_board
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BENCHMARK = find(BOARD)
HOSTILE = '=HYPERLINK("x"), a "quote"'


def entered(person: User, value: float | None, bias: float, title: str = "") -> Submission:
    submission = submit(person, wanted(config={"bias": bias}, title=title))
    run = lease.claim("w", "cpu")
    assert run is not None
    values = {"id": 0.912345, **({} if value is None else {"shifts": value})}
    scores = [{"metric": "accuracy", "domain": d, "value": v, "stderr": 0.01, "n": 9} for d, v in values.items()]
    store_report(report_of(run, scores=scores))
    return submission


@pytest.fixture
def four(announced: None, person: User) -> list[Submission]:
    """Two with one figure, a worse one with a hostile title, and one without the headline."""
    listed = [(0.75, 0.1, ""), (0.75, 0.2, ""), (0.3, 0.3, HOSTILE), (None, 0.4, "")]
    return [entered(person, value, bias, title) for value, bias, title in listed]


def read(client: Client, suffix: str, query: str = "") -> str:
    response = client.get(f"/boards/{BOARD}/board.{suffix}{query}")
    assert response.status_code == 200
    assert response["Content-Disposition"] == f'attachment; filename="imagenet-ood-mini.{suffix}"'
    return str(response.content.decode())


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_has_the_ranks_of_the_board(four: list[Submission], client: Client) -> None:
    compare_board(BENCHMARK, "")
    rows = rows_of(read(client, "csv"))
    assert [row["rank"] for row in rows] == ["1", "1", "3", ""]
    assert [(row["rank_low"], row["rank_high"], row["tie_tier"]) for row in rows] == [
        ("1", "2", "1"),
        ("1", "2", "1"),
        ("3", "3", "2"),
        ("", "", ""),
    ]
    assert [row["tied_with_best"] for row in rows] == ["yes", "yes", "no", "no"]
    assert [row["shifts.accuracy"] for row in rows] == ["0.75", "0.75", "0.3", ""]
    assert {row["id.accuracy"] for row in rows} == {"0.9123"}  # as it is published
    assert rows[3]["reason"] == "no result for Mean of shifts"


def test_ranks_can_be_made_again_from_the_csv(four: list[Submission], client: Client) -> None:
    rows = rows_of(read(client, "csv"))
    values = [float(row["shifts.accuracy"]) for row in rows if row["shifts.accuracy"]]
    again = [str(1 + sum(other > value for other in values)) for value in values]
    assert again == [row["rank"] for row in rows if row["rank"]]


def test_a_title_is_no_formula_and_breaks_no_cell(four: list[Submission], client: Client) -> None:
    (row,) = [row for row in rows_of(read(client, "csv")) if row["title"]]
    assert row["title"] == f"'{HOSTILE}"


def test_the_latex_table(four: list[Submission], client: Client) -> None:
    text = read(client, "tex")
    assert text.count(r"\textbf{75.0 $\pm$ 1.0}") == 2
    assert re.search(r"^3 & .*30\.0 ", text, re.MULTILINE)
    assert "imagenet-ood/mini, version" in text
    assert r"\url{http://testserver/boards/imagenet-ood/mini/}" in text
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    assert body.count(r"\\") == 3  # the one without a rank is no line of it
    assert all(line.count("&") == len(BENCHMARK.columns) + 1 for line in body.splitlines()[1:])


def test_a_second_rank_is_underlined_where_it_is_certain(announced: None, person: User, client: Client) -> None:
    for value, bias in ((0.9, 0.1), (0.6, 0.2), (0.3, 0.3)):
        entered(person, value, bias)
    assert r"\underline" not in read(client, "tex")
    compare_board(BENCHMARK, "")
    assert re.search(r"^2 & .*\\underline\{60\.0", read(client, "tex"), re.MULTILINE)


def test_bibtex_has_the_board_and_its_papers(four: list[Submission], client: Client) -> None:
    text = read(client, "bib")
    entries = re.findall(r"^@misc\{(.+),$", text, re.MULTILINE)
    assert entries[0] == "farfield:imagenet-ood:mini"
    assert len(entries) == len(set(entries)) == 1 + len(BENCHMARK.citations)
    assert text.count("{") == text.count("}")
    assert board(BENCHMARK).key in text


def test_what_is_asked_of_the_board_is_asked_of_its_files(four: list[Submission], client: Client) -> None:
    assert rows_of(read(client, "csv", "?track=scratch")) == []
    assert [row["rank"] for row in rows_of(read(client, "csv", "?by=accuracy:id"))] == ["1"] * 4
    assert client.get(f"/boards/{BOARD}/board.csv?track=no-such").status_code == 404
    assert client.get("/boards/no/such/board.csv").status_code == 404


def test_the_page_links_its_files(four: list[Submission], client: Client) -> None:
    text = client.get(f"/boards/{BOARD}/?by=accuracy:id").content.decode()
    for suffix in ("csv", "tex", "bib"):
        assert f'href="/boards/{BOARD}/board.{suffix}?by=accuracy:id" download' in text


def test_a_board_without_entries(announced: None, client: Client) -> None:
    assert len(read(client, "csv").splitlines()) == 1
    assert read(client, "tex").count(r"\\") == 2
    assert read(client, "bib").startswith("@misc{farfield:imagenet-ood:mini,")
