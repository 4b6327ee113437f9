"""Logs in chunks."""

import pytest

from farfield_web.runs import logs
from farfield_web.runs.models import Run

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_chunks_add_up(run: Run) -> None:
    assert logs.append(run, "one\n", 0) == 4
    assert logs.append(run, "two\n", 4) == 8
    assert logs.read(run).text == "one\ntwo\n"
    assert logs.read(run, 4).text == "two\n"
    assert logs.read(run, 99) == logs.LogPart(attempt=1, offset=8, text="", length=8, left_out=0)


def test_a_repeated_chunk_is_ignored_and_an_overlap_adds_what_is_new(run: Run) -> None:
    logs.append(run, "one\n", 0)
    assert logs.append(run, "one\n", 0) == 4
    assert logs.append(run, "one\ntwo\n", 0) == 8
    assert logs.read(run).text == "one\ntwo\n"


def test_a_gap_is_answered_by_the_length(run: Run) -> None:
    logs.append(run, "one\n", 0)
    assert logs.append(run, "late", 9) == 4
    assert logs.read(run).text == "one\n"


def test_what_the_database_cannot_store_is_replaced_at_the_same_length(run: Run) -> None:
    assert logs.append(run, "a\x00b\ud800c😀", 0) == 6
    assert logs.read(run).text == "a\ufffdb\ufffdc😀"


def test_a_long_log_keeps_its_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "HEAD", 4)
    monkeypatch.setattr(logs, "TAIL", 3)
    for start, chunk in ((0, "abcde"), (5, "fghij"), (10, "k")):
        logs.append(run, chunk, start)
    part = logs.read(run)
    assert (part.length, part.left_out) == (11, 4)
    assert part.text == "abcd\n[... 4 characters left out ...]\nijk"
    assert logs.read(run, 4).text == "\n[... 4 characters left out ...]\nijk"
    assert logs.read(run, 6).text == "\n[... 2 characters left out ...]\nijk"
    assert [logs.read(run, offset).text for offset in (8, 9, 11)] == ["ijk", "jk", ""]


def test_each_attempt_has_its_own_log(run: Run) -> None:
    logs.append(run, "first", 0)
    run.attempt = 2
    assert logs.append(run, "second", 0) == 6
    assert logs.read(run).text == "second"
    assert logs.read(run, attempt=1).text == "first"
