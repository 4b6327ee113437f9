"""Standings over several benchmarks: the pure core by its properties, and what addresses ask for."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata
from tests.unit.web.conftest import BOARD
from tests.unit.web.test_comparing import enter, made

from farfield_evaluators.figure import Figure
from farfield_web.accounts.models import User
from farfield_web.leaderboards.aggregates import BYS, By, Source, mid_ranks, refusal, standings
from farfield_web.pages.compare import standings_views
from farfield_web.submissions.models import Submission

VALUES = st.lists(st.integers(0, 4), min_size=1, max_size=6)
BY_RANK = st.sampled_from(["mean-rank", "win-rate"])


def figure(value: float, stderr: float | None = 0.05) -> Figure:
    return Figure(metric="accuracy", domain="shifts", value=value, stderr=stderr, n=100)


def source(values: dict[str, float], name: str = "one", higher: bool = True, stderr: float | None = 0.05) -> Source:
    return Source(
        name=name,
        higher_is_better=higher,
        unit="%",
        figures={key: figure(value, stderr) for key, value in values.items()},
    )


def sources_of(drawn: list[list[int]], higher: bool = True) -> list[Source]:
    """Sources on which entries 0, 1, ... have these figures, in tenths."""
    return [
        source({str(key): value / 10 for key, value in enumerate(values)}, name=f"s{at}", higher=higher)
        for at, values in enumerate(drawn)
    ]


@st.composite
def tables(draw: st.DrawFn) -> list[list[int]]:
    entries = draw(st.integers(1, 6))
    row = st.lists(st.integers(0, 4), min_size=entries, max_size=entries)
    return draw(st.lists(row, min_size=1, max_size=4))


@given(VALUES, st.booleans())
def test_mid_ranks_are_the_textbook_s(drawn: list[int], higher: bool) -> None:
    values = np.array(drawn, float)
    expected = rankdata(-values if higher else values, method="average")
    assert mid_ranks(values, higher_is_better=higher).tolist() == expected.tolist()


@given(tables(), st.sampled_from(BYS), st.randoms(use_true_random=False))
def test_neither_the_order_of_sources_nor_of_entries_counts(drawn: list[list[int]], by: By, chance: Any) -> None:
    sources = sources_of(drawn)
    expected = {row.key: (round(row.value, 9), row.rank) for row in standings(sources, by).rows}
    shuffled = [
        Source(
            name=one.name,
            higher_is_better=one.higher_is_better,
            unit=one.unit,
            figures=dict(chance.sample(list(one.figures.items()), len(one.figures))),
        )
        for one in chance.sample(sources, len(sources))
    ]
    assert {row.key: (round(row.value, 9), row.rank) for row in standings(shuffled, by).rows} == expected


@given(tables(), BY_RANK)
def test_the_direction_of_a_figure_is_that_of_its_metric(drawn: list[list[int]], by: By) -> None:
    turned = sources_of([[-value for value in values] for values in drawn], higher=False)
    one, two = standings(sources_of(drawn), by), standings(turned, by)
    assert [(row.key, row.rank, row.value) for row in one.rows] == [(row.key, row.rank, row.value) for row in two.rows]


@given(tables())
def test_mean_rank_and_win_rate_order_alike_and_ranks_share_ties(drawn: list[list[int]]) -> None:
    sources = sources_of(drawn)
    by_rank, by_wins = standings(sources, "mean-rank"), standings(sources, "win-rate")
    assert [(row.key, row.rank) for row in by_rank.rows] == [(row.key, row.rank) for row in by_wins.rows]
    for one in by_rank.rows:
        equal = [row.rank for row in by_rank.rows if row.ranks == one.ranks]
        assert set(equal) == {one.rank}
        assert one.rank == 1 + sum(row.value < one.value - 1e-9 for row in by_rank.rows)


@given(tables(), st.sampled_from(BYS))
def test_intervals_hold_what_they_are_of(drawn: list[list[int]], by: By) -> None:
    for row in standings(sources_of(drawn), by).rows:
        assert row.low is not None
        assert row.high is not None
        assert row.rank_low is not None
        assert row.rank_high is not None
        assert row.low - 1e-9 <= row.value <= row.high + 1e-9
        assert row.rank_low <= row.rank <= row.rank_high


def test_win_rate_is_the_mean_share_of_others_beaten() -> None:
    sources = sources_of([[3, 2, 1], [1, 1, 0]])
    wins = {row.key: row.value for row in standings(sources, "win-rate").rows}
    assert wins == {"0": pytest.approx((1 + 0.75) / 2), "1": pytest.approx((0.5 + 0.75) / 2), "2": 0.0}


def test_what_is_not_everywhere_is_not_ranked_and_named() -> None:
    one, two = source({"a": 0.1, "b": 0.2, "c": 0.9}, "one"), source({"a": 0.4, "b": 0.3}, "two")
    found = standings([one, two], "mean-rank")
    assert [row.key for row in found.rows] == ["a", "b"]
    assert [(each.key, each.sources) for each in found.missing] == [("c", ("two",))]
    # Ranks are among those that are everywhere: what is missing elsewhere pushes nobody down.
    assert [row.ranks for row in found.rows] == [(2.0, 1.0), (1.0, 2.0)]


def test_clear_differences_are_beyond_chance_and_near_ones_not() -> None:
    clear = [source({"a": 0.9, "b": 0.5, "c": 0.1}, f"s{at}", stderr=0.01) for at in range(3)]
    for by in BYS:
        assert [(row.rank_low, row.rank_high) for row in standings(clear, by).rows] == [(1, 1), (2, 2), (3, 3)]
    near = [source({"a": 0.52, "b": 0.5, "c": 0.51}, f"s{at}", stderr=0.05) for at in range(3)]
    for by in BYS:
        assert {(row.rank_low, row.rank_high) for row in standings(near, by).rows} == {(1, 3)}


def test_of_whose_error_nothing_is_known_any_rank_may_be_true() -> None:
    values = {"a": 0.9, "b": 0.1}
    for by in BYS:
        rows = standings([source(values, stderr=None)], by).rows
        assert [(row.rank_low, row.rank_high) for row in rows] == [(1, 2), (1, 2)]


def test_equal_methods_are_told_apart_as_seldom_as_promised() -> None:
    wrong, rng = 0, np.random.default_rng(5)
    for _ in range(200):
        drawn = [0.5 + 0.05 * rng.standard_normal(4) for _ in range(3)]
        table = [source({str(at): value for at, value in enumerate(one)}, str(n)) for n, one in enumerate(drawn)]
        rows = standings(table, "mean-rank").rows
        wrong += any((row.rank_low, row.rank_high) != (1, 4) for row in rows)
    assert wrong / 200 <= 0.05


def test_of_very_many_only_ranks_are_told() -> None:
    found = standings([source({str(at): at / 200 for at in range(150)})], "mean-rank")
    assert not found.compared
    assert {(row.low, row.rank_high) for row in found.rows} == {(None, None)}
    assert [row.rank for row in found.rows] == list(range(1, 151))


def test_what_cannot_be_put_together_is_refused() -> None:
    up, down = source({"a": 0.1}), source({"a": 0.1}, "two", higher=False)
    assert "one direction" in refusal([up, down], "mean-score")
    assert refusal([up, down], "mean-rank") == ""
    assert "at least one" in refusal([], "mean-rank")
    assert "At most 40" in refusal([up] * 41, "mean-rank")
    with pytest.raises(ValueError, match="direction"):
        standings([up, down], "mean-score")


@pytest.mark.services
@pytest.mark.django_db
class TestAddresses:
    @pytest.fixture
    def entries(self, announced: None, person: User) -> list[Submission]:
        return [enter(person, hit, number / 10) for number, hit in enumerate(made([0.3, 0.8, 0.5]), 1)]

    def test_one_benchmark_alone_is_its_board(self, entries: list[Submission], call: Any) -> None:
        body = call("get", f"standings?benchmarks={BOARD}").json()
        assert [row["figures"][0]["submission"] for row in body["rows"]] == [
            row["submission"] for row in call("get", f"leaderboards/{BOARD}").json()["rows"]
        ]
        assert [row["rank"] for row in body["rows"]] == [1, 2, 3]
        assert [row["name"] for row in body["rows"]] == [f"constant, bias {bias}" for bias in (0.2, 0.3, 0.1)]

    def test_domains_are_columns_of_their_own(self, entries: list[Submission], call: Any) -> None:
        names = [f"{BOARD}:id", f"{BOARD}:shifts"]
        body = call("get", f"standings?benchmarks={','.join(names)}&by=mean-score").json()
        assert [column["domain"] for column in body["columns"]] == ["id", "shifts"]
        for row in body["rows"]:
            assert row["value"] == pytest.approx(np.mean([one["value"] for one in row["figures"]]), abs=1e-4)

    def test_who_is_not_everywhere_is_named(self, entries: list[Submission], call: Any) -> None:
        entries[0].figures.filter(domain="id").delete()
        body = call("get", f"standings?benchmarks={BOARD}&benchmarks={BOARD}:id").json()
        assert len(body["rows"]) == 2
        assert [one["lacks"] for one in body["missing"]] == [[f"{BOARD}:id"]]

    def test_one_name_of_predictions_is_not_one_method(
        self, entries: list[Submission], person: User, other: User, call: Any
    ) -> None:
        Submission.objects.filter(pk=entries[0].pk).update(kind="predictions", config={"bias": 0.2}, owner=other)
        body = call("get", f"standings?benchmarks={BOARD}").json()
        assert len(body["rows"]) == 3
        assert len(call("get", f"standings?benchmarks={BOARD}&verified=true").json()["rows"]) == 2

    @pytest.mark.parametrize(
        "query",
        ["", "benchmarks=no/such", f"benchmarks={BOARD}@no", f"benchmarks={BOARD}:no", f"benchmarks={BOARD}&by=luck",
         f"benchmarks={BOARD}&verified=yes", f"benchmarks={BOARD}&colour=red",
         "benchmarks=" + ",".join(f"a/{number}" for number in range(41))],
    )  # fmt: skip
    def test_what_cannot_be_asked_for(self, entries: list[Submission], query: str, call: Any) -> None:
        assert call("get", f"standings?{query}").status_code == 400

    def test_the_page_has_the_numbers_of_the_api(self, entries: list[Submission], client: Client) -> None:
        assert "Benchmarks" in client.get("/standings/").content.decode()
        text = client.get(f"/standings/?benchmarks={BOARD}&by=win-rate").content.decode()
        assert "Win rate" in text
        assert "100.0" in text
        assert f'value="{BOARD}" checked' in text
        assert client.get("/standings/?benchmarks=no/such").status_code == 400

    def test_the_page_has_the_first_rows_and_counts_the_rest(
        self, entries: list[Submission], call: Any, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        every = call("get", f"standings?benchmarks={BOARD}").json()["rows"]
        monkeypatch.setattr(standings_views, "MOST_SHOWN", 1)
        text = client.get(f"/standings/?benchmarks={BOARD}").content.decode()
        shown = [f"/submissions/{row['figures'][0]['submission']}/" in text for row in every]
        assert shown == [True, *[False] * (len(every) - 1)]
        assert f"{len(every) - 1} more" in text
