"""The fuzzer sees what must never come out, whatever way it comes out, and sends the same for the same seed."""

import os
import time
from pathlib import Path
from random import Random

import httpx
import pytest
from fuzz import engine
from fuzz.__main__ import report
from fuzz.api import problem
from fuzz.case import Case, Wrong, refused
from fuzz.schema import _call
from fuzz.targets import TARGETS


class Toy:
    """Does what the case says."""

    name = "toy"
    seconds = 5.0

    def make(self, rng: Random) -> Case:
        return Case(words=(rng.choice(("fine", "raise")),), files={"data": rng.randbytes(4)})

    def run(self, case: Case, folder: Path) -> str:
        assert {path.name for path in folder.iterdir()} == set(case.files)
        return WAYS[case.words[0]]()


def _raise() -> str:
    raise KeyError("nobody foresaw this")


def _fill() -> str:
    return str(len(bytearray(engine.MEMORY_BYTES)))


WAYS = {
    "fine": lambda: "read",
    "raise": _raise,
    "die": lambda: os.kill(os.getpid(), 9) or "",
    "hang": lambda: time.sleep(60) or "",
    "fill": _fill,
    "blame": lambda: refused("platform.error"),
}


@pytest.mark.parametrize(
    ("way", "says"),
    [
        ("raise", "nobody foresaw this"),
        ("die", "ended without a word"),
        ("hang", "took longer than 1 s"),
        ("fill", "MemoryError"),
        ("blame", "the platform takes the blame: platform.error"),
    ],
)
def test_every_way_to_come_out_wrong_is_seen(way: str, says: str) -> None:
    toy = Toy()
    toy.seconds = 1.0 if way == "hang" else 60.0
    word, wrong, _ = engine.in_child(toy, Case(words=(way,), files={"data": b""}))
    assert word == ""
    assert says in wrong


def test_what_comes_out_right_is_counted_by_its_word() -> None:
    assert engine.in_child(Toy(), Case(words=("fine",), files={"data": b""}))[:2] == ("read", "")


def test_the_same_seed_sends_the_same_and_what_is_wrong_is_kept(tmp_path: Path) -> None:
    def run(keep: Path) -> engine.Outcome:
        clock = iter(range(100))
        return engine.fuzz(Toy(), 7, 20, keep, now=lambda: float(next(clock)))

    first, second = run(tmp_path / "a"), run(tmp_path / "b")
    assert first.words == second.words
    assert first.wrong.keys() == second.wrong.keys() != set()
    kept = [Case.from_json(path.read_text()) for path in (tmp_path / "a").iterdir()]
    assert {case.digest for case in kept} == first.wrong.keys()
    assert all(case.words == ("raise",) for case in kept)
    assert "nobody foresaw this" in report("toy", first, tmp_path / "a")


def test_kept_cases_are_sent_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SEEDS", tmp_path)
    (tmp_path / "toy").mkdir()
    kept = Case(words=("raise",), files={"data": b"kept"})
    (tmp_path / "toy" / f"{kept.digest}.json").write_text(kept.to_json())
    outcome = engine.fuzz(Toy(), 1, 0.0, tmp_path / "keep", now=lambda: 0.0)
    assert list(outcome.wrong) == [kept.digest]


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_makes_the_same_of_the_same_seed_and_its_cases_can_be_kept(name: str) -> None:
    cases = [TARGETS[name].make(Random(number)) for number in range(30)]
    assert cases == [TARGETS[name].make(Random(number)) for number in range(30)]
    assert [Case.from_json(case.to_json()).digest for case in cases] == [case.digest for case in cases]
    assert len({case.digest for case in cases}) > 10


def test_an_answer_is_wrong_when_it_blames_the_platform_or_has_another_shape() -> None:
    import httpx

    error = {"error": {"code": "request.invalid", "message": "No.", "field": None, "hint": None}}
    assert problem(httpx.Response(400, json=error)) == ""
    assert problem(httpx.Response(200, json={})) == ""
    assert "500" in problem(httpx.Response(500, json=error))
    assert "another shape" in problem(httpx.Response(404, text="<html>"))
    error["error"]["code"] = "platform.bad_job"
    assert "blame" in problem(httpx.Response(409, json=error))


def test_a_code_that_blames_the_platform_is_wrong() -> None:
    assert refused("plugin.link") == "plugin.link"
    with pytest.raises(Wrong):
        refused("platform.disk")


def test_an_answer_may_be_a_picture() -> None:
    class Answered:
        status_code, content = 200, b"RIFF\x00\xff"

    class Asked:
        def call(self, **sent: object) -> Answered:
            return Answered()

        def validate_response(self, answer: Answered, checks: object) -> None:
            assert answer.content

    with httpx.Client(base_url="http://127.0.0.1:1") as client:
        answer = _call(client, Asked())
    assert (answer.content, problem(answer)) == (Answered.content, "")
