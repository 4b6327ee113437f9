"""What workers see of uploads: which runs they are offered, the file, and the introduction, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.web.conftest import BOARD, api_error, board_data, described, found_in, package, wanted

from farfield_web.accounts.models import User
from farfield_web.runs import lease, tasks, verbs, workers
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.submit import submit
from farfield_web.runs.takers import has_taker
from farfield_web.submissions import storage
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import BenchmarkData, Method, Submission, Upload, Worker

pytestmark = [pytest.mark.services, pytest.mark.django_db]
SANDBOX = {"name": "docker", "isolates": True, "images": True}
ALL = Offer(accepts=frozenset(Kind), methods=frozenset({"constant"}))


def claim(as_worker: Any, **changes: Any) -> Any:
    return as_worker("claim", {"worker": "worker-1", "resource": "cpu", **changes})


@pytest.fixture
def download(client: Client) -> Any:
    def get(run: Run, token: str, **headers: str) -> Any:
        headers = {"Authorization": "Bearer worker-token", "Farfield-Run-Token": token, **headers}
        return client.get(f"/api/worker/v1/runs/{run.pk}/upload", headers=headers)

    return get


def test_an_announcement_says_what_the_worker_can_do(as_worker: Any, db: None) -> None:
    body = {"worker": "w", "resource": "gpu", "methods": [described()], "benchmarks": {BOARD: board_data()}}
    assert as_worker("announce", body).status_code == 200
    worker = Worker.objects.get()
    assert (worker.resource, worker.accepts, worker.methods) == ("gpu", ["configuration"], ["constant"])
    body |= {"sandbox": SANDBOX, "accepts": ["plugin", "configuration", "of the future"]}
    assert as_worker("announce", body).status_code == 200
    worker = Worker.objects.get()
    assert (worker.sandbox, worker.accepts) == (SANDBOX, ["configuration", "of the future", "plugin"])
    assert api_error(as_worker("announce", {**body, "sandbox": {"name": 3}})) == (400, "request.invalid")


def test_a_refused_method_is_told_and_the_others_are_kept(as_worker: Any, entered_package: Submission) -> None:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    as_worker(f"runs/{run.pk}/introduce", {"token": run.token, "method": found_in()})
    body = {"worker": "w2", "methods": [described("toy-method"), described("fresh")], "benchmarks": {}}
    answer = as_worker("announce", body)
    assert len(answer.json()["refused"]) == 1
    assert "toy-method" in answer.json()["refused"][0]
    assert "plugin.name_taken" in answer.json()["refused"][0]
    assert Method.objects.get(name="fresh").available
    assert Worker.objects.get(name="w2").methods == ["fresh"]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, False),
        ({"accepts": ["configuration"]}, False),
        ({"accepts": ["configuration", "predictions", "container"]}, False),
        ({"accepts": ["plugin"]}, True),
        ({"accepts": ["plugin"], "methods": []}, True),
        ({"accepts": []}, False),
    ],
    ids=str,
)
def test_packages_go_to_who_accepts_them(
    as_worker: Any, entered_package: Submission, asked: dict[str, Any], given: bool
) -> None:
    assert (claim(as_worker, **asked).status_code == 200) is given


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, True),
        ({"methods": ["constant"]}, True),
        ({"methods": ["other"]}, False),
        ({"methods": []}, False),
        ({"accepts": ["plugin", "predictions"]}, False),
        ({"accepts": ["configuration"], "methods": ["other", "constant"]}, True),
    ],
    ids=str,
)
def test_configurations_go_to_who_has_the_method(as_worker: Any, run: Run, asked: dict[str, Any], given: bool) -> None:
    assert (claim(as_worker, **asked).status_code == 200) is given


def test_a_configuration_of_a_packaged_method_goes_to_who_accepts_packages(
    as_worker: Any, entered_package: Submission, other: User, wheel: Upload
) -> None:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    as_worker(f"runs/{run.pk}/introduce", {"token": run.token, "method": found_in()})
    submit(other, wanted(method="toy-method"))
    assert claim(as_worker, accepts=["configuration"], methods=["toy-method"]).status_code == 204
    order = claim(as_worker, accepts=["plugin"], methods=[]).json()
    assert (order["kind"], order["method"]["name"], order["upload"]["sha256"]) == (
        "configuration", "toy-method", wheel.sha256,
    )  # fmt: skip


def test_what_a_claim_tells_of_a_package(as_worker: Any, entered_package: Submission, wheel: Upload) -> None:
    order = claim(as_worker, accepts=["plugin"]).json()
    assert (order["kind"], order["image"], order["config"]) == ("plugin", "", {})
    assert order["upload"] == {"sha256": wheel.sha256, "filename": wheel.filename, "size": wheel.size}
    assert order["method"] == {"name": "", "plugin": "", "distribution": "toy-method", "version": "1.0"}


def test_the_file_is_for_who_holds_the_run(
    download: Any, entered_package: Submission, wheel: Upload, person: User, client: Client
) -> None:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    answer = download(run, run.token, **{"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/octet-stream")
    assert answer["Content-Encoding"] == "identity"
    assert b"".join(answer.streaming_content) == storage.path_of(wheel).read_bytes()
    for token in ("", "wrong"):
        assert api_error(download(run, token)) == (409, "lease.lost")
    assert api_error(client.get(f"/api/worker/v1/runs/{run.pk}/upload")) == (401, "worker.unauthorized")
    verbs.cancel(entered_package, person)
    assert api_error(download(run, run.token)) == (409, "run.cancelled")


def test_a_run_without_a_file_has_none(download: Any, run: Run) -> None:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    assert api_error(download(taken, taken.token)) == (404, "request.not_found")


def test_a_file_that_is_lost_is_the_platforms_fault(download: Any, entered_package: Submission, wheel: Upload) -> None:
    storage.path_of(wheel).unlink()
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    assert api_error(download(run, run.token)) == (410, "platform.upload_missing")


def test_introducing_over_http(as_worker: Any, entered_package: Submission) -> None:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    path = f"runs/{run.pk}/introduce"
    refused = as_worker(path, {"token": run.token, "method": found_in("constant")})
    assert api_error(refused) == (422, "plugin.name_taken")
    assert api_error(as_worker(path, {"token": run.token, "method": []})) == (400, "request.invalid")
    assert api_error(as_worker(path, {"token": "old", "method": found_in()})) == (409, "lease.lost")
    for _ in range(2):
        answer = as_worker(path, {"token": run.token, "method": found_in()})
        assert (answer.status_code, answer.json()) == (200, {"method": "toy-method"})


def test_introducing_what_needs_a_gpu(as_worker: Any, entered_package: Submission) -> None:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    needs = found_in(resources={"gpu": True, "memory_gib": 8.0, "minutes": 5.0})
    answer = as_worker(f"runs/{run.pk}/introduce", {"token": run.token, "method": needs})
    assert answer.json() == {"method": "toy-method", "requeue": True}
    assert Run.objects.get().resource == "gpu"


def test_claims_and_heartbeats_keep_a_worker_in_sight(as_worker: Any, run: Run) -> None:
    long_ago = timezone.now() - timedelta(minutes=9)
    Worker.objects.update(seen_at=long_ago)
    claim(as_worker)
    assert Worker.objects.get().seen_at > long_ago
    Worker.objects.update(seen_at=long_ago)
    taken = Run.objects.get()
    as_worker(f"runs/{run.pk}/heartbeat", {"token": taken.token, "stage": "running"})
    assert Worker.objects.get().seen_at > long_ago
    claim(as_worker, worker="never announced")
    assert Worker.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, True),
        ({"benchmarks": [BOARD]}, True),
        ({"benchmarks": ["domainbed/domain-net"]}, False),
        ({"benchmarks": []}, False),
    ],
    ids=str,
)
def test_a_worker_is_given_nothing_whose_data_it_lacks(
    run: Run, as_worker: Any, asked: dict[str, Any], given: bool
) -> None:
    assert (claim(as_worker, methods=["constant"], **asked).status_code == 200) is given
    run.refresh_from_db()
    assert run.attempt == 1


def test_a_run_on_data_that_no_worker_has_announced_has_no_taker(run: Run) -> None:
    assert has_taker(run)
    BenchmarkData.objects.update(current=False)
    assert not has_taker(run)


@pytest.mark.django_db(transaction=True)
def test_a_quiet_worker_is_called_once_in_a_while(wakes: list[str], settings: Any) -> None:
    announce("worker-1", [described()], {BOARD: board_data()}, resource="gpu")
    assert workers.call_idle() == 0
    Worker.objects.update(seen_at=timezone.now() - settings.WORKER_SEEN_WITHIN * 0.6)
    tasks.reap()
    tasks.reap()
    assert wakes == ["gpu"]
    Worker.objects.update(seen_at=timezone.now() - settings.WORKER_SEEN_WITHIN * 3, called_at=None)
    assert workers.call_idle() == 0
    assert wakes == ["gpu"]


def test_who_was_gone_for_weeks_is_forgotten(announced: None) -> None:
    Worker.objects.update(seen_at=timezone.now() - timedelta(days=31))
    announce("worker-2", [], {})
    assert [worker.name for worker in Worker.objects.all()] == ["worker-2"]
    assert not Method.objects.get(name="constant").available


def test_a_method_stays_while_another_worker_has_it(announced: None, person: User) -> None:
    announce("worker-2", [described()], {})
    announce("worker-2", [], {})
    submit(person, wanted())


def test_a_package_submitted_while_a_worker_is_asked(entered_package: Submission, person: User, wheel: Upload) -> None:
    """A claim takes the oldest run it can, past those that only others can take."""
    later = submit(person, wanted())
    run = lease.claim("plain", "cpu", Offer(methods=frozenset({"constant"})))
    assert run is not None
    assert run.submission == later
    assert submit(person, package(wheel)).kind == "plugin"
