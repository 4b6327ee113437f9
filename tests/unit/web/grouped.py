"""A benchmark with groups in tests: accuracy by place and label, three repeats, and a plot of worst against average."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.web.conftest import described
from tests.unit.web.plans import NAME, install
from tests.unit.web.test_other_plans import FINGERPRINT

from farfield_evaluators.benchmark import Benchmark, Column, Plot
from farfield_evaluators.catalog import find
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.scoring.classification import ACCURACY
from farfield_evaluators.scoring.groups import per_group, worst_of
from farfield_web.runs.announce import announce
from farfield_web.submissions.kinds import Kind

__all__ = ["FINGERPRINT", "NAME"]
BY = ("place", "label")
WORST = worst_of(ACCURACY, BY)
METRIC = WORST.gives[0]
DOMAIN = "art"
AVERAGE = Column(metric="accuracy", domain=DOMAIN, title="Average")
HEADLINE = Column(metric=METRIC.name, domain=DOMAIN, title="Worst group")
PLOT = Plot(x=AVERAGE, y=HEADLINE, title="Average and worst group", equal="As good in every group as on average.")
GROUPS = ("land", "water")
LABELS = ("cat", "dog")


def group(place: str, label: str) -> str:
    return f"{DOMAIN}[place={place}, label={label}]"


def install_grouped(monkeypatch: pytest.MonkeyPatch, places: tuple[str, ...] = GROUPS, **changes: Any) -> Benchmark:
    """Install it, with a worker that has its data: no dog is on water."""
    like = find("imagenet-ood/mini")
    values: dict[str, Any] = {
        "metrics": (*like.metrics, METRIC),
        "scorers": (*like.scorers, WORST, per_group(ACCURACY, BY)),
        "columns": (HEADLINE, AVERAGE),
        "groups": ("place",),
        "plots": (PLOT,),
        "domains": (replace(like.domains[0], name=DOMAIN, title="Art", role="shift"), *like.domains[1:]),
    }
    benchmark = install(monkeypatch, **{"plan": Trials(1), **values, **changes})
    announce("worker-1", [described(), described("other")], {NAME: data(benchmark, places)}, accepts=list(Kind))
    return benchmark


def data(benchmark: Benchmark, places: tuple[str, ...] = GROUPS) -> dict[str, Any]:
    sizes = [
        {
            "domain": DOMAIN,
            "by": list(BY),
            "name": group(p, y),
            "count": 0 if (p, y) == ("water", "dog") else 8,
            "smallest": 1,
        }
        for y in LABELS
        for p in places
    ]
    return {
        "version": benchmark.version,
        "fingerprint": FINGERPRINT,
        "key": benchmark.comparability_key(FINGERPRINT),
        "classes": list(LABELS),
        "counts": {DOMAIN: 24, "train": 40, "val": 7},
        "groups": sizes,
    }


def scores_of(values: dict[str, float]) -> list[dict[str, Any]]:
    """The figures of a run with these accuracies by group."""
    own = [{"metric": "accuracy", "domain": name, "value": v, "stderr": 0.1, "n": 8} for name, v in values.items()]
    mean, least = sum(values.values()) / len(values), min(values.values())
    whole = [("accuracy", mean), (METRIC.name, least)]
    return [*own, *({"metric": m, "domain": DOMAIN, "value": v, "stderr": 0.05, "n": 24} for m, v in whole)]
