"""Leaks through figures: what is published of a run must not read labels out, and ranks are made before rounding."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.test import Client
from tests.unit.evaluators.scoring.made import classified, figures_of
from tests.unit.web.conftest import BOARD, KEY, report_of, wanted

from farfield_web import published
from farfield_web.accounts.models import User
from farfield_web.runs import lease
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

services = [pytest.mark.services, pytest.mark.django_db]

IMAGES, CLASSES, READ, BASE = 150, 36, 6, 90.0
EPSILONS = BASE ** -np.arange(1.0, READ + 1)
Labels = npt.NDArray[np.int64]


def attack() -> npt.NDArray[np.float64]:
    """Logits [N, C] of -eps x class: the first images have another power of 90 each, the others say nothing."""
    scale = np.concatenate([EPSILONS, np.zeros(IMAGES - READ)])
    return -scale[:, None] * np.arange(CLASSES)


def figures(labels: Labels) -> list[dict[str, Any]]:
    """What the evaluators make of it, in the form of a report."""
    scores = [figure.as_json() for figure in figures_of([classified("photographs", "id", attack(), labels)])]
    return [*scores, *({**s, "domain": "shifts"} for s in scores if s["domain"] == "id")]


def read_out(nll: float) -> list[int]:
    """The labels in the digits of the likelihood: each image adds eps x label to a sum that is known otherwise."""
    logits = attack()
    rest = nll * IMAGES - float(np.log(np.exp(logits).sum(axis=1)).sum())
    found = []
    for epsilon in EPSILONS:
        label = math.floor(rest / epsilon + 1e-6)
        found.append(label)
        rest -= label * epsilon
    return found


def recovered(nll: float, labels: Labels) -> int:
    return sum(a == b for a, b in zip(read_out(nll), labels[:READ], strict=True))


def nll_of(scores: list[dict[str, Any]]) -> float:
    return next(float(s["value"]) for s in scores if (s["metric"], s["domain"]) == ("nll", "id"))


def test_leak_of_labels_in_the_digits_of_the_likelihood() -> None:
    rng = np.random.default_rng(0)
    full, rounded, runs = 0, 0, 40
    for _ in range(runs):
        labels = rng.integers(0, CLASSES, IMAGES)
        value = nll_of(figures(labels))
        full += recovered(value, labels)
        rounded += recovered(published.figure(value), labels)
    assert full >= 0.9 * READ * runs, "the attack itself must work, or this test says nothing"
    chance = READ * runs / CLASSES
    assert rounded <= chance + 3 * math.sqrt(chance)


def test_leak_is_bounded_by_the_values_that_can_be_published() -> None:
    """Of a figure between 0 and 1 at most 15 bits, as docs/threat-model.md says; of its error at most 13."""
    grid = np.unique(np.r_[np.linspace(0, 1, 400_001), np.geomspace(1e-12, 1, 20_000)])
    assert math.log2(len({published.figure(float(v)) for v in grid})) < 15
    assert math.log2(len({published.error(float(v)) for v in grid})) < 13


@pytest.mark.parametrize("value", [0.0, 1.0, -0.25, 1e-300, 1e-6, 0.99999, 3.58351894, 12345678.9, 1.797693e308])
def test_rounding_twice_changes_nothing(value: float) -> None:
    for rule in (published.figure, published.error):
        assert math.isfinite(rule(value))
        assert rule(rule(value)) == rule(value)


def test_what_is_no_number_stays_so() -> None:
    assert published.figure(None) is None
    assert math.isnan(published.figure(math.nan))


def leaves(value: Any) -> list[float]:
    """Every number with a fraction in JSON."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in leaves(item)]
    if isinstance(value, list):
        return [number for item in value for number in leaves(item)]
    return [value] if isinstance(value, float) else []


def is_short(value: float) -> bool:
    return published.figure(value) == value


@pytest.fixture
def attacked(announced: None, person: User) -> Submission:
    submission = submit(person, wanted())
    held = lease.claim("w", "cpu")
    assert held is not None
    scores = figures(np.random.default_rng(1).integers(0, CLASSES, IMAGES))
    curve = [{"point": point, "scores": scores} for point in (0.0, 1.0)]
    assert store_report(report_of(held, scores=scores, curve=curve, comparability_key=KEY)) is None
    return submission


class TestPublished:
    pytestmark = services

    def test_leak_stays_inside(self, attacked: Submission) -> None:
        """Inside, figures keep what ranks need."""
        assert not is_short(attacked.runs.get().scores.get(metric="accuracy", domain="id").stderr)

    @pytest.mark.parametrize("path", [f"leaderboards/{BOARD}", "submissions/{0}", "runs/{1}", "runs/{1}/events"])
    def test_leak_by_the_api(self, attacked: Submission, call: Callable[..., Any], path: str) -> None:
        run = attacked.runs.get()
        found = call("get", path.format(attacked.pk, run.pk)).json()
        assert [value for value in leaves(found) if not is_short(value)] == []

    @pytest.mark.parametrize("path", ["/boards/imagenet-ood/mini/", "/submissions/{0}/", "/runs/{1}/", "/"])
    def test_leak_by_pages(self, attacked: Submission, client: Client, path: str) -> None:
        run = attacked.runs.get()
        text = client.get(path.format(attacked.pk, run.pk)).content.decode()
        body = re.sub(r"<[^>]*>", " ", text.partition("<main")[2])
        assert "±" in body
        long = [n for n in re.findall(r"\d+\.\d+", body) if len(n.replace(".", "").lstrip("0")) > published.DIGITS]
        assert long == []

    def test_ranks_are_made_at_full_precision(self, announced: None, person: User, call: Callable[..., Any]) -> None:
        for value, bias in ((0.500001, 0.1), (0.500002, 0.2)):
            submit(person, wanted(config={"bias": bias}))
            held = lease.claim("w", "cpu")
            assert held is not None
            domains = ("shifts", "id")
            scores = [{"metric": "accuracy", "domain": d, "value": value, "stderr": None, "n": 9} for d in domains]
            store_report(report_of(held, scores=scores))
        rows = call("get", f"leaderboards/{BOARD}").json()["rows"]
        assert [(row["rank"], row["config"]["bias"], row["figures"][0]["value"]) for row in rows] == [
            (1, 0.2, 0.5),
            (2, 0.1, 0.5),
        ]
