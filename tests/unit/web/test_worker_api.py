"""The API of workers."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, api_error, board_data, described

from farfield_evaluators.catalog import find
from farfield_evaluators.seeds import base_seed, run_seed
from farfield_evaluators.wire import VERSION
from farfield_web.accounts.models import User
from farfield_web.runs import verbs
from farfield_web.runs.models import Run
from farfield_web.submissions.models import BenchmarkData, Method, Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ANNOUNCEMENT = {"worker": "w", "methods": [described()], "benchmarks": {BOARD: board_data()}}
CLAIM = {"worker": "w", "resource": "cpu"}


def beat(run: Run, **changes: Any) -> dict[str, Any]:
    values = {
        "token": Run.objects.get(pk=run.pk).token,
        "stage": "running",
        "progress": None,
        "log": "",
        "log_offset": 0,
        "usage": None,
    }
    return values | changes


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic d29ya2VyOnRva2Vu", "worker-token"])
@pytest.mark.parametrize("path", ["announce", "claim", "runs/00000000-0000-0000-0000-000000000001/heartbeat"])
def test_without_the_token_nothing_works(client: Client, header: str | None, path: str) -> None:
    headers = {"Authorization": header} if header else {}
    response = client.post(f"/api/worker/v1/{path}", CLAIM, content_type="application/json", headers=headers)
    assert api_error(response) == (401, "worker.unauthorized")


def test_without_a_token_set_nobody_is_a_worker(client: Client, settings: Any) -> None:
    settings.WORKER_TOKEN = ""
    for header in ("Bearer ", "Bearer x"):
        response = client.post("/api/worker/v1/claim", CLAIM, headers={"Authorization": header})
        assert response.status_code == 401


def test_groups_of_the_data_are_kept_and_read_strictly(as_worker: Any, db: None) -> None:
    group = {
        "domain": "sketch",
        "by": ["place"],
        "name": "sketch[place=sea]",
        "count": 0,
        "smallest": 1,
        "counted": False,
    }
    data = {**board_data(), "groups": [group]}
    assert as_worker("announce", {**ANNOUNCEMENT, "benchmarks": {BOARD: data}}).json()["refused"] == []
    assert BenchmarkData.objects.get().groups == [group]
    for wrong in ({**group, "count": -1}, {**group, "by": "place"}, {"name": "sketch[place=sea]"}):
        answer = as_worker("announce", {**ANNOUNCEMENT, "benchmarks": {BOARD: {**data, "groups": [wrong]}}}).json()
        assert "benchmark.bad_data" in answer["refused"][0]
    assert BenchmarkData.objects.get().groups == [group]


def test_announce(as_worker: Any, db: None) -> None:
    response = as_worker("announce", ANNOUNCEMENT)
    assert (response.status_code, response.json()) == (200, {"refused": [], "refused_benchmarks": []})
    method = Method.objects.get()
    assert (method.plugin, method.distribution, method.version, method.resource) == (
        "toy",
        "farfield-toy",
        "1.0",
        "cpu",
    )
    assert method.spec["claims"]["pretraining"] == ["laion-2b"]
    assert "plugin" not in method.spec


@pytest.mark.parametrize("method", [{"name": "x"}, {**described(), "config_schema": []}, "text"])
def test_operating_one_broken_method_does_not_silence_the_others(as_worker: Any, db: None, method: Any) -> None:
    response = as_worker("announce", {**ANNOUNCEMENT, "methods": [method, described("second")]})
    (line,) = response.json()["refused"]
    assert "plugin.bad_spec" in line
    assert [method.name for method in Method.objects.all()] == ["second"]


@pytest.mark.parametrize("data", [{**board_data(), "key": "x"}, {"version": "1"}, "text"])
def test_operating_one_broken_suite_does_not_silence_the_worker(as_worker: Any, db: None, data: Any) -> None:
    detection = find("ood-detection/mini")
    good = {**board_data(), "version": detection.version, "key": detection.comparability_key("f" * 64)}
    response = as_worker("announce", {**ANNOUNCEMENT, "benchmarks": {BOARD: data, "ood-detection/mini": good}})
    assert response.status_code == 200
    assert response.json()["refused_benchmarks"] == [BOARD]
    assert response.json()["refused"][0].startswith(f"the benchmark {BOARD}: ")
    assert BenchmarkData.objects.get().benchmark == "ood-detection/mini"
    assert Method.objects.exists()


@pytest.mark.parametrize("path", ["announce", "claim", "runs/{run}/heartbeat", "runs/{run}/introduce"])
def test_a_worker_of_another_version_is_told_which_side_to_upgrade(as_worker: Any, run: Run, path: str) -> None:
    for version, side in ((VERSION - 1, "worker"), (VERSION + 1, "site")):
        refused = as_worker(path.format(run=run.pk), {"wire": version})
        assert api_error(refused) == (409, "worker.version")
        assert f"upgrade the {side} to the release of the other" in refused.json()["error"]["message"]


def test_what_a_message_lacks_and_has_too_much_is_named(as_worker: Any, run: Run) -> None:
    as_worker("claim", CLAIM)
    refused = as_worker(f"runs/{run.pk}/heartbeat", beat(run, colour="red"))
    assert api_error(refused) == (400, "request.invalid")
    assert refused.json()["error"]["message"] == "colour: unknown."
    refused = as_worker(f"runs/{run.pk}/heartbeat", beat(run, progress={"phase": "fit"}))
    assert refused.json()["error"]["field"] == "progress"


def test_claim(as_worker: Any, entered: Submission, run: Run) -> None:
    response = as_worker("claim", CLAIM)
    assert response.status_code == 200
    order = response.json()
    assert len(order.pop("token")) == 32
    assert order == {
        "id": str(run.pk),
        "attempt": 1,
        "lease_seconds": 60.0,
        "kind": "configuration",
        "upload": None,
        "image": "",
        "benchmark": BOARD,
        "benchmark_version": "1",
        "method": {"name": "constant", "plugin": "toy", "distribution": "farfield-toy", "version": "1.0"},
        "config": {"bias": 0.5},
        "wire": VERSION,
        "seed": run_seed(str(entered.pk), BOARD, 0),
        "base_seed": base_seed(str(entered.pk), BOARD),
        "tier": "",
        "cell": {"trial": 0},
    }
    assert as_worker("claim", CLAIM).status_code == 204


def test_heartbeat(as_worker: Any, run: Run) -> None:
    as_worker("claim", CLAIM)
    progress = {"phase": "predict", "done": 3, "total": 10}
    response = as_worker(f"runs/{run.pk}/heartbeat", beat(run, progress=progress, log="  hello\n"))
    assert (response.status_code, response.json()) == (200, {"lease_seconds": 60.0, "log_length": 8})
    run.refresh_from_db()
    assert (run.status, run.progress) == ("running", progress)
    response = as_worker(f"runs/{run.pk}/heartbeat", beat(run, log="x", log_offset=99))
    assert response.json()["log_length"] == 8


def test_a_heartbeat_may_carry_any_text(as_worker: Any, run: Run) -> None:
    as_worker("claim", CLAIM)
    response = as_worker(f"runs/{run.pk}/heartbeat", beat(run, log="a\x00b"))
    assert response.json()["log_length"] == 3


def test_a_heartbeat_that_must_stop(as_worker: Any, run: Run, person: User) -> None:
    as_worker("claim", CLAIM)
    lost = as_worker(f"runs/{run.pk}/heartbeat", beat(run, token="other"))
    assert api_error(lost) == (409, "lease.lost")
    held = beat(run)
    verbs.cancel(run.submission, person)
    assert api_error(as_worker(f"runs/{run.pk}/heartbeat", held)) == (409, "run.cancelled")


def test_a_heartbeat_of_no_stage(as_worker: Any, run: Run) -> None:
    as_worker("claim", CLAIM)
    assert api_error(as_worker(f"runs/{run.pk}/heartbeat", beat(run, stage="succeeded"))) == (400, "request.invalid")


def test_unknown_addresses(as_worker: Any, db: None) -> None:
    assert api_error(as_worker("nothing", {})) == (404, "request.not_found")
