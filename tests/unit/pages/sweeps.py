"""Sweeps in every state, for the tests of pages: entered by the site's own verb, then brought along in bulk."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.unit.pages.content import FINGERPRINT, Config, Site, announce_data

from farfield import Images, MethodSpec, TaskFamily, TrackClaims
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.run_plan import Chosen
from farfield_web.runs import digests, workers
from farfield_web.runs.models import Digest, Run, RunEvent, RunEvidence
from farfield_web.runs.status import Status
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission

PACS = "domainbed/pacs"
RULES = ("iid", "oracle", "variation")
ENVIRONMENTS = 4


def announce_sweeps() -> Benchmark:
    """Methods that fit, and the data of PACS."""
    for name in ("erm", "coral"):
        spec = MethodSpec(
            name=name, family=TaskFamily.DOMAIN_GENERALIZATION, summary=f"The algorithm {name}.", build=dict,
            inputs=Images(), claims=TrackClaims(backbone="resnet-50", pretraining=("imagenet-1k",)), config=Config,
        )  # fmt: skip
        Method.objects.create(
            name=name, family=spec.family.value, plugin="tests", distribution="tests", version="1.0",
            spec=spec.describe(), worker="w1", announced_at=timezone.now(),
        )  # fmt: skip
    workers.announced("w1", "cpu", ["tuned", "constant", "msp", "erm", "coral"], list(Kind), {})
    benchmark = find(PACS)
    announce_data(benchmark)
    return benchmark


def enter_sweep(site: Site, tier: str, method: str = "erm", **more: Any) -> Submission:
    return submit(
        site.ada, Request(**{"benchmark": PACS, "method": method, "track": "open", "tier": tier, "again": True, **more})
    )


def end(runs: Iterable[Run], status: Status, **values: Any) -> None:
    """Bring runs into a state as if they had lived."""
    now, ended = timezone.now(), status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
    times = {"started_at": now - timedelta(minutes=7), "finished_at": now if ended else None}
    among = list(runs)
    Run.objects.filter(pk__in=[run.pk for run in among]).update(status=status.value, **times, **values)
    event = {"at": now, "kind": "moved", "attempt": 1, "target": status.value, "message": "it was so"}
    RunEvent.objects.bulk_create(RunEvent(run=run, source="queued", **event) for run in among)


def succeed(submission: Submission, runs: Sequence[Run]) -> None:
    """Runs that are done, with a record each."""
    key = find(PACS).comparability_key(FINGERPRINT, submission.tier)
    end(runs, Status.SUCCEEDED, comparability_key=key)
    RunEvidence.objects.bulk_create(RunEvidence(run=run, attempt=1, lines="{}\n") for run in runs)


def select(submission: Submission, accuracy: float, trials: Sequence[int], environments: int = ENVIRONMENTS) -> None:
    """What the rules chose so far."""
    benchmark = find(PACS)
    Digest.objects.bulk_create(
        Digest(
            submission=submission,
            group=f"held out {env}, trial {trial}",
            chosen=[asdict(chosen(benchmark, rule, at, env, trial, accuracy)) for at, rule in enumerate(RULES)],
        )
        for env in range(environments)
        for trial in trials
    )
    digests.write_figures(submission, benchmark)


def chosen(benchmark: Benchmark, rule: str, at: int, env: int, trial: int, accuracy: float) -> Chosen:
    """As DomainBed's plan digests a group."""
    return Chosen(
        metric=f"accuracy-{rule}", domain=benchmark.domains[env].name, n=500,
        value=accuracy + 0.02 * env + 0.01 * trial - 0.03 * at,
        at={"test_envs": [env], "trial_seed": trial},
        facts={"test_env": env, "hparams_seed": trial, "step": 300, "validation": 0.9},
    )  # fmt: skip


def finished(site: Site, method: str, accuracy: float, tier: str = "defaults", **more: Any) -> Submission:
    """A sweep of which every run is done."""
    submission = enter_sweep(site, tier, method, **more)
    succeed(submission, list(submission.runs.all()))
    select(submission, accuracy, range(1 if tier == "smoke" else 3))
    return submission


def under_way(site: Site, tier: str = "full") -> Submission:
    """A sweep with runs in every state: of each ten 5 done, 1 failed, 1 running, 1 cancelled, 2 waiting."""
    submission = enter_sweep(site, tier, title="half of it")
    runs = list(submission.runs.all())
    by_place: dict[int, list[Run]] = {place: [] for place in range(10)}
    for number, run in enumerate(runs):
        by_place[number % 10].append(run)
    succeed(submission, [run for place in range(5) for run in by_place[place]])
    end(by_place[5], Status.FAILED, failure_code="plugin.raised", failure_message="ValueError: the loss is nan")
    progress = {"phase": "fit", "done": 300, "total": 1200}
    end(by_place[6], Status.RUNNING, progress=progress, worker="w1")
    end(by_place[7], Status.CANCELLED)
    select(submission, 0.5, [0, 1], ENVIRONMENTS - 1)
    return submission


def run_at(submission: Submission, status: Status) -> Run:
    """The first of its runs in a state."""
    return submission.runs.filter(status=status.value)[0]
