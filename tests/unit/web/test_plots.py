"""Plots of boards: what the API gives is what is drawn, and a plot is there only where its data are."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.conftest import BOARD
from tests.unit.web.test_comparing import enter, made

from farfield_evaluators.catalog import find
from farfield_web import vega
from farfield_web.accounts.models import User
from farfield_web.leaderboards.plots import specs
from farfield_web.leaderboards.plots.catalog import board_plots
from farfield_web.leaderboards.plots.history import Dated, records
from farfield_web.leaderboards.plots.pareto import front
from farfield_web.leaderboards.queries import board
from farfield_web.pages.boards import rows as board_rows
from farfield_web.pages.boards.query import Asked
from farfield_web.pages.exports import feed
from farfield_web.runs.models import Run
from farfield_web.submissions.models import Submission

FEW = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)
START = datetime(2026, 1, 1, tzinfo=UTC)


@given(FEW, st.booleans())
def test_the_front_is_what_nothing_beats(drawn: list[tuple[int, int]], higher: bool) -> None:
    points = [(float(cost), float(value)) for cost, value in drawn]
    sign = 1 if higher else -1

    def beaten(one: tuple[float, float]) -> bool:
        better = ((o[0] <= one[0], sign * o[1] >= sign * one[1], o != one) for o in points)
        return any(all(each) for each in better)

    kept = front(points, higher_is_better=higher)
    assert sorted(kept) == [place for place, one in enumerate(points) if not beaten(one)]
    assert [points[place][0] for place in kept] == sorted(points[place][0] for place in kept)


@given(FEW, st.booleans(), st.randoms(use_true_random=False))
def test_records_are_those_better_than_all_before(drawn: list[tuple[int, int]], higher: bool, chance: Any) -> None:
    entries = [Dated(START + timedelta(days=day), float(value)) for day, value in drawn]
    kept = [entries[place] for place in records(entries, higher_is_better=higher)]
    sign = 1 if higher else -1
    before = {one: [sign * o.value for o in entries if o.at < one.at] for one in entries}
    expected = {
        one
        for one in entries
        if all(sign * one.value > value for value in before[one])
        and all(sign * one.value >= sign * o.value for o in entries if o.at == one.at)
    }
    assert set(kept) == expected
    shuffled = list(entries)
    chance.shuffle(shuffled)
    assert [shuffled[place] for place in records(shuffled, higher_is_better=higher)] == kept


@given(st.floats(0, 1))
def test_every_share_has_a_place_on_a_logit_axis(share: float) -> None:
    place = specs.logit(share)
    assert specs.share(place) == pytest.approx(min(max(share, specs.LEAST), specs.MOST))


@pytest.fixture
def entries(announced: None, person: User) -> list[Submission]:
    accuracies = [0.4, 0.6, 0.8]
    found = [enter(person, hit, number / 10) for number, hit in enumerate(made(accuracies), 1)]
    for number, one in enumerate(found, 1):
        memory = {"peak_bytes": number << 28, "limit_bytes": 1 << 31, "counted": "kernel"}
        Run.objects.filter(submission=one).update(seconds={"run": 2.5 * number}, memory=memory)
    return found


@pytest.mark.services
@pytest.mark.django_db
class TestBoards:
    def test_a_board_without_entries_has_no_plots(self, announced: None, call: Any) -> None:
        assert call("get", f"leaderboards/{BOARD}/plots").json()["plots"] == []

    def test_one_entry_alone_is_nothing_to_compare_costs_with(self, announced: None, person: User) -> None:
        enter(person, made([0.5])[0], 0.1)
        assert [plot.name for plot in board_plots(board(find(BOARD)))] == ["robustness", "domains"]

    def test_plots_of_the_api(self, entries: list[Submission], call: Any) -> None:
        listed = call("get", f"leaderboards/{BOARD}/plots").json()["plots"]
        assert [plot["name"] for plot in listed] == ["robustness", "domains", "seconds", "memory", "record"]
        for plot in listed:
            whole = call("get", f"leaderboards/{BOARD}/plots/{plot['name']}").json()
            assert whole["description"]
            assert len(whole["rows"]) == plot["entries"]
            assert {column["name"] for column in whole["columns"]} <= {name for row in whole["rows"] for name in row}
            assert whole["spec"]["$schema"] == specs.SCHEMA
            assert "href" not in json.dumps(whole["spec"])

    def test_figures_are_those_of_the_board(self, entries: list[Submission], call: Any) -> None:
        rows = call("get", f"leaderboards/{BOARD}/plots/robustness").json()["rows"]
        figures = {row["submission"]: row["figures"] for row in call("get", f"leaderboards/{BOARD}").json()["rows"]}
        columns = [column["name"] for column in call("get", f"leaderboards/{BOARD}").json()["columns"]]
        x, y = columns.index("accuracy:id"), columns.index("accuracy:shifts")
        assert {row["submission"]: (row["x"], row["y"]) for row in rows} == {
            key: (figure[x]["value"], figure[y]["value"]) for key, figure in figures.items()
        }

    @pytest.mark.parametrize("turned", [False, True])
    def test_the_first_rows_draw_what_the_whole_board_draws(
        self, entries: list[Submission], monkeypatch: Any, turned: bool
    ) -> None:
        monkeypatch.setattr(board_rows, "MOST_ROWS", 1)
        wanted = Asked(benchmark=find(BOARD), turned=turned)
        first, beyond = board_rows.first_ranked(wanted, 2)
        whole = board_rows.everything(wanted)
        assert (len(whole.rows), beyond) == (3, 1)
        assert board_plots(first) == board_plots(replace(whole, rows=whole.rows[:2]))

    def test_a_feed_has_the_newest_first_and_none_that_failed(self, entries: list[Submission]) -> None:
        whole = feed.board_items(BOARD)
        assert [item.submission for item in whole] == [entry.pk for entry in reversed(entries)]
        Run.objects.filter(submission=entries[1]).update(status="failed")
        assert feed.site_items() == [whole[0], whole[2]]

    def test_what_it_costs(self, entries: list[Submission], call: Any) -> None:
        rows = call("get", f"leaderboards/{BOARD}/plots/seconds").json()["rows"]
        assert {row["cost"]: row["front"] for row in rows} == {2.5: True, 5.0: True, 7.5: True}
        rows = call("get", f"leaderboards/{BOARD}/plots/memory").json()["rows"]
        assert sorted(row["cost"] for row in rows) == [0.25, 0.5, 0.75]

    def test_a_run_that_did_not_say_leaves_its_entry_out(self, entries: list[Submission], call: Any) -> None:
        Run.objects.filter(submission=entries[0]).update(seconds={})
        assert len(call("get", f"leaderboards/{BOARD}/plots/seconds").json()["rows"]) == 2
        Run.objects.all().update(seconds={})
        assert call("get", f"leaderboards/{BOARD}/plots/seconds").status_code == 404

    def test_what_was_handed_in_looks_different_and_costs_nothing_known(
        self, entries: list[Submission], call: Any
    ) -> None:
        Submission.objects.filter(pk=entries[0].pk).update(kind="predictions")
        whole = call("get", f"leaderboards/{BOARD}/plots/record").json()
        by_key = {row["submission"]: row["trust"] for row in whole["rows"]}
        assert by_key[str(entries[0].pk)] == specs.NOT_RUN
        scale = whole["spec"]["layer"][-1]["encoding"]["shape"]["scale"]
        assert scale == {"domain": [specs.RUN_HERE, specs.NOT_RUN], "range": ["circle", "diamond"]}
        assert len(call("get", f"leaderboards/{BOARD}/plots/seconds").json()["rows"]) == 2

    def test_what_there_is_not(self, entries: list[Submission], call: Any) -> None:
        assert call("get", "leaderboards/no/such/plots").status_code == 404
        assert call("get", f"leaderboards/{BOARD}/plots?track=no").status_code == 400
        assert call("get", f"leaderboards/{BOARD}/plots/record?colour=red").status_code == 400

    def test_the_page_has_the_same_figures_as_tables(self, entries: list[Submission], client: Client) -> None:
        text = client.get(f"/boards/{BOARD}/plots/").content.decode()
        assert text.count("<table>") == 5
        assert f'data-spec="/api/v1/leaderboards/{BOARD}/plots/record"' in text
        assert client.get(f"/boards/{BOARD}/plots/?by=no:such").status_code == 404

    def test_the_addresses_of_the_guide_answer(self, entries: list[Submission], client: Client) -> None:
        guide = (Path(__file__).parents[3] / "docs" / "comparing.md").read_text(encoding="utf-8")
        addresses = re.findall(r'"http://localhost:8000(/[^"]+)"', guide)
        assert len(addresses) == 2
        assert [client.get(address).status_code for address in addresses] == [200, 200]
        listed = {plot.name for plot in board_plots(board(find(BOARD)))}
        assert listed <= set(re.findall(r"`([a-z]+)`", guide))

    def test_settings_tell_lines_apart_and_keys_where_they_do_not(self, entries: list[Submission]) -> None:
        Submission.objects.all().update(title="the same")
        plot = next(plot for plot in board_plots(board(find(BOARD))) if plot.name == "domains")
        names = {row["line"] for row in plot.spec["data"]["values"]}
        assert names == {f"constant, the same (rank {rank})" for rank in (1, 2, 3)}


def test_scripts_are_made_once_and_kept_by_browsers(settings: Any, client: Client, monkeypatch: Any) -> None:
    address = f"/vega/{vega.version()}.js"
    plain = client.get(address)
    text = plain.content
    assert plain["Content-Type"].startswith("text/javascript")
    assert "immutable" in plain["Cache-Control"]
    assert b"farfield:vega" in text
    monkeypatch.setattr(vega, "_make", None)
    zipped = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert zipped["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == text
    assert client.get("/vega/0-0-1.js").status_code == 404


def test_where_scripts_cannot_be_made_tables_are_left(settings: Any, client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(vega.sys, "executable", "/bin/false")
    assert client.get(f"/vega/{vega.version()}.js").status_code == 404
