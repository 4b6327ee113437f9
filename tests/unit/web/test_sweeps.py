"""Sweeps: a run per cell, what is selected from what there is, and boards by tier."""

import itertools
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.unit.web.conftest import described, found_in, package, report_of, sent
from tests.unit.web.sweeps import (
    ALL,
    BOARD,
    DATASET,
    FINGERPRINT,
    asked,
    cell_of,
    claimed,
    fail,
    finish,
    lines_of,
    offer_sweeps,
    records_of,
    sweep_report,
)
from tests.wheelhouse import make_wheel

from farfield_evaluators.catalog import find
from farfield_evaluators.suites.domainbed import sweep
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.leaderboards.labels import labels_for
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease, verbs
from farfield_web.runs.announce import announce
from farfield_web.runs.digests import chosen_of
from farfield_web.runs.introduce import introduce
from farfield_web.runs.lines import Line
from farfield_web.runs.models import Digest, Run, RunEvidence
from farfield_web.runs.reaper import reap
from farfield_web.runs.status import Status
from farfield_web.runs.submit import Request, submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.quota import quota_of

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BENCHMARK = find(BOARD)
Rows = set[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _offered(db: None) -> None:
    offer_sweeps()


def selected(submission: Submission) -> Rows:
    names = ("test_env", "trial_seed", "hparams_seed", "step", "validation")
    rows = [(each, {**each.at, **each.facts}) for each in chosen_of(submission)]
    return {
        (each.metric.removeprefix("accuracy-"), *(told[name] for name in names), each.value, each.n)
        for each, told in rows
    }


def by_loo(submission: Submission) -> Rows:
    return {row[1:3] for row in selected(submission) if row[0] == "loo"}


def refused(person: User, request: Request) -> tuple[str, str]:
    with pytest.raises(SubmissionError) as caught:
        submit(person, request)
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(("tier", "count"), [("smoke", 3), ("defaults", 9), ("iid", 180), ("full", 360)])
def test_a_sweep_has_a_run_for_each_cell_in_order(person: User, tier: str, count: int, wakes: list[str]) -> None:
    submission = submit(person, asked(tier))
    cells = sweep.cells(DATASET, "ERM", sweep.tier(tier))
    runs = list(submission.runs.all())
    assert (submission.tier, len(runs), [run.trial for run in runs]) == (tier, count, list(range(count)))
    assert [cell_of(run) for run in runs] == list(cells)
    assert [run.seed for run in runs] == [cell.seed for cell in cells]
    assert [e.message for e in runs[-1].events.all()] == ["submitted"]


def test_a_thousand_runs_need_no_thousand_wakes(
    person: User, wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        submit(person, asked("full"))
    assert wakes == ["cpu"] * 8


def test_an_empty_tier_is_the_first_and_settings_stay_as_entered(person: User) -> None:
    submission = submit(person, asked("", config={"bias": 0.25}))
    assert (submission.tier, submission.config) == ("defaults", {"bias": 0.25})
    assert submit(person, asked("defaults")).config == {}


def test_an_unknown_tier_is_refused_with_the_names(person: User) -> None:
    code, message = refused(person, asked("huge"))
    assert (code, "defaults, iid, full, adaptation, smoke" in message) == ("tier.unknown", True)


def test_a_tier_where_there_are_none_is_refused(announced: None, person: User) -> None:
    plain = Request(benchmark="imagenet-ood/mini", method="constant", track="open", tier="defaults")
    assert refused(person, plain)[0] == "tier.unknown"


def test_a_sweep_beyond_the_site_s_limit_is_refused(person: User, settings: Any) -> None:
    settings.MAX_ENTRY_RUNS = 100
    assert refused(person, asked("iid"))[0] == "tier.too_large"
    submit(person, asked("defaults"))


def test_tiers_are_different_entries(person: User) -> None:
    assert submit(person, asked("smoke")).identity != submit(person, asked("defaults")).identity


def test_a_sweep_counts_as_one_open_run_and_one_of_the_quota(person: User, settings: Any) -> None:
    settings.MAX_OPEN_RUNS = 2
    submit(person, asked("iid"))
    submit(person, asked("smoke"))
    assert refused(person, asked("smoke", title="a third"))[0] == "runs.too_many_open"
    assert quota_of(person, BOARD).used == 2


def test_runs_are_claimed_in_order_with_tier_and_cell(person: User, as_worker: Any) -> None:
    submit(person, asked("defaults"))
    body = {"worker": "worker-1", "resource": "cpu", "accepts": ["configuration"], "methods": ["erm"]}
    orders = [as_worker("claim", body).json() for _ in range(2)]
    assert [order["cell"]["test_envs"] for order in orders] == [[0], [1]]
    assert orders[1]["tier"] == "defaults"
    assert orders[1]["cell"] == {"test_envs": [1], "hparams_seed": 0, "trial_seed": 0}
    assert (
        orders[1]["seed"]
        == Cell(dataset="ColoredMNIST", algorithm="ERM", test_envs=(1,), hparams_seed=0, trial_seed=0).seed
    )


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]], ids=str)
def test_reports_in_any_order_and_doubled_select_the_same(person: User, order: list[int]) -> None:
    submission = submit(person, asked("smoke"))
    runs = [claimed() for _ in range(3)]
    for number in order:
        finish(runs[number], "smoke")
        finish(runs[number], "smoke")
    rows = {row[:3]: row for row in selected(submission)}
    assert set(rows) == set(itertools.product(["iid", "oracle", "variation"], range(3), [0]))
    for env in range(3):
        (last,) = [r for r in records_of(cell_of(runs[env]), "smoke") if r.step == 20]
        assert rows["oracle", env, 0][3:] == (0, 20, last.out_acc[env], last.in_acc[env], [100, 200, 300][env])
    assert RunEvidence.objects.count() == 3


def test_pairs_let_leave_one_out_choose_only_when_all_are_there(person: User) -> None:
    submission = submit(person, asked("full"))
    few = submission.runs.filter(cell__trial_seed=0, cell__hparams_seed=0)
    runs = {tuple(run.cell["test_envs"]): run for run in (Run.objects.get(pk=run.pk) for run in few) if run.cell}
    for run in runs.values():
        Run.objects.filter(pk=run.pk).update(status="scoring", token="t")
        run.refresh_from_db()
    for envs in [(0,), (0, 1), (1,), (2,)]:
        finish(runs[envs], "full")
    assert not by_loo(submission)
    finish(runs[0, 2], "full")
    assert by_loo(submission) == {(0, 0)}
    finish(runs[1, 2], "full")
    assert len(by_loo(submission)) == 3


def replaced(run: Run, old: str, new: str) -> str:
    text = lines_of(records_of(cell_of(run), "smoke"))
    assert old in text
    return text.replace(old, new)


SPOILT: dict[str, Callable[[Run], dict[str, Any]]] = {
    "none": lambda run: {"lines": ""},
    "null": lambda run: {"lines": None},
    "a list": lambda run: {"lines": ["{}"]},
    "no json": lambda run: {"lines": "not json\n"},
    "NUL": lambda run: {"lines": "\0" + lines_of(records_of(cell_of(run), "smoke"))},
    "cut off": lambda run: {"lines": lines_of(records_of(cell_of(run), "smoke"))[:-1]},
    "a step missing": lambda run: {"lines": lines_of(records_of(cell_of(run), "smoke")[:-1])},
    "another tier": lambda run: {"lines": lines_of(records_of(cell_of(run), "defaults"))},
    "another method": lambda run: {"lines": lines_of(records_of(cell_of(run, "IRM"), "smoke"))},
    "doubled": lambda run: {"lines": lines_of([*records_of(cell_of(run), "smoke")] * 2)},
    "another cell": lambda run: {"lines": replaced(run, '"test_envs": [0]', '"test_envs": [1]')},
    "another set": lambda run: {"lines": replaced(run, "ColoredMNIST", "ColoredFashion")},
    "another split": lambda run: {"lines": replaced(run, '"holdout_fraction": 0.2', '"holdout_fraction": 0.3')},
    "two sizes": lambda run: {"facts": {"sizes": [1, 2]}},
    "size 0": lambda run: {"facts": {"sizes": [1, 2, 0]}},
    "size text": lambda run: {"facts": {"sizes": "123"}},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_records_of_another_run_or_by_another_protocol_are_not_kept(person: User, spoil: Any) -> None:
    submit(person, asked("smoke"))
    run = claimed()
    store_report(sweep_report(run, "smoke", **spoil(run)))
    run.refresh_from_db()
    assert (run.status, run.attempt) == ("queued", 2)
    assert not RunEvidence.objects.exists()
    assert not Digest.objects.exists()


def test_records_of_what_is_no_sweep_are_refused(announced: None, person: User) -> None:
    submit(person, Request(benchmark="imagenet-ood/mini", method="constant", track="open"))
    run = claimed()
    store_report(report_of(run, lines="{}\n"))
    run.refresh_from_db()
    assert run.status == "queued"


def test_a_half_finished_sweep_stands_unranked_with_what_it_has(person: User) -> None:
    submission = submit(person, asked("defaults"))
    assert board(BENCHMARK, tier="defaults").rows == ()
    for _ in range(4):
        finish(claimed(), "defaults")
    fail(claimed())
    (row,) = board(BENCHMARK, tier="defaults").rows
    assert row.rank is None
    assert row.reason.startswith("unfinished: 4 of 9 runs are done, 1 failed; ")
    by_column = dict(zip([(c.metric, c.domain) for c in BENCHMARK.columns], row.figures, strict=True))
    first, average = by_column["accuracy-iid", "+90%"], by_column["accuracy-iid", "shifts"]
    assert first is not None
    assert average is not None
    assert (first.trials, average.trials) == (2, 1)
    assert by_column["accuracy-loo", "shifts"] is None
    assert row.entry.submission == submission


def whole(person: User, tier: str, **changes: Any) -> Submission:
    submission = submit(person, asked(tier, **changes))
    for _ in submission.runs.all():
        finish(claimed(), tier)
    return submission


def test_boards_of_two_tiers_are_never_mixed(person: User) -> None:
    smoke, defaults = whole(person, "smoke"), whole(person, "defaults")
    one, other = board(BENCHMARK, tier="smoke"), board(BENCHMARK)
    assert [row.entry.submission for row in one.rows] == [smoke]
    assert [row.entry.submission for row in other.rows] == [defaults]
    assert (one.tier, other.tier, one.rows[0].rank, other.rows[0].rank) == ("smoke", "defaults", 1, 1)
    assert one.key == BENCHMARK.comparability_key(FINGERPRINT, "smoke") != other.key
    assert (one.apart, other.apart) == ((), ())


def test_other_data_stands_apart(person: User) -> None:
    submission = submit(person, asked("smoke"))
    for _ in range(3):
        finish(claimed(), "smoke", comparability_key="another")
    found = board(BENCHMARK, tier="smoke")
    assert found.rows == ()
    assert [row.entry.submission for row in found.apart] == [submission]


def test_a_new_sweep_under_way_does_not_hide_the_finished_one(person: User) -> None:
    done = whole(person, "smoke")
    submit(person, asked("smoke"))
    finish(claimed(), "smoke")
    assert [row.entry.submission for row in board(BENCHMARK, tier="smoke").rows] == [done]


def test_a_failed_run_is_retried_alone_and_quota_is_counted_once(person: User, call: Any) -> None:
    submission = submit(person, asked("smoke"))
    bad, good, waiting = claimed(), claimed(), submission.runs.get(trial=2)
    fail(bad)
    finish(good, "smoke")
    assert call("post", f"runs/{good.pk}/retry", person=person).status_code == 409
    answer = call("post", f"runs/{bad.pk}/retry", person=person)
    assert (answer.status_code, answer.json()["status"], answer.json()["attempt"]) == (200, "queued", 2)
    assert call("post", f"runs/{bad.pk}/retry", person=person).json()["error"]["code"] == "submission.nothing_to_retry"
    assert quota_of(person, BOARD).used == 1
    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempt) == ("queued", 1)
    finish(claimed(), "smoke")
    finish(claimed(), "smoke")
    (row,) = board(BENCHMARK, tier="smoke").rows
    assert row.rank == 1


def test_only_the_owner_retries_a_run(person: User, other: User, call: Any) -> None:
    submit(person, asked("smoke"))
    run = claimed()
    fail(run)
    assert call("post", f"runs/{run.pk}/retry", person=other).status_code == 403
    assert call("post", f"runs/{run.pk}/retry").status_code == 401
    run.refresh_from_db()
    assert verbs.can_retry_run(run, person)
    assert not verbs.can_retry_run(run, other)


def statuses(submission: Submission) -> list[str]:
    return list(submission.runs.values_list("status", flat=True))


def test_what_is_tried_again_is_claimed_in_order(person: User) -> None:
    submission = submit(person, asked("defaults"))
    verbs.cancel(submission, person)
    verbs.retry(submission, person)
    assert list(submission.runs.order_by("queued_at").values_list("trial", flat=True)) == list(range(9))


def test_a_hopeless_sweep_is_given_up_after_three_failures(person: User) -> None:
    submission = submit(person, asked("defaults"))
    runs = [claimed() for _ in range(4)]
    fail(runs[0])
    fail(runs[1], code="resources.memory")
    assert statuses(submission).count("cancelled") == 0
    fail(runs[2])
    assert sorted(statuses(submission)) == ["cancelled"] * 5 + ["failed"] * 3 + ["preparing"]
    last = submission.runs.last()
    assert last is not None
    event = last.events.last()
    assert event is not None
    assert event.message.startswith("three runs failed")
    submission.refresh_from_db()
    assert submission.quota_at is not None


def test_a_sweep_with_one_success_or_failures_of_ours_goes_on(person: User, settings: Any) -> None:
    settings.ATTEMPTS_PER_TRY = 1
    submission = submit(person, asked("defaults"))
    runs = [claimed() for _ in range(7)]
    for run in runs[:3]:
        fail(run, code="platform.disk", infrastructure=True)
    assert "cancelled" not in statuses(submission)
    finish(runs[3], "defaults")
    for run in runs[4:]:
        fail(run)
    assert "cancelled" not in statuses(submission)


def test_plain_trials_are_never_given_up(announced: None, person: User) -> None:
    submission = submit(person, Request(benchmark="imagenet-ood/mini", method="constant", track="open"))
    run = claimed()
    fail(run)
    assert statuses(submission) == ["failed"]


def test_a_package_gets_its_seeds_once_its_method_is_known(person: User, tmp_path: Path) -> None:
    wheel = sent(person, make_wheel(tmp_path / "wheels", "toy-method"))
    submission = submit(person, package(wheel, benchmark=BOARD, tier="smoke", config={"rate": 0.25}))
    before = submission.runs.get(trial=2).seed
    run = claimed()
    introduce(run.pk, run.token, found_in(family="domain-generalization"))
    submission.refresh_from_db()
    assert submission.config == {"rate": 0.25}
    cells = sweep.cells(DATASET, "toy-method", sweep.SMOKE)
    assert [run.seed for run in submission.runs.all()] == [cell.seed for cell in cells]
    assert before != cells[2].seed
    run.refresh_from_db()
    store_report(sweep_report(run, "smoke", lines=lines_of(records_of(cell_of(run, "toy-method"), "smoke"))))
    run.refresh_from_db()
    assert run.status == "succeeded"


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_lose_nothing(person: User) -> None:
    submission = submit(person, asked("full"))
    chosen = submission.runs.filter(cell__trial_seed=0, cell__hparams_seed=0)
    Run.objects.filter(pk__in=chosen.values("pk")).update(status="scoring", token="t")
    reports = [sweep_report(run, "full") for run in Run.objects.filter(pk__in=chosen.values("pk"))]
    start, errors = threading.Barrier(len(reports)), []

    def send(report: Any) -> None:
        try:
            start.wait(20)
            store_report(report)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(report,)) for report in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    kept = selected(submission)
    assert {row[:3] for row in kept} == set(itertools.product(["iid", "loo", "oracle", "variation"], range(3), [0]))


@pytest.mark.django_db(transaction=True)
def test_introductions_at_once_do_not_block_one_another(person: User, tmp_path: Path) -> None:
    wheel = sent(person, make_wheel(tmp_path / "wheels", "toy-method"))
    submission = submit(person, package(wheel, benchmark=BOARD, tier="defaults"))
    runs = [lease.claim("worker-1", "cpu", ALL) for _ in range(4)]
    start, errors = threading.Barrier(len(runs)), []

    def send(run: Any) -> None:
        try:
            start.wait(20)
            introduce(run.pk, run.token, found_in(family="domain-generalization"))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    cells = sweep.cells(DATASET, "toy-method", sweep.DEFAULTS)
    seeds = list(submission.runs.values_list("seed", flat=True))
    assert seeds[:4] == [cell.seed for cell in cells[:4]]
    assert seeds == [cell.seed for cell in cells]


def test_the_api_shows_a_sweep(person: User, call: Any) -> None:
    made = call("post", "submissions", {"benchmark": BOARD, "method": "erm", "track": "open"}, person).json()
    assert (made["tier"], len(made["runs"]), made["sweep"]["runs"]["queued"]) == ("defaults", 9, 9)
    for _ in range(3):
        finish(claimed(), "defaults")
    seen = call("get", f"submissions/{made['id']}").json()
    counts = {name: count for name, count in seen["sweep"]["runs"].items() if count}
    assert counts == {"total": 9, "queued": 6, "succeeded": 3}
    assert len(seen["sweep"]["selected"]) == 9
    assert {"rule", "test_env", "trial_seed", "hparams_seed", "step", "validation", "test", "n"} == {
        *seen["sweep"]["selected"][0]
    }
    figures = {(s["metric"], s["domain"]): s["value"] for s in seen["sweep"]["scores"]}
    assert set(figures) == {
        (f"accuracy-{rule}", domain)
        for rule in ("iid", "oracle", "variation")
        for domain in (*DATASET.environments, "shifts")
    }
    assert seen["runs"][1]["cell"] == {"test_envs": [1], "hparams_seed": 0, "trial_seed": 0}
    assert seen["runs"][8]["outlook"]["place"] == 6
    (listed,) = call("get", f"submissions?tier=defaults&benchmark={BOARD}").json()["results"]
    assert (listed["tier"], listed["status"]) == ("defaults", "running")
    assert call("get", "submissions?tier=smoke").json()["results"] == []


def test_hundreds_of_runs_stay_whole_but_light(person: User, call: Any, django_assert_max_num_queries: Any) -> None:
    submission = submit(person, asked("iid"))
    with django_assert_max_num_queries(12):
        seen = call("get", f"submissions/{submission.pk}").json()
    assert len(seen["runs"]) == 180
    assert {run["outlook"] for run in seen["runs"]} == {None}
    assert call("get", f"runs/{seen['runs'][0]['id']}").json()["outlook"]["place"] == 1


def test_the_api_has_a_board_for_each_tier(person: User, call: Any) -> None:
    smoke = whole(person, "smoke")
    found = call("get", f"leaderboards/{BOARD}?tier=smoke").json()
    assert [row["submission"] for row in found["rows"]] == [str(smoke.pk)]
    assert (found["tier"], found["rows"][0]["tier"]) == ("smoke", "smoke")
    assert call("get", f"leaderboards/{BOARD}").json()["rows"] == []
    refusal = call("get", f"leaderboards/{BOARD}?tier=huge")
    assert (refusal.status_code, refusal.json()["error"]["field"]) == (400, "tier")
    assert call("get", "leaderboards/imagenet-ood/mini?tier=smoke").status_code == 400
    tiers = call("get", f"benchmarks/{BOARD}").json()["tiers"]
    assert [tier["name"] for tier in tiers] == ["defaults", "iid", "full", "adaptation", "smoke"]
    assert tiers[0]["protocol"]["steps"] == 5001
    assert call("get", "benchmarks/imagenet-ood/mini").json()["tiers"] == []


def test_a_board_takes_few_queries_however_many_runs(
    person: User, other: User, django_assert_max_num_queries: Any
) -> None:
    whole(person, "defaults")
    whole(other, "defaults")
    with django_assert_max_num_queries(5):
        assert len(board(BENCHMARK).rows) == 2


def test_a_sweep_that_waits_is_woken_as_one(
    person: User, wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    submit(person, asked("iid"))
    Line.objects.update(woken_at=timezone.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        done = reap()
    assert (done["woken"], wakes) == (1, ["cpu"] * 8)
    assert reap()["woken"] == 0


def test_domainbeds_hyperparameters_are_settings_of_a_sweep_and_of_nothing_else(person: User) -> None:
    given = {"batch_size": 8, "class_balanced": True}
    assert submit(person, asked(config=given)).config == given
    code, message = refused(person, asked(config={"batch_size": 0}))
    assert (code, "batch_size: 0 is below the minimum 1" in message) == ("config.invalid", True)


def network_method(**changes: Any) -> dict[str, Any]:
    """A method whose settings choose a network and a file of weights for it."""
    text = {"type": "string", "description": "", "default": "", "maxLength": 100}
    schema = {"properties": {"featurizer": {**text, "default": "resnet50"}, "weights": text}}
    claims = {"backbone": "none", "pretraining": []}
    return described("erm", **{"family": "domain-generalization", "claims": claims, "config_schema": schema, **changes})


@pytest.mark.parametrize(
    ("board_name", "config", "labels"),
    [
        ("domainbed/pacs", {}, ("from scratch",)),
        ("domainbed/pacs", {"weights": "resnet50.pth"}, ()),
        ("domainbed/colored-mnist", {}, ()),
        ("domainbed/colored-mnist", {"featurizer": "resnet18"}, ("from scratch",)),
    ],
)
def test_a_network_from_scratch_is_labelled_where_domainbed_has_weights(
    person: User, board_name: str, config: dict[str, Any], labels: tuple[str, ...]
) -> None:
    announce("worker-1", [network_method()], {}, accepts=list(ALL.accepts))
    submission = Submission(
        benchmark=board_name, method=Method.objects.get(name="erm"), config=config, tier="smoke", kind="configuration"
    )
    assert labels_for(submission, [], noted=False) == labels


def test_a_transductive_method_is_labelled_by_its_own_word_on_a_sweep(person: User) -> None:
    announce("worker-1", [network_method(transductive=True)], {}, accepts=list(ALL.accepts))
    method = Method.objects.get(name="erm")
    common = {"method": method, "config": {"weights": "w"}, "kind": "configuration"}
    sweep_of = Submission(benchmark=BOARD, tier="smoke", **common)
    assert labels_for(sweep_of, [], noted=False) == ("depends on the test batch (declared)",)
    assert labels_for(Submission(benchmark="imagenet-ood/mini", tier="", **common), [], noted=False) == ()


def test_records_of_a_run_that_diverged_are_kept_and_selected(person: User) -> None:
    submission = submit(person, asked("smoke"))
    run = claimed()
    records = [replace(r, values={**r.values, "loss": float("nan")}) for r in records_of(cell_of(run), "smoke")]
    finish(run, "smoke", lines=lines_of(records))
    run.refresh_from_db()
    assert (run.state, "NaN" in RunEvidence.objects.get(run=run).lines) == (Status.SUCCEEDED, True)
    assert selected(submission)
