"""The lease: heartbeats, log shipping, and noticing that a run is not ours any more."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from farfield_evaluators.wire import VERSION, Claim
from farfield_workers.client import LeaseEnded, Offer, SiteClient, SiteRefused, SiteUnreachable
from farfield_workers.execution import Progress
from farfield_workers.lease import Lease
from farfield_workers.sandbox.base import Stopped
from farfield_workers.settings import SettingsError, WorkerSettings, worker_settings

CLAIM = Claim(
    id="a" * 32,
    attempt=1,
    token="t",
    lease_seconds=5,
    benchmark="imagenet-ood/mini",
    benchmark_version="1",
    method={"name": "m"},
    config={},
    cell={"trial": 0},
    seed=1,
)


class Site:
    """Stands in for the site at the HTTP edge; `answer` may be changed while it runs."""

    def __init__(self) -> None:
        self.log = ""
        self.bodies: list[dict] = []
        self.answer: Callable[[dict], httpx.Response] = self.accept

    def accept(self, body: dict) -> httpx.Response:
        if "log_offset" not in body:
            return httpx.Response(204)
        if body["log_offset"] == len(self.log):
            self.log += body["log"]
        return httpx.Response(200, json={"lease_seconds": 5, "log_length": len(self.log)})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        self.bodies.append(json.loads(request.content))
        return self.answer(self.bodies[-1])


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def client(site: Site) -> SiteClient:
    settings = WorkerSettings(
        name="w",
        broker_url="memory://",
        site_url="http://site",
        token="secret",
        var=Path(),
        heartbeat_seconds=0.02,
        gpu=None,
    )
    return SiteClient(settings, httpx.MockTransport(site))


@pytest.fixture
def lease(client: SiteClient) -> Iterator[Lease]:
    lease = Lease(client, CLAIM, 0.02)
    lease.start()
    yield lease
    lease.release()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_log_and_progress_leave_while_it_runs(site: Site, lease: Lease) -> None:
    lease.stage("running")
    lease.log("one\n")
    lease.progress(Progress(phase="predict", done=1, total=2))
    wait_until(lambda: site.log == "one\n" and site.bodies[-1]["progress"] is not None)
    lease.log("two ☂\n")
    wait_until(lambda: site.log == "one\ntwo ☂\n")
    assert site.bodies[-1]["stage"] == "running"
    assert lease.unshipped() == ("", 10)


def test_a_heartbeat_whose_answer_was_lost_does_not_double_the_log(site: Site, lease: Lease) -> None:
    def store_but_fail(body: dict) -> httpx.Response:
        site.accept(body)
        return httpx.Response(502)

    site.answer = store_but_fail
    lease.log("once\n")
    wait_until(lambda: site.log == "once\n")
    site.answer = site.accept
    lease.log("more\n")
    wait_until(lambda: len(site.log) >= 10)
    assert site.log == "once\nmore\n"


@pytest.mark.parametrize("status", [409, 401])
def test_a_refused_heartbeat_stops_the_run(site: Site, lease: Lease, status: int) -> None:
    lease.alive()
    site.answer = lambda body: httpx.Response(status, json={"error": {"code": "run.cancelled"}})
    wait_until(lambda: _stopped(lease))


def test_a_silent_site_is_borne_until_the_lease_runs_out(site: Site, client: SiteClient) -> None:
    site.answer = lambda body: httpx.Response(503)
    lease = Lease(client, Claim(**{**vars(CLAIM), "lease_seconds": 0.3}), 0.02)
    lease.start()
    time.sleep(0.1)
    lease.alive()
    wait_until(lambda: _stopped(lease))


def test_after_the_report_the_lease_is_held_until_it_is_stored(site: Site, lease: Lease) -> None:
    lease.linger()
    count = len(site.bodies)
    wait_until(lambda: len(site.bodies) > count + 2)
    site.answer = lambda body: httpx.Response(409)
    wait_until(lambda: _stopped(lease))


def test_a_planned_stop_hands_the_run_back_at_once(site: Site, lease: Lease) -> None:
    lease.hand_back()
    wait_until(lambda: _stopped(lease))
    assert site.bodies[-1] == {"wire": VERSION, "token": "t"}


def test_a_run_whose_report_is_sent_is_not_handed_back(site: Site, lease: Lease) -> None:
    lease.linger()
    lease.hand_back()
    wait_until(lambda: _stopped(lease))
    assert all("stage" in body for body in site.bodies)


def test_a_site_that_does_not_answer_keeps_no_worker_from_stopping(site: Site, lease: Lease) -> None:
    site.answer = lambda body: httpx.Response(503)
    lease.hand_back()
    wait_until(lambda: _stopped(lease))


def test_what_the_site_answers_is_told_apart(site: Site, client: SiteClient) -> None:
    for status, error in ((409, SiteRefused), (503, SiteUnreachable), (429, SiteUnreachable), (403, SiteRefused)):
        site.answer = lambda body, status=status: httpx.Response(status)
        with pytest.raises(error):
            client.claim(Offer(resource="cpu"))
    site.answer = lambda body: httpx.Response(409)
    with pytest.raises(LeaseEnded):
        client.heartbeat(CLAIM, "running", None, "", 0)
    site.answer = lambda body: httpx.Response(204)
    assert client.claim(Offer(resource="cpu")) is None


def test_an_unreachable_site_is_an_error_of_its_own() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    settings = WorkerSettings(
        name="w", broker_url="", site_url="http://x", token="s", var=Path(), heartbeat_seconds=1, gpu=None
    )
    with pytest.raises(SiteUnreachable, match="refused"):
        SiteClient(settings, httpx.MockTransport(refuse)).claim(Offer(resource="cpu"))


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_BROKER_URL", "memory://")
    monkeypatch.setenv("FARFIELD_SITE_URL", "http://site/")
    monkeypatch.delenv("FARFIELD_WORKER_TOKEN", raising=False)
    with pytest.raises(SettingsError, match="FARFIELD_WORKER_TOKEN"):
        worker_settings()
    monkeypatch.setenv("FARFIELD_WORKER_TOKEN", "secret")
    settings = worker_settings()
    assert (settings.site_url, settings.queue) == ("http://site", "evaluate.cpu")
    assert "secret" not in repr(settings)


def _stopped(lease: Lease) -> bool:
    try:
        lease.alive()
    except Stopped:
        return True
    return False
