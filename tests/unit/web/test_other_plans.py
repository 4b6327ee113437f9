"""A plan that none of ours has gets its runs, board, API and pages without a line of code of the site."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import described, report_of
from tests.unit.web.plans import NAME, Shots, install

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.folds import Folds
from farfield_evaluators.plans.grid import Grid
from farfield_evaluators.run_plan import PlanError
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease
from farfield_web.runs.announce import announce
from farfield_web.runs.figures import figures_of
from farfield_web.runs.models import Digest, Run, Score
from farfield_web.runs.submit import Request, submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
FINGERPRINT = "e" * 64


def offered(benchmark: Benchmark) -> Benchmark:
    """A worker has the method `constant`, and the data of the benchmark."""
    data = {"version": benchmark.version, "fingerprint": FINGERPRINT, "classes": ["a"], "counts": {"photographs": 2}}
    announce("worker-1", [described()], {benchmark.name: {**data, "key": benchmark.comparability_key(FINGERPRINT)}})
    return benchmark


@pytest.fixture
def benchmark(db: None, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    return offered(install(monkeypatch, Shots()))


@pytest.fixture
def entered(benchmark: Benchmark, person: User) -> Submission:
    return submit(person, Request(benchmark=NAME, method="constant", track="open"))


def finish(benchmark: Benchmark, value: float, **changes: Any) -> Run:
    """The next run gets this accuracy."""
    run = lease.claim("worker-1", "cpu")
    assert run is not None
    scores = [
        {"metric": "accuracy", "domain": name, "value": value, "stderr": 0.1, "n": 20} for name in ("id", "shifts")
    ]
    key = benchmark.comparability_key(FINGERPRINT)
    store_report(report_of(run, **{"scores": scores, "comparability_key": key, **changes}))
    run.refresh_from_db()
    return run


def test_an_entry_has_a_run_for_each_cell(entered: Submission) -> None:
    runs = list(entered.runs.values_list("cell", "seed", "trial"))
    cells = [{"shots": shots, "seed": seed} for shots in (1, 5) for seed in range(3)]
    seeds = [100, 101, 102, 500, 501, 502]
    assert runs == [(cell, seed, number) for number, (cell, seed) in enumerate(zip(cells, seeds, strict=True))]


def test_a_board_has_what_there_is_and_ranks_what_is_whole(benchmark: Benchmark, entered: Submission) -> None:
    for value in (0.1, 0.2, 0.3, 0.4, 0.5):
        finish(benchmark, value)
    (row,) = board(benchmark).rows
    assert (row.rank, row.reason) == (None, "unfinished: 5 of 6 runs are done; 5 shots, seed 2 has no result: waiting")
    assert row.figures[0] is not None
    assert (row.figures[0].value, row.figures[0].trials) == (0.3, 5)
    finish(benchmark, 0.6)
    (row,) = board(benchmark).rows
    assert row.figures[0] is not None
    assert (row.rank, row.figures[0].value, row.figures[0].trials) == (1, 0.35, 6)


def test_the_api_names_runs_by_their_axes(benchmark: Benchmark, entered: Submission, call: Any) -> None:
    finish(benchmark, 0.5)
    body = call("get", f"submissions/{entered.pk}").json()
    assert body["progress"] | {"total": 6, "succeeded": 1, "queued": 5} == body["progress"]
    assert body["sweep"] is None
    assert [(run["at"], run["title"]) for run in body["runs"]][4] == ({"shots": 5, "seed": 1}, "5 shots, seed 1")
    assert {(f["metric"], f["domain"], f["value"], f["trials"]) for f in body["figures"]} == {
        ("accuracy", "id", 0.5, 1),
        ("accuracy", "shifts", 0.5, 1),
    }
    assert {str(each["at"]) for each in body["chosen"]} == {"{'seed': 0, 'shots': 1}"}


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_pages_group_name_and_filter_runs_by_the_axes(
    benchmark: Benchmark, entered: Submission, client: Client
) -> None:
    run = finish(benchmark, 0.5)
    shown = page(client, f"/submissions/{entered.pk}/")
    assert "1 of 6 done, 5 waiting" in shown
    assert "A square is a run, one for each seed:" in shown
    assert [f'<span class="what">{title}</span>' in shown for title in ("1 shots", "5 shots")] == [True, True]
    assert f"/submissions/{entered.pk}/runs/?shots=5" in shown
    listed = page(client, f"/submissions/{entered.pk}/runs/?shots=5")
    assert "3 runs: 5 shots, on Mini by shots." in listed
    assert [f">Seed {seed}</a>" in listed for seed in range(3)] == [True] * 3
    assert "2 runs: seed 1, on" in page(client, f"/submissions/{entered.pk}/runs/?seed=1")
    assert client.get(f"/submissions/{entered.pk}/runs/?shots=7").status_code == 404
    assert "<h1>1 shots, seed 0</h1>" in page(client, f"/runs/{run.pk}/")
    assert "50.0" in page(client, f"/boards/{NAME}/")


def test_a_failed_run_is_retried_alone(benchmark: Benchmark, entered: Submission, person: User, call: Any) -> None:
    failure = {"code": "plugin.raised", "message": "no"}
    failed = finish(benchmark, 0.5, outcome="failed", scores=[], failure=failure)
    done = finish(benchmark, 0.5)
    assert call("post", f"runs/{failed.pk}/retry", person=person).json()["status"] == "queued"
    done.refresh_from_db()
    assert done.status == "succeeded"


GRID = Grid(levels={"shots": (1, 5), "seed": (0, 1, 2)}, mean_over="seed")


def finished(benchmark: Benchmark, person: User, values: Iterable[float]) -> Submission:
    """An entry of which as many runs are done."""
    submission = submit(person, Request(benchmark=NAME, method="constant", track="open"))
    for value in values:
        finish(benchmark, value)
    return submission


def test_a_grid_has_figures_at_its_points_and_over_them(
    db: None, person: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    benchmark = offered(install(monkeypatch, GRID))
    submission = finished(benchmark, person, (0.1, 0.2, 0.3))
    assert set(figures_of(submission)) == {("accuracy", f"{domain}[shots=1]") for domain in ("id", "shifts")}
    finish(benchmark, 0.4)
    shown = page(client, f"/submissions/{submission.pk}/")
    assert "4 of 6 done, 2 waiting" in shown
    assert '<span class="part">1 of 3 trials</span>' in shown
    lacks = [f"shots 5, seed {seed} has no result: waiting" for seed in (1, 2)]
    assert board(benchmark).rows[0].reason == "; ".join(["unfinished: 4 of 6 runs are done", *lacks])
    for value in (0.5, 0.6):
        finish(benchmark, value)
    (row,) = board(benchmark).rows
    assert row.figures[0] is not None
    assert (row.rank, row.figures[0].value, row.figures[0].trials) == (1, pytest.approx(0.35), 3)
    listed = page(client, f"/submissions/{submission.pk}/runs/?shots=5&status=done")
    assert "3 runs: shots 5, on Mini by shots." in listed


def test_folds_have_a_run_and_a_line_each(
    db: None, person: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    benchmark = offered(install(monkeypatch, Folds(names=("A", "B", "C"), each=True)))
    submission = finished(benchmark, person, (0.2, 0.4))
    assert {key[1] for key in figures_of(submission)} >= {"shifts", "shifts[fold=A]", "shifts[fold=B]"}
    shown = page(client, f"/submissions/{submission.pk}/")
    assert [f'<span class="what">fold {name}</span>' in shown for name in "ABC"] == [True] * 3
    assert "A square is a run:" in shown
    assert "1 run: fold B, on" in page(client, f"/submissions/{submission.pk}/runs/?fold=B")
    (row,) = board(benchmark).rows
    assert (row.rank, row.reason) == (None, "unfinished: 2 of 3 runs are done; fold C has no result: waiting")
    finish(benchmark, 0.6)
    assert board(benchmark).rows[0].rank == 1


def test_the_training_split_of_each_fold_is_said_in_words(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    of_folds = install(monkeypatch, Folds(names=("A", "B")), train_set="train/{fold}")
    shown = page(client, f"/benchmarks/{of_folds.name}/")
    assert "<dt>Training split</dt><dd>one of its own for each fold, with labels</dd>" in shown
    assert "{fold}" not in shown
    whole = page(client, f"/benchmarks/{install(monkeypatch, GRID).name}/")
    assert "<dt>Training split</dt><dd><code>id/train</code>, with labels" in whole


def test_a_plan_that_takes_nothing_from_elsewhere_has_no_door_for_it(
    db: None, person: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    benchmark = offered(install(monkeypatch, GRID))
    client.force_login(person)
    assert client.get(f"/submit/{benchmark.name}/bring/predictions/").status_code == 404
    assert "Upload predictions" not in page(client, f"/submit/{benchmark.name}/")


def test_a_long_name_of_a_group_is_kept_apart_from_others(
    db: None, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple("x" * 250 + end for end in "AB")
    benchmark = offered(install(monkeypatch, Folds(names=names)))
    submission = finished(benchmark, person, (0.2, 0.4))
    assert submission.digests.count() == 2
    assert figures_of(submission)["accuracy", "shifts"].value == pytest.approx(0.3)


class Raising(Shots):
    """Whatever it is asked about evidence, it raises."""

    def digest(self, group: str, evidence: Any) -> Any:
        raise KeyError("a defect of the plan")


class Lying(Shots):
    """It says that it makes six runs."""

    def cells(self, tier: str, entrant: Any) -> Any:
        yield from [*super().cells(tier, entrant)] * 1000


def test_a_plan_that_raises_harms_nothing_and_is_named(db: None, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark = offered(install(monkeypatch, Raising()))
    submission = submit(person, Request(benchmark=NAME, method="constant", track="open"))
    run = finish(benchmark, 0.5)
    assert (run.status, run.attempt) == ("queued", 2)
    assert (Score.objects.count(), Digest.objects.count()) == (0, 0)
    message = run.events.filter(target="queued", source="scoring").get().message
    assert message == f"the plan of {NAME} failed on the site: KeyError: 'a defect of the plan'"
    assert submission.runs.exclude(pk=run.pk).filter(status="queued").count() == 5


def test_a_plan_that_makes_other_runs_than_it_says_is_refused(
    db: None, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(install(monkeypatch, Lying()))
    with pytest.raises(SubmissionError) as caught:
        submit(person, Request(benchmark=NAME, method="constant", track="open"))
    assert (caught.value.code, Submission.objects.count()) == (PlanError.code, 0)


def test_a_plan_of_more_runs_than_the_site_takes_is_refused(benchmark: Benchmark, person: User, settings: Any) -> None:
    settings.MAX_ENTRY_RUNS = 5
    with pytest.raises(SubmissionError) as caught:
        submit(person, Request(benchmark=NAME, method="constant", track="open"))
    assert caught.value.message == "An entry to Mini by shots is 6 runs; this site takes at most 5."
