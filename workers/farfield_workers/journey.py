"""A worker's part in the journey of a run: claim, evaluate, report."""

import logging
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from farfield import Benchmark, FarfieldError
from farfield_evaluators.catalog import BENCHMARKS, find
from farfield_evaluators.data.packs import Pack, PackError, open_pack
from farfield_workers.client import Claim, LeaseEnded, SiteClient, SiteUnreachable
from farfield_workers.evaluation import Evaluated, Evaluator, Request
from farfield_workers.failures import RunFailure
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.lease import Lease
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.settings import WorkerSettings

log = logging.getLogger(__name__)
STORE_REPORT = "farfield_web.runs.tasks.store_report"
RECORDED = ("farfield", "farfield-platform", "numpy", "pillow", "torch", "timm", "open_clip_torch")
# Publishing waits for a broker that restarts; the lease is held meanwhile.
PUBLISH = {"max_retries": 60, "interval_start": 0.5, "interval_step": 0.5, "interval_max": 5.0}


class Worker:
    """One evaluation worker: what is installed on it, its site, and how it publishes reports."""

    def __init__(self, settings: WorkerSettings, client: SiteClient, send_task: Callable[..., Any]) -> None:
        self._settings = settings
        self._client = client
        self._send_task = send_task
        self._sandbox = ProcessSandbox()
        self._installed: Installed | None = None

    def announce(self) -> None:
        """Describe the plugins afresh and tell the site."""
        self._installed = describe_installed(self._sandbox)
        methods = list(self._installed.methods.values())
        self._client.announce(self._settings.resource, methods, self._benchmarks())

    def drain(self) -> int:
        """Claim and evaluate until nothing waits; returns the number of runs."""
        done = 0
        while (claim := self._claim()) is not None:
            self.evaluate(claim)
            done += 1
        return done

    def evaluate(self, claim: Claim) -> None:
        """Evaluate a claimed run and report it. A run that is stopped, or whose lease is lost, is not reported."""
        lease = Lease(self._client, claim, self._settings.heartbeat_seconds)
        lease.start()
        try:
            self._report(claim, lease, self._outcome(claim, lease))
            lease.linger()
        except Stopped:
            log.info("run %s stopped: it was cancelled, or its lease ended", claim.id)
        except BaseException:
            lease.release()
            raise

    def _claim(self) -> Claim | None:
        try:
            return self._client.claim(self._settings.resource)
        except SiteUnreachable as error:
            log.warning("cannot claim: %s", error)  # the reaper wakes workers again
            return None

    def _outcome(self, claim: Claim, lease: Lease) -> dict[str, Any]:
        """The report's variable part. Anything unforeseen is the platform's failure, never the author's."""
        try:
            benchmark = find(claim.benchmark)
            pack = self._pack(benchmark, claim)
            evaluated = self._run(claim, benchmark, pack, lease)
            return _succeeded(evaluated, benchmark.comparability_key(pack.fingerprint))
        except (Stopped, LeaseEnded):
            raise Stopped from None
        except RunFailure as failure:
            return _failed(failure.code, failure.message, failure.infrastructure)
        except FarfieldError as error:
            return _failed(error.code, str(error), error.code.startswith(("platform.", "data.")))
        except Exception as error:
            log.exception("run %s failed in the platform", claim.id)
            return _failed("platform.error", f"{type(error).__name__} in the evaluation path", True)

    def _pack(self, benchmark: Benchmark, claim: Claim) -> Pack:
        if benchmark.version != claim.benchmark_version:
            offered = f"version {benchmark.version} of {benchmark.name}, not {claim.benchmark_version}"
            raise RunFailure("platform.benchmark_version", f"this worker has {offered}", infrastructure=True)
        return open_pack(self._settings.var / "packs", benchmark.pack)

    def _run(self, claim: Claim, benchmark: Benchmark, pack: Pack, lease: Lease) -> Evaluated:
        request = Request(
            benchmark=benchmark,
            pack=pack,
            method=claim.method["name"],
            config=claim.config,
            seed=claim.seed,
            gpu=self._settings.gpu,
        )
        if self._installed is None:
            self._installed = describe_installed(self._sandbox)
        return Evaluator(self._installed, self._sandbox, self._settings.var).run(request, lease)

    def _report(self, claim: Claim, lease: Lease, outcome: dict[str, Any]) -> None:
        text, offset = lease.unshipped()
        report = outcome | {
            "run": claim.id,
            "token": claim.token,
            "attempt": claim.attempt,
            "environment": self._environment(),
            "method_version": self._method_version(claim),
            "log": text,
            "log_offset": offset,
        }
        self._send_task(STORE_REPORT, args=[report], queue="site", retry=True, retry_policy=PUBLISH)

    def _method_version(self, claim: Claim) -> str:
        known = self._installed.methods if self._installed else {}
        return str(known.get(claim.method["name"], {}).get("version", ""))

    def _benchmarks(self) -> dict[str, Any]:
        """The benchmarks whose data is on this machine."""
        found: dict[str, Any] = {}
        for benchmark in BENCHMARKS:
            try:
                pack = open_pack(self._settings.var / "packs", benchmark.pack)
            except PackError as error:
                log.warning("benchmark %s is not offered: %s", benchmark.name, error)
                continue
            found[benchmark.name] = _benchmark_data(benchmark, pack)
        return found

    def _environment(self) -> dict[str, Any]:
        return {
            "python": sys.version.split()[0],
            "platform": platform.platform(),
            "worker": self._settings.name,
            "sandbox": self._sandbox.name,
            "device": self._settings.gpu or "cpu",
            "packages": {name: found for name in RECORDED if (found := _version(name))},
        }


def _benchmark_data(benchmark: Benchmark, pack: Pack) -> dict[str, Any]:
    counts = pack.counts()
    by_domain = {d.name: counts[d.set] for d in benchmark.domains}
    train = {} if benchmark.train_set is None else {"train": counts[benchmark.train_set]}
    return {
        "version": benchmark.version,
        "fingerprint": pack.fingerprint,
        "key": benchmark.comparability_key(pack.fingerprint),
        "classes": [c.name for c in pack.classes],
        "counts": by_domain | train,
    }


def _succeeded(evaluated: Evaluated, key: str) -> dict[str, Any]:
    return {
        "outcome": "succeeded",
        "scores": [asdict(s) for s in evaluated.scores],
        "comparability_key": key,
        "failure": None,
        "infrastructure": False,
        "seconds": evaluated.seconds,
    }


def _failed(code: str, message: str, infrastructure: bool) -> dict[str, Any]:
    return {
        "outcome": "failed",
        "scores": [],
        "comparability_key": "",
        "failure": {"code": code, "message": message},
        "infrastructure": infrastructure,
        "seconds": {},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
