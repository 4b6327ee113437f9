"""What tells entries of one method apart."""

from typing import Any

import pytest

from farfield_web.leaderboards.differences import Entered, differences


def of(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    return list(differences(Entered(key=i, **{"method": "m", **entry}) for i, entry in enumerate(entries)).values())


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([], []),
        ([{"config": {"a": 1}}], [{}]),
        ([{"config": {"a": 1}}, {"config": {"a": 1}}], [{}, {}]),
        ([{"config": {"a": 1}}, {"config": {"a": 2}, "method": "other"}], [{}, {}]),
        ([{"config": {"a": 1, "b": b}} for b in (0, 1, 1)], [{"b": 0}, {"b": 1}, {"b": 1}]),
        ([{"config": {"a": 1}}, {"config": {}}], [{"a": 1}, {}]),
        ([{"config": {"a": 1}}, {"config": {"a": True}}], [{"a": 1}, {"a": True}]),
        ([{"version": "1"}, {"version": "2", "content": "x"}], [{"version": "1"}, {"version": "2"}]),
        ([{"content": f"sha256:{c * 16}"} for c in "ab"], [{"content": "aaaaaaaa"}, {"content": "bbbbbbbb"}]),
        ([{"version": ""}, {"version": "2"}], [{}, {"version": "2"}]),
    ],
)  # fmt: skip
def test_only_what_differs_is_named(entries: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    assert of(*entries) == found
