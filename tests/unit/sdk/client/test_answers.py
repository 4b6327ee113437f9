"""Boards as text, HTML and records, with what is missing left missing."""

from typing import Any

from tests.unit.sdk.client.answering import Answering, said

from farfield.client import Packet
from farfield.client.exporting import FORMS

METRICS = [{"name": "accuracy", "unit": "%"}, {"name": "ece", "unit": ""}]
COLUMNS = [
    {"name": "accuracy:shift", "metric": "accuracy", "domain": "shift", "title": "Shift"},
    {"name": "ece:shift", "metric": "ece", "domain": "shift", "title": "ECE"},
]


def row(rank: int | None, method: str, *figures: Any, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "rank": rank, "place": None, "reason": "", "submission": f"number of {method}", "display_name": method,
        "title": "", "owner": "ada", "labels": [], "method_version": "1", "track": "open", "tier": "", "kind": "plugin",
        "verified": True, "created_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    return usual | {"figures": list(figures)} | more


def board(*rows: dict[str, Any], page: int = 1, following: str | None = None) -> dict[str, Any]:
    usual: dict[str, Any] = {"benchmark": "mini", "version": "1", "tier": "", "key": "k", "ranked_by": "accuracy:shift"}
    usual |= {"page": "https://farfield.example/boards/mini/", "entries": 2, "columns": COLUMNS}
    return usual | {"rows": list(rows), "page_number": page, "next": following}


FIRST = row(1, "erm", {"value": 0.5, "stderr": 0.01}, {"value": 0.25, "stderr": None}, place={"low": 1, "high": 2})
SECOND = row(None, "<b>odd\x1b[31m</b>", None, {"value": 0.5, "stderr": None}, reason="No headline.")


def asked() -> Answering:
    return Answering(
        said(200, {"name": "mini", "metrics": METRICS, "columns": COLUMNS}),
        said(200, board(FIRST, following="more")),
        said(200, board(SECOND, page=2)),
    )


def test_a_board_has_all_of_its_pages() -> None:
    there = asked()
    found = there.site.leaderboard("mini")
    assert [each.method for each in found] == ["erm", "<b>odd\x1b[31m</b>"]
    assert there.asked[2].url.params["page"] == "2"
    assert [each.rank for each in asked().site.leaderboard("mini", limit=1)] == [1]


def test_it_prints_with_units_and_intervals_and_without_what_moves_a_terminal() -> None:
    text = str(asked().site.leaderboard("mini"))
    assert "Shift (%)" in text
    assert "1 (1 to 2)" in text
    assert "50.00 ± 1.00  0.2500" in text
    assert "\x1b" not in text


def test_in_a_notebook_nothing_of_it_is_markup() -> None:
    html = asked().site.leaderboard("mini")._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;odd" in html
    assert html.count("<tr>") == 3


def test_records_have_full_values_and_none_for_what_is_missing() -> None:
    first, second = asked().site.leaderboard("mini").records()
    assert (first["accuracy:shift"], first["accuracy:shift.stderr"], first["rank_high"]) == (0.5, 0.01, 2)
    assert (second["accuracy:shift"], second["ece:shift"], second["rank"]) == (None, 0.5, None)


def test_a_frame_is_of_the_records() -> None:
    found = asked().site.leaderboard("mini")
    frame = found.to_frame()
    assert list(frame["method"]) == [each.method for each in found]
    assert list(frame.columns) == list(found.records()[0])


def test_the_same_words_enter_once_and_again_enters_anew() -> None:
    keys = [p.key(p.body()) for p in (Packet(benchmark="b", track="t", method="m") for _ in range(2))]
    assert keys[0] == keys[1]
    anew = [p.key(p.body()) for p in (Packet(benchmark="b", track="t", method="m", again=True) for _ in range(2))]
    assert len({*keys, *anew}) == 3


def test_forms_of_one_thing_have_names_of_their_own() -> None:
    for kinds in ({"board"}, {"entry", "run"}):
        names = [form.name for form in FORMS if form.of in kinds]
        assert len(names) == len(set(names))
