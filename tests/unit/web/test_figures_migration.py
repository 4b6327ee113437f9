"""What was on boards before figures, digests and cells were kept is on them afterwards, to the last digit."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from farfield_evaluators.catalog import find
from farfield_evaluators.suites.domainbed import datasets
from farfield_evaluators.suites.domainbed.board import Chosen, scores_of
from farfield_web.runs import digests
from farfield_web.runs.models import Run, RunEvidence, SubmissionFigure
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BEFORE = [("accounts", "0003_allowances"), ("runs", "0006_memory_of_runs"), ("leaderboards", "0002_selected")]
PACS = datasets.find("domainbed/pacs")
CELL = {"test_envs": [0, 2], "hparams_seed": 3, "trial_seed": 1}


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def entered(apps: Any, benchmark: str, tier: str = "", kind: str = "configuration") -> Any:
    person, _ = apps.get_model("accounts", "User").objects.get_or_create(username="ada")
    values = {"benchmark": benchmark, "benchmark_version": "1", "track": "open", "tier": tier, "kind": kind}
    return apps.get_model("submissions", "Submission").objects.create(owner=person, created_at=timezone.now(), **values)


def ran(apps: Any, submission: Any, trial: int, status: str, scores: list[tuple[Any, ...]], **more: Any) -> Any:
    now = timezone.now()
    values = {"seed": trial, "resource": "cpu", "status": status, "status_at": now, "queued_at": now, **more}
    run = apps.get_model("runs", "Run").objects.create(submission=submission, trial=trial, **values)
    model = apps.get_model("runs", "Score")
    for metric, domain, value, stderr, n in scores:
        model.objects.create(run=run, attempt=1, metric=metric, domain=domain, value=value, stderr=stderr, n=n)
    return run


def chosen(rule: str, env: int, trial: int, n: int | None) -> Chosen:
    test = (7 + 3 * env + 11 * trial + len(rule)) / 37
    return Chosen(
        rule=rule, test_env=env, trial_seed=trial, hparams_seed=trial, step=300, validation=0.9, test=test, n=n
    )


WHOLE = [
    chosen(rule, e, t, 500 + e) for rule in ("iid", "oracle", "loo", "variation") for e in range(4) for t in (0, 1)
]
STATES = {
    "whole": WHOLE,
    "one trial": [choice for choice in WHOLE if not choice.trial_seed],
    "an environment missing": [choice for choice in WHOLE if choice.test_env != 2],
    "trials that share nothing": [choice for choice in WHOLE if choice.trial_seed == choice.test_env % 2],
    "sizes not known": [chosen("iid", e, 0, None) for e in range(4)],
    "nothing yet": [],
}
ONE_TRIAL = [("accuracy", "id", 0.1 + 0.2, 0.01, 20), ("accuracy", "noto", 0.3, None, None)]
CALIBRATION = ("ece", "id", 0.3, None, None)  # not among the figures of the board's plan


@dataclass(frozen=True, kw_only=True)
class Old:
    """Keys of what an old release had: submissions, and runs in the order of their submissions."""

    single: int
    waiting: int
    uploaded: int
    several: int
    sweeps: dict[str, int]
    gone: int
    runs: list[int]


@pytest.fixture(scope="module")
def old(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Old]:
    """All of it went through the migrations at once: back and forth is most of the time of a test."""
    with django_db_blocker.unblock():
        try:
            newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
            try:
                keys = enter(migrate(BEFORE))
            finally:
                migrate(newest)
            yield keys
        finally:
            call_command("flush", interactive=False, verbosity=0)


def enter(apps: Any) -> Old:
    single, waiting, failed = (entered(apps, "imagenet-ood/mini") for _ in range(3))
    uploaded, queued = (entered(apps, "imagenet-ood/mini", kind="predictions") for _ in range(2))
    ran(apps, single, 0, "succeeded", [*ONE_TRIAL, CALIBRATION])
    ran(apps, uploaded, 0, "succeeded", ONE_TRIAL)
    ran(apps, waiting, 0, "queued", [])
    several = entered(apps, "a/benchmark-that-is-gone")
    for trial, value in enumerate((0.1, 0.2, 0.4)):
        extra = [("ece", "id", 0.5, None, 9)] if trial else []
        ran(apps, several, trial, "succeeded", [("accuracy", "id", value, 0.01, 20), *extra])
    ran(apps, several, 3, "failed", [])

    sweeps = {state: entered(apps, "domainbed/pacs", "defaults") for state in STATES}
    gone = entered(apps, "domainbed/gone", "defaults")
    model = apps.get_model("leaderboards", "Selected")
    for state, sweep in sweeps.items():
        model.objects.bulk_create(model(submission=sweep, **vars(choice)) for choice in STATES[state])
    model.objects.create(submission=gone, **vars(WHOLE[0]))

    runs = [ran(apps, failed, trial, "failed", []) for trial in range(2)] + [ran(apps, queued, 0, "queued", [])]
    sweep, records = (entered(apps, "domainbed/pacs", "smoke", kind) for kind in ("configuration", "predictions"))
    runs += [ran(apps, sweep, 0, "succeeded", [], cell=CELL), ran(apps, records, 0, "succeeded", [])]
    lines = apps.get_model("runs", "RunRecords").objects
    lines.create(run=runs[3], attempt=2, lines="{}\n", sizes=[10, 20, 30, 40])
    lines.create(run=runs[4], attempt=1, lines="{}\n{}\n")
    return Old(
        single=single.pk,
        waiting=waiting.pk,
        uploaded=uploaded.pk,
        several=several.pk,
        sweeps={state: sweep.pk for state, sweep in sweeps.items()},
        gone=gone.pk,
        runs=[run.pk for run in runs],
    )


def figures(submission: int) -> list[tuple[Any, ...]]:
    """As this release reads them."""
    rows = SubmissionFigure.objects.filter(submission=submission)
    return list(rows.values_list("metric", "domain", "value", "stderr", "n", "trials"))


def reckoned_again(submission: int) -> list[tuple[Any, ...]]:
    """The figures that the digests give, by the plan of the benchmark."""
    entry = Submission.objects.get(pk=submission)
    digests.write_figures(entry, find(entry.benchmark))
    return figures(submission)


def groups(submission: int) -> list[str]:
    return list(Submission.objects.get(pk=submission).digests.values_list("group", flat=True))


def test_one_trial_keeps_its_figures_and_their_errors(old: Old) -> None:
    assert figures(old.single) == [(*score, 1) for score in (*ONE_TRIAL, CALIBRATION)]
    assert figures(old.waiting) == []


def test_several_trials_keep_the_mean_of_what_each_has(old: Old) -> None:
    ((metric, domain, value, stderr, n, trials),) = figures(old.several)
    assert (metric, domain, n, trials) == ("accuracy", "id", 60, 3)
    assert value == (0.1 + 0.2 + 0.4) / 3
    assert stderr == pytest.approx(0.0881917103688197, abs=1e-15)


@pytest.mark.parametrize("state", STATES)
def test_a_sweep_keeps_what_its_choices_give(old: Old, state: str) -> None:
    expected = [(s.metric, s.domain, s.value, s.stderr, s.n, s.trials) for s in scores_of(STATES[state], PACS)]
    assert figures(old.sweeps[state]) == expected
    assert figures(old.gone) == []


@pytest.mark.parametrize("state", STATES)
def test_the_digests_of_a_sweep_give_its_figures(old: Old, state: str) -> None:
    carried = figures(old.sweeps[state])
    assert reckoned_again(old.sweeps[state]) == carried
    places = {f"held out {choice.test_env}, trial {choice.trial_seed}" for choice in STATES[state]}
    assert set(groups(old.sweeps[state])) == places


def test_the_digests_of_trials_give_their_figures(old: Old) -> None:
    expected = [(*score, 1) for score in ONE_TRIAL]
    assert [reckoned_again(key) for key in (old.single, old.uploaded)] == [expected, expected]
    assert [groups(key) for key in (old.single, old.uploaded)] == [["trial 1"], [""]]


def test_every_run_has_a_cell_and_its_evidence(old: Old) -> None:
    places = [Run.objects.get(pk=run).cell for run in old.runs]
    assert places == [{"trial": 0}, {"trial": 1}, {}, CELL, {}]
    evidence = RunEvidence.objects.order_by("-attempt").values_list("run", "attempt", "lines", "facts")
    assert list(evidence) == [
        (old.runs[3], 2, "{}\n", {"sizes": [10, 20, 30, 40]}),
        (old.runs[4], 1, "{}\n{}\n", {}),
    ]
