"""What of the test data a method may have seen: from declarations alone, at every door, and unknown is never none."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.web.conftest import BOARD, described, npz, sent, wanted

from farfield import TrackClaims, TrainingData
from farfield.errors import SpecError
from farfield.training_data import read, written
from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.seen import Seen, seen
from farfield_web.accounts.models import User
from farfield_web.runs.announce import announce
from farfield_web.runs.submit import submit

MINI = find(BOARD)
FAMILY = BOARD.partition("/")[0]
NAMES = [*(each.name for each in benchmarks()), FAMILY, "elsewhere", f"{BOARD}#{MINI.domains[0].name}", f"{BOARD}#no"]
contained = st.lists(st.sampled_from(NAMES), max_size=4).map(tuple)
sets = st.lists(st.builds(TrainingData, name=st.just("data"), contains=contained), max_size=3)


def test_the_worst_data_set_counts() -> None:
    inner = next(domain.name for domain in MINI.domains if domain.role == "id")
    shifted = next(domain.name for domain in MINI.domains if domain.role != "id")

    def of(*contains: str) -> Seen:
        return seen(MINI, [TrainingData(name="data", contains=contains)])

    assert seen(MINI, None) is Seen.UNKNOWN
    assert seen(MINI, []) is of() is of("elsewhere", f"{BOARD}#nowhere", f"{FAMILY}x") is Seen.NONE
    assert of(f"{BOARD}#{inner}") is of(f"{FAMILY}#{inner}") is Seen.IN_DOMAIN
    assert of(f"{FAMILY}#{shifted}") is of(BOARD) is of(FAMILY) is of(f"{BOARD}#{inner}", BOARD) is Seen.TEST_LIKE


@given(declared=sets, more=sets)
def test_more_data_never_makes_it_better(declared: list[TrainingData], more: list[TrainingData]) -> None:
    order = [Seen.NONE, Seen.IN_DOMAIN, Seen.TEST_LIKE]
    for benchmark in (MINI, find("domainbed/pacs")):
        assert order.index(seen(benchmark, declared)) <= order.index(seen(benchmark, [*declared, *more]))


@given(declared=sets)
def test_what_is_described_is_read_again(declared: list[TrainingData]) -> None:
    claims = TrackClaims(backbone="none", training_data=tuple(declared))
    assert not claims.problems()
    assert read(claims.describe()["training_data"]) == tuple(declared)
    assert "training_data" not in TrackClaims(backbone="none").describe()


@pytest.mark.parametrize(
    "said",
    [
        "laion", {"name": "a"}, [{"name": ""}], [{"name": "a", "role": "seen"}], [{"name": "a", "contains": "mini"}],
        [{"name": "a", "contains": ["A b"]}], [{"name": "a\n"}], [{"name": "a", "size": 1}], [["a"]], [{"name": 7}],
        [{"name": "a", "contains": [7]}], [{"name": "a", "version": None}], [{"name": "a"}] * 51,
    ],
)  # fmt: skip
def test_what_strangers_say_is_held_to_its_form(said: Any) -> None:
    with pytest.raises(SpecError, match="claims.training_data"):
        read(said)


def test_what_a_person_writes() -> None:
    assert written("a; finetuning; x, y#z\nb") == (
        TrainingData(name="a", role="finetuning", contains=("x", "y#z")),
        TrainingData(name="b"),
    )
    with pytest.raises(SpecError, match="the role 'x'"):
        written("a; x; y")


@pytest.mark.services
@pytest.mark.django_db
def test_it_is_declared_by_a_method_and_stands_on_the_board(
    announced: None, person: User, finished: Any, call: Any, client: Client
) -> None:
    finished(person)
    claims = described()["claims"]
    for contains, said in ((["elsewhere"], "none"), ([BOARD], "test-like")):
        own = {**claims, "training_data": [{"name": "laion-2b", "role": "pretraining", "contains": contains}]}
        announce("worker-1", [described(claims=own, version=said)], {})
        finished(person)
    rows = call("get", f"leaderboards/{BOARD}").json()["rows"]
    assert sorted(row["seen"] for row in rows) == ["none", "test-like", "unknown"], "as it was when it was entered"
    page = client.get(f"/boards/{BOARD}/").content.decode()
    assert all(f"seen: {value}" in page for value in ("none", "test-like", "unknown"))


@pytest.mark.services
@pytest.mark.django_db
def test_predictions_say_it_by_api_and_by_form(everything: None, person: User, call: Any, tmp_path: Any) -> None:
    file = tmp_path / "predictions.npz"
    file.write_bytes(npz())
    upload = sent(person, file, wanted="predictions")
    body = {
        "benchmark": BOARD, "kind": "predictions", "track": "open", "method": "mine", "summary": "Mine.",
        "upload": upload.sha256,
        "claims": {"backbone": "none", "training_data": [{"name": "a", "contains": ["imagenet-ood"]}]},
    }  # fmt: skip
    answer = call("post", "submissions", body, person)
    assert answer.json().get("error", {}).get("code", "") != "request.invalid", answer.json()
    body["claims"]["training_data"] = [{"name": "a", "contains": ["Not a name"]}]
    error = call("post", "submissions", body, person).json()["error"]
    assert (error["code"], error["field"]) == ("claims.invalid", "claims.training_data")
    assert submit(person, wanted()).claims.get("training_data") is None
