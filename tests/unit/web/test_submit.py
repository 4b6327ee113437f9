"""Entering a method: what is allowed, what is written, and what happens when things come at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from tests.unit.web.conftest import BOARD, board_data, described, wanted

from farfield_evaluators.catalog import find
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.seeds import run_seed
from farfield_web import celery
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.runs import wake
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run
from farfield_web.runs.submit import submit
from farfield_web.submissions.claims import check_track, refusals
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.quota import give_back, quota_of
from farfield_web.submissions.request import Claims

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def refusal(person: User, key: str = "", **changes: Any) -> SubmissionError:
    with pytest.raises(SubmissionError) as caught:
        submit(person, wanted(**changes), key)
    return caught.value


def at_once(count: int, action: Callable[[], Any]) -> list[Any]:
    """The results, or SubmissionErrors, of an action that several threads do at the same moment."""
    ready, results = threading.Barrier(count), []

    def work() -> None:
        ready.wait()
        try:
            results.append(action())
        except SubmissionError as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_writes_the_submission_with_its_runs(announced: None, person: User) -> None:
    made = submit(person, wanted(config={"bias": 1}, title=" mine "))
    assert (made.method.name, made.method_version, made.benchmark_version) == ("constant", "1.0", "1")
    assert (made.config, made.title) == ({"bias": 1}, "mine")
    run = made.runs.get()
    assert (run.status, run.resource, run.attempt) == ("queued", "cpu", 1)
    assert run.seed == run_seed(str(made.pk), BOARD, 0)
    assert run.events.get().target == "queued"


def test_defaults_are_filled_in(entered: Submission) -> None:
    assert entered.config == {"bias": 0.5}


def test_one_run_per_trial(announced: None, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from farfield_evaluators.catalog import find
    from farfield_web.submissions import entry as module

    monkeypatch.setattr(module, "find_for", lambda person, name: replace(find(name), plan=Trials(3)))
    runs = submit(person, wanted()).runs.all()
    assert [run.trial for run in runs] == [0, 1, 2]
    assert len({run.seed for run in runs}) == 3


def test_workers_are_woken_only_after_the_commit(
    announced: None, person: User, wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        submit(person, wanted())
        assert wakes == []
    for callback in callbacks:
        callback()
    assert wakes == ["cpu"]


def test_a_method_that_needs_a_gpu_waits_for_one(announced: None, person: User) -> None:
    announce("worker-2", [described("big", resources={"gpu": True})], {})
    assert submit(person, wanted(method="big")).runs.get().resource == "gpu"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"benchmark": "none/such"}, "benchmark.unknown", "benchmark"),
        ({"method": "none"}, "method.unknown", "method"),
        ({"benchmark": "ood-detection/mini"}, "method.wrong_family", "method"),
        ({"config": {"bias": 2}}, "config.invalid", "config"),
        ({"config": {"colour": "red"}}, "config.invalid", "config"),
        ({"track": "none"}, "track.unknown", "track"),
        ({"track": "imagenet-1k"}, "track.refused", "track"),
        ({"title": "x" * 101}, "title.too_long", "title"),
        ({"note": "x" * 2001}, "note.too_long", "note"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_refusals(announced: None, person: User, changes: dict[str, Any], code: str, field: str) -> None:
    error = refusal(person, **changes)
    assert (error.code, error.field) == (code, field)
    assert error.message.endswith((".", "1", "none", "bias"))
    assert not Submission.objects.exists()


def test_a_refused_track_gives_its_reason(announced: None, person: User) -> None:
    assert "pre-training on laion-2b is not allowed" in refusal(person, track="scratch").message


def test_a_track_for_unlabeled_data_takes_methods_that_learn_from_it(announced: None, person: User) -> None:
    """Who hands predictions in says it by the track: there is no `fit` to look at."""
    board, claims = find("wilds/camelyon17-unlabeled"), {"backbone": "none"}
    announce("worker-1", [described("erm", claims=claims), described("afn", claims=claims | {"unlabeled": True})], {})
    found = refusals(board, Method.objects.get(name="erm"))
    assert "whose `fit` names `unlabeled`" in found["unlabeled"][0]
    assert refusals(board, Method.objects.get(name="afn")) == {"unlabeled": []}
    entry = {"benchmark": board.name, "track": "unlabeled"}
    error = refusal(person, method="erm", **entry)
    assert (error.code, error.message.startswith("erm may not enter: the track")) == ("track.refused", True)
    assert submit(person, wanted(method="afn", **entry)).track == "unlabeled"
    check_track("unlabeled", board, Claims(backbone="none"), "predictions")


def test_text_that_cannot_be_stored_is_refused(person: User, announced: None) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string", "default": "", "maxLength": 9}}}
    announce("worker-1", [described(config_schema=schema, summary="a\x00b")], {})
    assert Method.objects.get().summary == "a\ufffdb"
    assert refusal(person, config={"name": "a\x00"}).code == "config.invalid"


def test_refusals_by_track(method: Method) -> None:
    found = refusals(find(BOARD), method)
    assert found["open"] == []
    assert found["imagenet-1k"]


def test_a_method_that_is_gone_cannot_be_submitted(method: Method, person: User) -> None:
    announce("worker-1", [], {})
    assert refusal(person).code == "method.unavailable"


def test_quota_is_used_up_and_says_when_more_comes(announced: None, person: User, settings: Any) -> None:
    settings.QUOTA_SUBMISSIONS = 2
    first = submit(person, wanted())
    submit(person, wanted())
    error = refusal(person)
    assert error.code == "quota.used_up"
    quota = quota_of(person, BOARD)
    assert (quota.used, quota.remaining) == (2, 0)
    assert first.quota_at is not None
    assert quota.next_at == first.quota_at + settings.QUOTA_WINDOW
    assert f"{quota.next_at:%H:%M} UTC" in error.message


def test_the_window_rolls_and_quota_given_back_is_free(announced: None, person: User, settings: Any) -> None:
    settings.QUOTA_SUBMISSIONS = 1
    submit(person, wanted())
    Submission.objects.update(quota_at=timezone.now() - settings.QUOTA_WINDOW - timedelta(seconds=1))
    second = submit(person, wanted())
    assert quota_of(person, BOARD).remaining == 0
    assert give_back(second, "test")
    assert not give_back(second, "again")
    assert quota_of(person, BOARD).remaining == 1


def test_quota_is_per_person(announced: None, person: User, other: User, settings: Any) -> None:
    settings.QUOTA_SUBMISSIONS = 1
    submit(person, wanted())
    submit(other, wanted())


def test_too_many_open_runs(announced: None, person: User, settings: Any) -> None:
    settings.MAX_OPEN_RUNS = 1
    submit(person, wanted())
    assert refusal(person).code == "runs.too_many_open"


def test_the_same_key_gives_the_first_submission(announced: None, person: User, other: User) -> None:
    first = submit(person, wanted(), "key")
    assert submit(person, wanted(), "key") == first
    assert submit(other, wanted(), "key") != first
    assert submit(person, wanted(), "other key") != first


def test_the_same_key_for_another_request_is_refused(announced: None, person: User) -> None:
    submit(person, wanted(), "key")
    assert refusal(person, "key", title="changed").code == "idempotency.reused"


@pytest.mark.django_db(transaction=True)
def test_quota_holds_when_requests_come_at_once(person: User, settings: Any) -> None:
    announce("worker-1", [described()], {BOARD: board_data()})
    settings.QUOTA_SUBMISSIONS = 2
    results = at_once(5, lambda: submit(person, wanted()))
    assert sorted(type(result).__name__ for result in results) == ["Submission"] * 2 + ["SubmissionError"] * 3
    assert Submission.objects.count() == Run.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_doubled_request_makes_one_submission(person: User) -> None:
    announce("worker-1", [described()], {BOARD: board_data()})
    results = at_once(4, lambda: submit(person, wanted(), "key"))
    assert len({result.pk for result in results}) == 1
    assert Submission.objects.count() == Run.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_nothing(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    announce("worker-1", [described()], {BOARD: board_data()})
    monkeypatch.undo()

    def refuse(*args: object, **kwargs: object) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(celery.app, "send_task", refuse)
    assert submit(person, wanted()).runs.get().status == "queued"


def test_a_wake_goes_to_the_queue_of_the_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(celery.app, "send_task", lambda name, **options: sent.append((name, options["queue"])))
    wake.send_wake("gpu")
    assert sent == [("farfield_workers.tasks.wake", "evaluate.gpu")]


def test_seeds_are_in_range_and_differ(entered: Submission) -> None:
    seeds = {run_seed(str(entered.pk), BOARD, trial) for trial in range(50)}
    assert len(seeds) == 50
    assert all(0 <= seed < 2**31 for seed in seeds)
