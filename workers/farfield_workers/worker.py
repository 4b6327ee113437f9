"""A worker's part in the journey of a run: announce, claim, attempt, report."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from farfield_evaluators.catalog import catalog
from farfield_evaluators.wire import Claim, Report
from farfield_workers.announce import base_of, benchmarks_of, offer_of
from farfield_workers.attempt import Attempt
from farfield_workers.client import SiteClient, SiteUnreachable
from farfield_workers.lease import Lease
from farfield_workers.leftovers import clear_leftovers, scratch_of
from farfield_workers.machine import Machine
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.disk import disk_is_full
from farfield_workers.settings import WorkerSettings
from farfield_workers.suites import announced_suites, suite_of

log = logging.getLogger(__name__)
CLAIM_TRIES, CLAIM_PAUSE_SECONDS = 10, 2.0
STORE_REPORT = "farfield_web.runs.tasks.store_report"
# Publishing waits for a broker that restarts; the lease is held meanwhile.
PUBLISH = {"max_retries": 60, "interval_start": 0.5, "interval_step": 0.5, "interval_max": 5.0}


class Worker:
    """One evaluation worker: its machine, its site, and how it publishes reports."""

    def __init__(self, settings: WorkerSettings, client: SiteClient, send_task: Callable[..., Any]) -> None:
        self.machine = Machine(settings)
        self._settings = settings
        self._client = client
        self._send_task = send_task
        self._stopping = threading.Event()
        self._refused: frozenset[str] = frozenset()  # benchmarks that the site knows otherwise: they are not claimed
        self._leases: set[Lease] = set()

    def announce(self) -> None:
        """Clear what a killed worker left, describe the plugins afresh, and tell the site."""
        clear_leftovers(self._settings.var, self.machine.sandbox)
        installed = self.machine.describe_afresh()
        for line in installed.refused:
            log.error("not offered: %s", line)
        self._refused = frozenset()
        data, base, suites = benchmarks_of(self.machine), base_of(self.machine), announced_suites(catalog())
        methods = list(installed.methods.values())
        answer = self._client.announce(offer_of(self.machine), methods, data, base, suites)
        for line in answer.sentences:
            log.error("the site refused %s", line)
        self._refused = frozenset(answer.benchmarks)

    def drain(self) -> int:
        """Claim and evaluate until nothing waits; returns the number of runs."""
        done = 0
        while not self._stopping.is_set() and (claim := self._claim()) is not None:
            self.evaluate(claim)
            done += 1
        return done

    def stop(self) -> None:
        """Claim nothing more, and hand back what is not done: another worker begins it at once, at no cost to it.

        Called by the signal that ends the process, so it returns without waiting.
        """
        self._stopping.set()
        for lease in tuple(self._leases):
            lease.hand_back()

    def evaluate(self, claim: Claim) -> None:
        """Evaluate a claimed run and report it. A run that is stopped, or whose lease is lost, is not reported."""
        lease = Lease(self._client, claim, self._settings.heartbeat_seconds)
        self._leases.add(lease)
        if self._stopping.is_set():  # between the claim and here
            lease.hand_back()
        lease.start()
        try:
            attempt = Attempt(claim=claim, machine=self.machine, client=self._client, lease=lease)
            outcome = attempt.outcome()
            self._report(attempt, outcome)
            lease.linger(lambda: self._report(attempt, outcome))
            if not self._stopping.is_set():
                self.machine.next_run.expect()
        except Stopped:
            log.info("run %s stopped: it was cancelled, or its lease ended", claim.id)
        except BaseException:
            lease.release()
            raise
        finally:
            self._leases.discard(lease)
            self.machine.next_run.tidy()

    def _claim(self) -> Claim | None:
        for folder in (self._settings.var, scratch_of(self._settings.var)):
            if disk_is_full(folder):
                log.error("no run is claimed: the disk of %s is full", folder)
                return None
        for _ in range(CLAIM_TRIES):
            try:
                return self._client.claim(offer_of(self.machine, self._refused))
            except SiteUnreachable as error:
                log.warning("cannot claim: %s", error)
                time.sleep(CLAIM_PAUSE_SECONDS)
        return None  # the reaper wakes workers again

    def _report(self, attempt: Attempt, outcome: dict[str, Any]) -> None:
        claim, (text, offset) = attempt.claim, attempt.lease.unshipped()
        report = Report(
            run=claim.id,
            token=claim.token,
            attempt=claim.attempt,
            environment=self.machine.environment() | {"suite": suite_of(claim.benchmark)} | attempt.record,
            method_version=attempt.method_version,
            log=text,
            log_offset=offset,
            stage=attempt.lease.current,
            usage=attempt.lease.usage,
            **outcome,
        )
        self._send_task(STORE_REPORT, args=[report.as_json()], queue="site", retry=True, retry_policy=PUBLISH)
