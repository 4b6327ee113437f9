"""Rows for the tests of pages, made by the site's own verbs where it has them."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from farfield import Images, MethodSpec, TaskFamily, TrackClaims, setting
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.runs import digests, workers
from farfield_web.runs.logs import append
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import BenchmarkData, Method, Submission

PASSWORD = "correct horse battery"
BOARD = "imagenet-ood/mini"
FINGERPRINT = "9f3c" * 16
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
LIFE = (Status.PREPARING, Status.RUNNING, Status.SCORING)


@dataclass(frozen=True, kw_only=True)
class Config:
    rate: float = setting(1e-3, help="Peak learning rate", ge=0.0, le=1.0)
    steps: int = setting(100, help="Optimiser steps", ge=1)
    head: str = setting("cosine", help="The head", choices=("cosine", "linear"))
    freeze: bool = setting(True, help="Freeze the backbone")


@dataclass(kw_only=True)
class Site:
    ada: User
    grace: User
    benchmark: Benchmark
    submissions: dict[str, Submission] = field(default_factory=dict)

    def run(self, name: str) -> Run:
        return Run.objects.get(submission=self.submissions[name])


def fill() -> Site:
    """Two people; methods; data; a submission in each state, and two on the board."""
    people = [User.objects.create_user(name, password=PASSWORD) for name in ("ada", "grace")]
    site = Site(ada=people[0], grace=people[1], benchmark=find(BOARD))
    announce_methods()
    announce_data(site.benchmark)
    for state in ("queued", "running", "failed", "cancelled", "succeeded"):
        site.submissions[state] = enter(site.ada, "tuned", "open", title=f"{state} one")
        drive(site.run(state), state, site.benchmark)
    site.submissions["floor"] = enter(site.grace, "constant", "scratch")
    drive(site.run("floor"), "succeeded", site.benchmark, accuracy=0.1)
    return site


def announce_methods() -> None:
    for name, family, claims, config in (
        ("tuned", TaskFamily.CLASSIFICATION, TrackClaims(backbone="clip", pretraining=("laion-2b",)), Config),
        ("constant", TaskFamily.CLASSIFICATION, TrackClaims(backbone="none"), None),
        ("msp", TaskFamily.OOD_DETECTION, TrackClaims(backbone="resnet", pretraining=("imagenet-1k",)), None),
    ):
        extra: dict[str, Any] = {"config": config} if config else {}
        spec = MethodSpec(
            name=name, family=family, summary=f"The method {name}.", build=dict, inputs=Images(), claims=claims,
            papers=("A paper (arXiv 2109.01903)",), code="https://example.org/code", **extra,
        )  # fmt: skip
        Method.objects.create(
            name=name, family=family.value, plugin="tests", distribution="tests", version="1.0",
            spec=spec.describe(), worker="w1", announced_at=timezone.now(),
        )  # fmt: skip
    workers.announced("w1", "cpu", ["tuned", "constant", "msp"], list(Kind), {})


def announce_data(benchmark: Benchmark) -> None:
    BenchmarkData.objects.create(
        benchmark=benchmark.name, version=benchmark.version, fingerprint=FINGERPRINT, current=True,
        key=benchmark.comparability_key(FINGERPRINT), classes=["cat", "dog"], announced_at=timezone.now(),
        counts={**{domain.name: 20 for domain in benchmark.domains}, "train": 40},
    )  # fmt: skip


def enter(person: User, method: str, track: str, **more: Any) -> Submission:
    return submit(person, Request(**{"benchmark": BOARD, "method": method, "track": track, "again": True, **more}))


def drive(run: Run, state: str, benchmark: Benchmark, accuracy: float = 0.6) -> None:
    """Bring a queued run into a state, through all states before it."""
    now = timezone.now()
    if state == "cancelled":
        return move(run, Status.CANCELLED, "cancelled by its owner", finished_at=now)
    if state == "queued":
        return None
    append(run, "loading\n", 0)
    for step in LIFE[: 2 if state in ("running", "failed") else 3]:
        move(run, step, started_at=now, worker="w1", progress={"phase": "predict", "done": 30, "total": 120})
    if state == "failed":
        move(run, Status.FAILED, failure_code="predictions.invalid", failure_message="12 logits are not finite")
    if state == "succeeded":
        score(run, benchmark, accuracy)
        key = benchmark.comparability_key(FINGERPRINT)
        move(run, Status.SUCCEEDED, comparability_key=key, finished_at=now)
        refigure(run.submission)
    return None


def refigure(submission: Submission) -> None:
    """The figures of a submission anew, from the scores of its runs."""
    benchmark = find(submission.benchmark)
    digests.digest(submission, benchmark, {g for run in submission.runs.all() for g in benchmark.plan.groups(run.cell)})
    digests.write_figures(submission, benchmark)


def score(run: Run, benchmark: Benchmark, accuracy: float) -> None:
    for domain in ("id", "shifts", *(domain.name for domain in benchmark.domains)):
        run.scores.create(
            attempt=run.attempt, metric="accuracy", domain=domain, value=accuracy, stderr=0.01, n=20,
        )  # fmt: skip
