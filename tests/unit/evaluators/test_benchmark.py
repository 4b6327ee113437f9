"""Benchmarks as data: what makes two results comparable, which tracks admit a method, what is refused."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from farfield import TaskFamily, TrackClaims
from farfield.errors import SpecError
from farfield.families import Size
from farfield.precision import Precision
from farfield_evaluators.benchmark import Benchmark, Column, Domain, Track
from farfield_evaluators.metric import Metric
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Tier

ACCURACY = Metric(name="accuracy", title="Accuracy", higher_is_better=True, description="Share of hits.")
BENCHMARK = Benchmark(
    name="toy/mini",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="Toy",
    summary="A toy.",
    description="A toy.",
    pack="toy",
    train_set="train",
    domains=(
        Domain(name="photo", title="Photographs", role="id", set="photo"),
        Domain(name="sketch", title="Sketches", role="shift", set="sketch"),
    ),
    metrics=(ACCURACY,),
    columns=(Column(metric="accuracy", domain="shifts", title="Mean of the shifts"),),
    tracks=(Track(name="open", title="Open", description="Any.", pretraining=None),),
    licence="CC0",
)


@dataclass(frozen=True)
class Tiered(Trials):
    """Trials of which a tier says what is comparable."""

    tiers: tuple[Tier, ...] = ()

    def facts(self, tier: str) -> dict[str, Any]:
        chosen = {each.name: each for each in self.tiers}
        return super().facts("") | ({"tier": {"name": tier, **chosen[tier].protocol}} if tier else {})


SMOKE = Tier(name="smoke", title="Smoke", description="Short.", protocol={"trials": 1, "pairs": False})
FULL = replace(SMOKE, name="full", protocol={"trials": 3, "pairs": True})
SWEEP = replace(BENCHMARK, plan=Tiered(tiers=(SMOKE, FULL)))


def test_the_keys_that_stand_in_databases_stay_what_they_were() -> None:
    assert BENCHMARK.comparability_key("f1") == "161df6a69650c432"


def test_every_tier_has_a_key_of_its_own() -> None:
    assert SWEEP.comparability_key("f1") == BENCHMARK.comparability_key("f1")
    keys = {SWEEP.comparability_key("f1", tier) for tier in ("", "smoke", "full")}
    assert len(keys) == 3
    said_otherwise = replace(SWEEP, plan=Tiered(tiers=(replace(SMOKE, title="Quick", description="Quick."), FULL)))
    assert said_otherwise.comparability_key("f1", "smoke") == SWEEP.comparability_key("f1", "smoke")
    longer = replace(SWEEP, plan=Tiered(tiers=(replace(SMOKE, protocol={"trials": 2, "pairs": False}),)))
    assert longer.comparability_key("f1", "smoke") not in keys
    with pytest.raises(KeyError):
        SWEEP.comparability_key("f1", "iid")


def test_a_benchmark_tells_the_tiers_of_its_plan() -> None:
    assert (BENCHMARK.plan.tiers, SWEEP.plan.tiers) == ((), (SMOKE, FULL))
    assert SWEEP.tier("full") is FULL
    assert json.loads(json.dumps(SWEEP.describe()))["tiers"][0]["protocol"] == {"trials": 1, "pairs": False}
    assert len({SWEEP, BENCHMARK}) == 2


@pytest.mark.parametrize(
    ("tier", "message"),
    [
        (replace(SMOKE, name="full"), "two tiers are called 'full'"),
        (replace(SMOKE, name="Smoke!"), "the tier 'Smoke!' must be called by"),
        (replace(SMOKE, name="a-name-that-is-too-long"), "at most 20 lower-case letters"),
        (replace(SMOKE, protocol={"trials": float("nan")}), "the protocol of the tier 'smoke' must be JSON"),
        (replace(SMOKE, protocol={"envs": {1, 2}}), "the protocol of the tier 'smoke' must be JSON"),
    ],
)
def test_a_tier_that_cannot_be_compared_is_refused(tier: Tier, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        replace(BENCHMARK, plan=Tiered(tiers=(tier, FULL)))


def test_the_key_ignores_prose_and_changes_with_protocol_or_data() -> None:
    key = BENCHMARK.comparability_key("f1")
    assert replace(BENCHMARK, title="Other", description="Other", licence="MIT").comparability_key("f1") == key
    changed = (
        replace(BENCHMARK, version="2"),
        replace(BENCHMARK, plan=Trials(2)),
        replace(BENCHMARK, train_set=None),
        replace(BENCHMARK, precision=Precision.BFLOAT16),
        replace(BENCHMARK, metrics=(replace(ACCURACY, higher_is_better=False),)),
        replace(BENCHMARK, domains=BENCHMARK.domains[:1]),
        replace(BENCHMARK, columns=(Column(metric="accuracy", domain="photo", title="ID"),)),
    )
    keys = {key, BENCHMARK.comparability_key("f2"), *(b.comparability_key("f1") for b in changed)}
    assert len(keys) == len(changed) + 2


def test_a_description_is_json() -> None:
    assert json.loads(json.dumps(BENCHMARK.describe()))["family"] == "classification"


def test_look_ups_by_name() -> None:
    assert BENCHMARK.metric("accuracy") is ACCURACY
    assert BENCHMARK.track("open").title == "Open"
    with pytest.raises(KeyError):
        BENCHMARK.metric("f1")
    with pytest.raises(KeyError):
        BENCHMARK.track("closed")


def test_a_track_says_why_it_refuses() -> None:
    closed = Track(name="closed", title="ImageNet only", description="-", pretraining=("imagenet-1k",))
    claims = TrackClaims(backbone="vit", pretraining=("imagenet-1k", "laion-2b"), extra_data=("my photographs",))
    assert closed.refusals(claims) == [
        "pre-training on laion-2b is not allowed in the track 'ImageNet only'",
        "extra data (my photographs) is not allowed in the track 'ImageNet only'",
    ]
    assert closed.refusals(TrackClaims(backbone="rn50", pretraining=("imagenet-1k",))) == []
    assert replace(closed, pretraining=None, extra_data=True).refusals(claims) == []
    unlabeled = replace(closed, pretraining=None, extra_data=True, unlabeled=True)
    says = "whose `fit` names `unlabeled` and whose TrackClaims say so (unlabeled=True)"
    assert unlabeled.refusals(claims) == [f"the track 'ImageNet only' is for methods {says}"]
    assert unlabeled.refusals(replace(claims, unlabeled=True)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "toy"}, "suite/variant"),
        ({"plan": Trials(0)}, "trials must be at least 1"),
        ({"plan": Trials(10**6)}, "its plan makes 1,000,000 runs; at most 10,000 are possible"),
        ({"domains": ()}, "it has no domain"),
        ({"metrics": (ACCURACY, ACCURACY)}, "two metrics are called 'accuracy'"),
        ({"columns": ()}, "no column to rank by"),
        ({"columns": (Column(metric="f1", domain="photo", title="F1"),)}, "column 'F1': there is no metric 'f1'"),
        ({"columns": (Column(metric="accuracy", domain="x", title="X"),)}, "column 'X': there is no domain 'x'"),
    ],
)
def test_a_benchmark_that_cannot_be_ranked_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        replace(BENCHMARK, **changes)


def test_what_is_asked_of_boxes_is_in_the_key_where_it_is_not_the_usual() -> None:
    boxes = replace(BENCHMARK, family=TaskFamily.DETECTION)
    keys = [replace(boxes, **asked).comparability_key("f") for asked in ({}, {"masks": True}, {"detections": 100})]
    assert len(set(keys)) == 3
    assert replace(boxes, masks=False, detections=300).comparability_key("f") == keys[0]
    assert replace(boxes, masks=True).size(examples=4, classes=2) == Size(examples=4, classes=2, masks=True)


@pytest.mark.parametrize(
    ("family", "asked", "says"),
    [
        (TaskFamily.CLASSIFICATION, {"masks": True}, "it asks for masks, and methods for classification find no boxes"),
        (TaskFamily.REGRESSION, {"detections": 9}, "it asks for detections, and methods for regression find no boxes"),
        (TaskFamily.DETECTION, {"detections": 0}, "from 1 to 300 detections of an image count, not 0"),
        (TaskFamily.DETECTION, {"detections": 301}, "from 1 to 300 detections of an image count, not 301"),
    ],
)
def test_boxes_are_asked_of_those_who_find_some(family: TaskFamily, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        replace(BENCHMARK, family=family, **asked)
