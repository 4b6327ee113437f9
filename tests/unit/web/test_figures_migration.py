"""What was on boards before figures, digests and cells were kept is on them afterwards, to the last digit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from farfield_evaluators.catalog import find
from farfield_evaluators.suites.domainbed import datasets
from farfield_evaluators.suites.domainbed.board import Chosen, scores_of
from farfield_web.runs import digests
from farfield_web.runs.models import Run, RunEvidence, SubmissionFigure
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
BEFORE = [("accounts", "0003_allowances"), ("runs", "0006_memory_of_runs"), ("leaderboards", "0002_selected")]
PACS = datasets.find("domainbed/pacs")


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def before() -> Iterator[Any]:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield migrate(BEFORE)
    finally:
        migrate(newest)


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


def figures(submission: Any) -> list[tuple[Any, ...]]:
    """As this release reads them."""
    rows = SubmissionFigure.objects.filter(submission=submission.pk)
    return list(rows.values_list("metric", "domain", "value", "stderr", "n", "trials"))


def newest() -> None:
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def test_one_trial_keeps_its_figures_and_their_errors(before: Any) -> None:
    submission = entered(before, "imagenet-ood/mini")
    ran(before, submission, 0, "succeeded", [("accuracy", "id", 0.1 + 0.2, 0.01, 20), ("ece", "id", 0.3, None, None)])
    waiting = entered(before, "imagenet-ood/mini")
    ran(before, waiting, 0, "queued", [])
    newest()
    assert figures(submission) == [("accuracy", "id", 0.1 + 0.2, 0.01, 20, 1), ("ece", "id", 0.3, None, None, 1)]
    assert figures(waiting) == []


def test_several_trials_keep_the_mean_of_what_each_has(before: Any) -> None:
    submission = entered(before, "a/benchmark-that-is-gone")
    for trial, value in enumerate((0.1, 0.2, 0.4)):
        extra = [("ece", "id", 0.5, None, 9)] if trial else []
        ran(before, submission, trial, "succeeded", [("accuracy", "id", value, 0.01, 20), *extra])
    ran(before, submission, 3, "failed", [])
    newest()
    ((metric, domain, value, stderr, n, trials),) = figures(submission)
    assert (metric, domain, n, trials) == ("accuracy", "id", 60, 3)
    assert value == (0.1 + 0.2 + 0.4) / 3
    assert stderr == pytest.approx(0.0881917103688197, abs=1e-15)


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


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_sweep_keeps_what_its_choices_give(before: Any, state: list[Chosen]) -> None:
    submission = entered(before, "domainbed/pacs", "defaults")
    model = before.get_model("leaderboards", "Selected")
    model.objects.bulk_create(model(submission=submission, **vars(choice)) for choice in state)
    gone = entered(before, "domainbed/gone", "defaults")
    model.objects.create(submission=gone, **vars(WHOLE[0]))
    newest()
    expected = [(s.metric, s.domain, s.value, s.stderr, s.n, s.trials) for s in scores_of(state, PACS)]
    assert figures(submission) == expected
    assert figures(gone) == []


def reckoned_again(submission: Any) -> list[tuple[Any, ...]]:
    """The figures that the digests give, by the plan of the benchmark."""
    kept = Submission.objects.get(pk=submission.pk)
    digests.write_figures(kept, find(kept.benchmark))
    return figures(submission)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_the_digests_of_a_sweep_give_its_figures(before: Any, state: list[Chosen]) -> None:
    submission = entered(before, "domainbed/pacs", "defaults")
    model = before.get_model("leaderboards", "Selected")
    model.objects.bulk_create(model(submission=submission, **vars(choice)) for choice in state)
    newest()
    carried = figures(submission)
    assert reckoned_again(submission) == carried
    groups = set(Submission.objects.get(pk=submission.pk).digests.values_list("group", flat=True))
    assert groups == {f"held out {c.test_env}, trial {c.trial_seed}" for c in state}


def test_the_digests_of_trials_give_their_figures(before: Any) -> None:
    one, uploaded = (entered(before, "imagenet-ood/mini", kind=kind) for kind in ("configuration", "predictions"))
    scores = [("accuracy", "id", 0.1 + 0.2, 0.01, 20), ("accuracy", "noto", 0.3, None, None)]
    for submission in (one, uploaded):
        ran(before, submission, 0, "succeeded", scores)
    newest()
    expected = [("accuracy", "id", 0.1 + 0.2, 0.01, 20, 1), ("accuracy", "noto", 0.3, None, None, 1)]
    assert [reckoned_again(submission) for submission in (one, uploaded)] == [expected, expected]
    places = [list(Submission.objects.get(pk=s.pk).digests.values_list("group", flat=True)) for s in (one, uploaded)]
    assert places == [["trial 1"], [""]]


def test_every_run_has_a_cell_and_its_evidence(before: Any) -> None:
    plain, uploaded = (entered(before, "imagenet-ood/mini", kind=kind) for kind in ("configuration", "predictions"))
    sweep, records = (entered(before, "domainbed/pacs", "smoke", kind) for kind in ("configuration", "predictions"))
    cell = {"test_envs": [0, 2], "hparams_seed": 3, "trial_seed": 1}
    runs = [ran(before, plain, trial, "failed", []) for trial in range(2)]
    runs += [ran(before, uploaded, 0, "queued", []), ran(before, sweep, 0, "succeeded", [], cell=cell)]
    runs += [ran(before, records, 0, "succeeded", [])]
    lines = before.get_model("runs", "RunRecords").objects
    lines.create(run=runs[3], attempt=2, lines="{}\n", sizes=[10, 20, 30, 40])
    lines.create(run=runs[4], attempt=1, lines="{}\n{}\n")
    newest()
    places = [Run.objects.get(pk=run.pk).cell for run in runs]
    assert places == [{"trial": 0}, {"trial": 1}, {}, cell, {}]
    kept = RunEvidence.objects.order_by("-attempt").values_list("run", "attempt", "lines", "facts")
    assert list(kept) == [
        (runs[3].pk, 2, "{}\n", {"sizes": [10, 20, 30, 40]}),
        (runs[4].pk, 1, "{}\n{}\n", {}),
    ]
