"""Figures by group: the plot of worst against average, tables that mark the worst and name empty groups, the file."""

import csv
import io
import re

import pytest
from django.test import Client
from tests.unit.pages.content import PASSWORD
from tests.unit.web.grouped import DOMAIN, GROUPS, LABELS, NAME, group, install_grouped, scores_of
from tests.unit.web.test_other_plans import finish

from farfield_evaluators.benchmark import Benchmark
from farfield_web.accounts.models import User
from farfield_web.runs import wake
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.models import BenchmarkData, Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
VALUES = {("land", "cat"): 0.9, ("water", "cat"): 0.25, ("land", "dog"): 0.8}
BETTER = {("land", "cat"): 0.7, ("water", "cat"): 0.65, ("land", "dog"): 0.6}


@pytest.fixture(autouse=True)
def nobody_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "send_wake", lambda resource: None)


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def benchmark(db: None, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    return install_grouped(monkeypatch)


def entered(
    benchmark: Benchmark, person: User, values: dict[tuple[str, str], float], method: str = "constant"
) -> Submission:
    made = submit(person, Request(benchmark=NAME, method=method, track="open"))
    finish(benchmark, 0.5, scores=scores_of({group(*where): value for where, value in values.items()}))
    return made


@pytest.fixture
def entries(benchmark: Benchmark, person: User) -> list[Submission]:
    return [entered(benchmark, person, VALUES), entered(benchmark, person, BETTER, "other")]


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def table(text: str, key: str) -> str:
    start = text.index(f'aria-labelledby="{key}"')
    return text[text.index("<table", start) : text.index("</table>", start)]


def test_the_board_has_a_column_for_each_group_and_marks_the_worst(client: Client, entries: list[Submission]) -> None:
    text = page(client, f"/boards/{NAME}/")
    found = table(text, "groups-0")
    assert re.findall(r'<th scope="col" class="num">([^<]*)', found) == [
        "place=land, label=cat", "place=water, label=cat", "place=land, label=dog", "place=water, label=dog",
    ]  # fmt: skip
    rows = re.findall(r"<tr><th scope=.row.*?</tr>", found)
    assert [re.findall(r"other|constant", row)[0] for row in rows] == ["other", "constant"]  # in the order of the board
    assert [row.count("(worst group)") for row in rows] == [1, 1]
    assert re.search(r'class="num worst">25\.0', rows[1])
    assert re.search(r'class="num worst">60\.0', rows[0])
    assert [row.count("no examples") for row in rows] == [1, 1]
    assert "1 group has too few test examples for a figure: place=water, label=dog" in text


def test_the_plot_is_worst_against_average(client: Client, entries: list[Submission]) -> None:
    text = page(client, f"/boards/{NAME}/")
    assert '<h2 id="plot-0">Average and worst group</h2>' in text
    assert "constant: 25.0 \N{PLUS-MINUS SIGN} 5.0 Worst group, 65.0 \N{PLUS-MINUS SIGN} 5.0 Average" in text
    assert "As good in every group as on average." in text
    assert "Accuracy on the line" not in text


def test_the_entry_has_a_row_for_each_group_and_not_twice(client: Client, entries: list[Submission]) -> None:
    text = page(client, f"/submissions/{entries[0].pk}/")
    found = table(text, "groups-0")
    assert "Art by place and label" in text
    assert [name in found for name in ("place=land, label=cat", "place=water, label=dog")] == [True, True]
    assert found.count("no examples") == 1
    assert found.count("(worst group)") == 1
    told = text[: text.index('<h3 id="metric-1">')]  # below it are all figures, by the API's names
    assert told.count("place=water, label=cat") == 1
    assert f"{DOMAIN}[" not in told
    assert text.index('<h2 id="scores-1">') < text.index('<h2 id="groups-0">')
    run = page(client, f"/runs/{entries[0].runs.get().pk}/")
    assert f"{DOMAIN}[place=water, label=cat]" in run  # a run has one table, with all that it gave


def test_the_file_has_every_group_of_every_entry(client: Client, entries: list[Submission]) -> None:
    response = client.get(f"/boards/{NAME}/groups.csv")
    assert response["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert len(lines) == len(entries) * len(GROUPS) * len(LABELS)
    found = {(line["method"], line["group"]): line["value"] for line in lines}
    assert found["constant", "place=water, label=cat"] == "0.25"
    assert found["constant", "place=water, label=dog"] == ""
    assert {line["examples"] for line in lines if line["group"] == "place=water, label=dog"} == {"0"}
    assert {line["rank"] for line in lines if line["method"] == "other"} == {"1"}


def test_of_many_groups_the_worst_are_shown(client: Client, monkeypatch: pytest.MonkeyPatch, person: User) -> None:
    places = tuple(f"p{number:02}" for number in range(30))
    benchmark = install_grouped(monkeypatch, places)
    entered(
        benchmark, person, {(p, y): (n + 1) / 100 for n, (p, y) in enumerate((p, y) for p in places for y in LABELS)}
    )
    text = page(client, f"/boards/{NAME}/")
    assert "Of 60 groups these are the 10 where entries are worst on average" in text
    found = table(text, "groups-0")
    assert found.count('<th scope="col" class="num">') == 10
    assert "place=p00, label=cat" in found
    assert "place=p05, label=cat" not in found
    assert "groups.csv" in text
    assert len(client.get(f"/boards/{NAME}/groups.csv").content.decode().splitlines()) == 61
    told = page(client, f"/benchmarks/{NAME}/")
    assert "60 groups; 0 times one has too few examples on a test domain for a figure" in told


def test_the_benchmark_page_counts_parts_and_groups(client: Client, benchmark: Benchmark) -> None:
    text = page(client, f"/benchmarks/{NAME}/")
    assert 'place=water, label=dog</th><td class="num">no examples' in text
    card = client.get(f"/benchmarks/{NAME}/card.md")
    assert card["Content-Type"].startswith("text/plain")
    assert benchmark.summary in card.content.decode()


def test_every_part_has_its_count(client: Client, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    install_grouped(monkeypatch, parts={"val": "id/val"})
    text = page(client, f"/benchmarks/{NAME}/")
    found = table(text, "parts")
    assert re.findall(r"<code>(train|val)</code></th>.*?<td class=.num.>(\d+)", found) == [
        ("train", "40"),
        ("val", "7"),
    ]


def test_groups_are_told_by_figures_before_a_worker_says_any(
    client: Client, benchmark: Benchmark, entries: list[Submission]
) -> None:
    BenchmarkData.objects.update(groups=[])
    found = table(page(client, f"/boards/{NAME}/"), "groups-0")
    assert found.count('<th scope="col" class="num">') == 3
    assert "no examples" not in found


def test_nothing_in_the_file_is_a_formula(client: Client, benchmark: Benchmark) -> None:
    # A name that older releases took.
    (strange,) = User.objects.bulk_create([User(username="=1+2")])
    entered(benchmark, strange, VALUES)
    text = client.get(f"/boards/{NAME}/groups.csv").content.decode()
    assert "'=1+2" in text
    assert ",=1+2" not in text


def test_a_group_that_is_never_the_worst_is_not_marked(
    client: Client, benchmark: Benchmark, entries: list[Submission]
) -> None:
    data = BenchmarkData.objects.get()
    data.groups = [{**each, "counted": "water" not in each["name"]} for each in data.groups]
    data.save()
    found = table(page(client, f"/boards/{NAME}/"), "groups-0")
    assert found.count("never the worst") == 2
    rows = re.findall(r"<tr><th scope=.row.*?</tr>", found)
    assert [re.findall(r'class="num worst">([\d.]+)', row) for row in rows] == [["60.0"], ["80.0"]]
