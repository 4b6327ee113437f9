"""Ratios say how many times as good ours is, whichever way a unit counts, and a goal is the least of them."""

import json

import pytest
from bench import table
from bench.result import Result, result_of

SECONDS = Result(row=4, name="s", ours=(2.0, 4.0, 3.0), peer=(30.0, 20.0, 30.0), unit="s", peer_name="p", goal=10)


def test_less_seconds_are_better_and_more_of_a_rate() -> None:
    assert SECONDS.ratio == 10
    assert SECONDS.spread == (5, 15)
    rate = Result(row=1, name="r", ours=(95.0,), peer=(100.0,), unit="images/s", peer_name="bare", goal=0.96)
    assert rate.ratio == 0.95
    assert (SECONDS.met, rate.met) == (True, False)


def test_what_has_no_peer_has_no_ratio_and_no_goal() -> None:
    alone = Result(row=9, name="claims", ours=(120.0,), unit="claims/s")
    assert (alone.ratio, alone.spread, alone.met) == (None, None, None)
    with pytest.raises(ValueError, match="there is no peer"):
        Result(row=9, name="claims", ours=(120.0,), unit="claims/s", goal=1)
    with pytest.raises(ValueError, match="the peer by name"):
        Result(row=9, name="claims", ours=(120.0,), peer=(1.0,), unit="claims/s")


def test_what_is_kept_is_read_as_it_was_judged() -> None:
    found = Result(row=1, name="x", ours=(1.000049,), peer=(1.49999,), unit="s", peer_name="p", goal=1.5, state="cold")
    body = json.loads(json.dumps(found.body()))
    assert (body["ours"], body["peer"], body["ratio"], body["met"]) == ([1.0], [1.5], 1.5, True)
    assert result_of(body).body() == found.body()


def test_a_line_of_the_table_has_medians_the_pairs_and_the_goal() -> None:
    assert table.cells(SECONDS) == ("4", "s", "", "3 s", "30 s", "10 (5 to 15)", "10: holds", "p")
    assert "| " not in table.plain(SECONDS)
