"""A worker's part in the journey of a run: claim, evaluate, report."""

import logging
import platform
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from farfield import FarfieldError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, catalog, find
from farfield_evaluators.data.packs import Pack, PackError, is_imported, open_pack
from farfield_evaluators.figure import Figure
from farfield_evaluators.predictions import score_predictions
from farfield_evaluators.suites.domainbed import datasets
from farfield_evaluators.suites.domainbed.staging import class_names, environment_sizes
from farfield_workers import sweeps
from farfield_workers.cells import Trainer
from farfield_workers.client import Claim, LeaseEnded, Offer, SiteClient, SiteUnreachable
from farfield_workers.compiling import compile_in_background
from farfield_workers.entrants import Intake, as_base
from farfield_workers.evaluation import Evaluated, Evaluator, Request, say_remarks
from farfield_workers.failures import RunFailure
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.lease import Lease
from farfield_workers.leftovers import clear_leftovers
from farfield_workers.sandbox.base import Memory, Sandbox, Stopped
from farfield_workers.sandbox.choose import Chosen, choose
from farfield_workers.sandbox.disk import disk_is_full
from farfield_workers.sandbox.runtime import threads
from farfield_workers.settings import WorkerSettings
from farfield_workers.suites import announced_suites, suite_of
from farfield_workers.sweeps import Swept, check_tier

log = logging.getLogger(__name__)
PREDICTIONS = "predictions"
CLAIM_TRIES, CLAIM_PAUSE_SECONDS = 10, 2.0
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
        self._stopping = threading.Event()
        self._refused: frozenset[str] = frozenset()  # benchmarks that the site knows otherwise: they are not claimed
        self._leases: set[Lease] = set()
        self._compiling: subprocess.Popen[bytes] | None = None

    @cached_property
    def _chosen(self) -> Chosen:
        """Chosen at the first need: it gathers the base environment, which takes a while the first time."""
        chosen = choose(self._settings.sandbox, self._settings.var)
        if chosen.lacks:
            log.warning("no submitted code is run here: %s", chosen.lacks)
        if chosen.base is not None:
            self._compiling = compile_in_background(chosen.base.folder)
        return chosen

    @property
    def _sandbox(self) -> Sandbox:
        return self._chosen.sandbox

    @cached_property
    def _installed(self) -> Installed:
        return describe_installed(self._sandbox)

    def announce(self) -> None:
        """Clear what a killed worker left, describe the plugins afresh, and tell the site."""
        clear_leftovers(self._settings.var, self._sandbox)
        self.__dict__.pop("_installed", None)
        for line in self._installed.refused:
            log.error("not offered: %s", line)
        methods = list(self._installed.methods.values())
        self._refused = frozenset()
        suites = announced_suites(catalog())
        answer = self._client.announce(self._offer(), methods, self._benchmarks(), self._base(), suites)
        for line in answer.sentences:
            log.error("the site refused %s", line)
        self._refused = frozenset(answer.benchmarks)

    def _base(self) -> dict[str, Any] | None:
        """What a package finds installed here, for the site to publish; None where no package is run."""
        if self._chosen.base is None:
            return None
        return replace(as_base(self._chosen.base), fetches=bool(self._settings.indexes)).published()

    def _offer(self) -> Offer:
        sandbox = self._sandbox
        kinds = {"plugin": sandbox.isolates, "container": sandbox.runs_images}
        return Offer(
            resource=self._settings.resource,
            accepts=("configuration", "predictions", *(kind for kind, able in kinds.items() if able)),
            methods=tuple(self._installed.methods),
            benchmarks=tuple(one.name for one in self._imported() if one.name not in self._refused),
            sandbox={"name": sandbox.name, "isolates": sandbox.isolates, "images": sandbox.runs_images},
        )

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
            record: dict[str, Any] = {}
            outcome = self._outcome(claim, lease, record)
            self._report(claim, lease, outcome, record)
            lease.linger(lambda: self._report(claim, lease, outcome, record))
        except Stopped:
            log.info("run %s stopped: it was cancelled, or its lease ended", claim.id)
        except BaseException:
            lease.release()
            raise
        finally:
            self._leases.discard(lease)

    def _claim(self) -> Claim | None:
        if disk_is_full(self._settings.var):
            log.error("no run is claimed: the disk of %s is full", self._settings.var)
            return None
        for _ in range(CLAIM_TRIES):
            try:
                return self._client.claim(self._offer())
            except SiteUnreachable as error:
                log.warning("cannot claim: %s", error)
                time.sleep(CLAIM_PAUSE_SECONDS)
        return None  # the reaper wakes workers again

    def _outcome(self, claim: Claim, lease: Lease, record: dict[str, Any]) -> dict[str, Any]:
        """The report's variable part. Anything unforeseen is the platform's failure, never the author's."""
        try:
            benchmark = find(claim.benchmark)
            pack = self._pack(benchmark, claim)
            check_tier(benchmark, claim.tier)
            with pack.in_use():
                return self._evaluated(claim, benchmark, pack, lease, record)
        except (Stopped, LeaseEnded):
            raise Stopped from None
        except RunFailure as failure:
            return _failed(failure.code, failure.message, failure.infrastructure) | _held(failure.memory)
        except FarfieldError as error:
            return _failed(error.code, str(error), error.code.startswith(("platform.", "data.")))
        except Exception as error:
            log.exception("run %s failed in the platform", claim.id)
            return _failed("platform.error", f"{type(error).__name__} in the evaluation path, {_place(error)}", True)

    def _evaluated(
        self, claim: Claim, benchmark: Benchmark, pack: Pack, lease: Lease, record: dict[str, Any]
    ) -> dict[str, Any]:
        key = benchmark.comparability_key(pack.fingerprint, claim.tier)
        if benchmark.is_sweep:
            return _swept(self._sweep(claim, benchmark, pack, lease, record), key)
        if claim.kind == PREDICTIONS:
            return _succeeded(self._score(claim, benchmark, pack, lease), key)
        evaluated = self._run(claim, benchmark, pack, lease, record)
        measured = {"seconds": evaluated.seconds, "probes": evaluated.probes} | _held(evaluated.memory)
        return _succeeded(evaluated.scores, key) | measured | {"curve": [p.as_json() for p in evaluated.curve]}

    def _pack(self, benchmark: Benchmark, claim: Claim) -> Pack:
        if benchmark.version != claim.benchmark_version:
            offered = f"version {benchmark.version} of {benchmark.name}, not {claim.benchmark_version}"
            raise RunFailure("platform.benchmark_version", f"this worker has {offered}", infrastructure=True)
        return open_pack(self._settings.var / "packs", benchmark.pack)

    def _score(self, claim: Claim, benchmark: Benchmark, pack: Pack, lease: Lease) -> tuple[Figure, ...]:
        """Figure uploaded predictions: nothing of them is executed."""
        path = self._file(claim, lease)
        lease.stage("scoring")
        scores = score_predictions(benchmark, pack, path)
        say_remarks(scores, lease)
        return scores

    def _file(self, claim: Claim, lease: Lease) -> Path:
        if claim.upload is None:
            raise RunFailure("predictions.not_a_file", "the submission has no file")
        lease.stage("preparing")
        return self._intake.file(claim, claim.upload)

    def _sweep(self, claim: Claim, benchmark: Benchmark, pack: Pack, lease: Lease, record: dict[str, Any]) -> Swept:
        """One run of a sweep, or the records of a whole one that were uploaded."""
        if claim.kind == PREDICTIONS:
            path = self._file(claim, lease)
            lease.stage("scoring")
            return sweeps.read_upload(claim, benchmark, path)
        entered = self._intake.enter(claim, self._installed, lease)
        record |= entered.record
        settings = self._settings
        trainer = Trainer(installed=self._installed, sandbox=self._sandbox, var=settings.var, ceiling=settings.ceiling)
        return sweeps.train(claim, benchmark, pack, entered.entrant, trainer, settings.gpu, lease)

    def _run(self, claim: Claim, benchmark: Benchmark, pack: Pack, lease: Lease, record: dict[str, Any]) -> Evaluated:
        entered = self._intake.enter(claim, self._installed, lease)
        record |= entered.record
        request = Request(
            benchmark=benchmark,
            pack=pack,
            method=entered.entrant.description["name"],
            entrant=entered.entrant,
            config=claim.config,
            seed=claim.seed,
            gpu=self._settings.gpu,
        )
        evaluator = Evaluator(self._installed, self._sandbox, self._settings.var, self._settings.ceiling)
        return evaluator.run(request, lease)

    @property
    def _intake(self) -> Intake:
        return Intake(settings=self._settings, client=self._client, chosen=self._chosen)

    def _report(self, claim: Claim, lease: Lease, outcome: dict[str, Any], record: dict[str, Any]) -> None:
        text, offset = lease.unshipped()
        report = outcome | {
            "run": claim.id,
            "token": claim.token,
            "attempt": claim.attempt,
            "environment": self._environment() | {"suite": suite_of(claim.benchmark)} | record,
            "method_version": self._method_version(claim, record),
            "log": text,
            "log_offset": offset,
            "stage": lease.current,
        }
        self._send_task(STORE_REPORT, args=[report], queue="site", retry=True, retry_policy=PUBLISH)

    def _method_version(self, claim: Claim, record: dict[str, Any]) -> str:
        package = record.get("package")
        if package:
            return str(package["metadata"]["version"])
        return str(self._installed.methods.get(claim.method["name"], {}).get("version", ""))

    def _benchmarks(self) -> dict[str, Any]:
        """The benchmarks whose data is on this machine."""
        packs, here = self._settings.var / "packs", self._imported()
        absent = [benchmark.name for benchmark in benchmarks() if benchmark not in here]
        if absent:
            log.warning("not offered, because their data is not imported here: %s", ", ".join(absent))
        found: dict[str, Any] = {}
        for benchmark in here:
            try:
                found[benchmark.name] = _benchmark_data(benchmark, open_pack(packs, benchmark.pack))
            except PackError as error:
                log.warning("benchmark %s is not offered: %s", benchmark.name, error)
            except Exception:  # a defect in what belongs to this one is no reason to offer none
                log.exception("benchmark %s is not offered: a defect", benchmark.name)
        return found

    def _imported(self) -> list[Benchmark]:
        """Those whose data is on this machine, whole or damaged."""
        packs = self._settings.var / "packs"
        return [benchmark for benchmark in benchmarks() if is_imported(packs, benchmark.pack)]

    def _environment(self) -> dict[str, Any]:
        return {
            "python": sys.version.split()[0],
            "platform": platform.platform(),
            "worker": self._settings.name,
            "sandbox": self._sandbox.name,
            "device": self._settings.gpu or "cpu",
            "threads": threads(),
            "packages": {name: found for name in RECORDED if (found := _version(name))},
        }


def _benchmark_data(benchmark: Benchmark, pack: Pack) -> dict[str, Any]:
    return {
        "version": benchmark.version,
        "fingerprint": pack.fingerprint,
        "key": benchmark.comparability_key(pack.fingerprint),
        "classes": _classes(benchmark, pack),
        "counts": _counts(benchmark, pack),
    }


def _classes(benchmark: Benchmark, pack: Pack) -> list[str]:
    if benchmark.is_sweep:
        return list(class_names(datasets.find(benchmark.name), pack))
    return [c.name for c in pack.classes]


def _counts(benchmark: Benchmark, pack: Pack) -> dict[str, int]:
    """Examples by domain; those that training sees, where it sees others than those."""
    if benchmark.is_sweep:
        return environment_sizes(datasets.find(benchmark.name), pack)
    counts = pack.counts()
    by_domain = {d.name: counts[d.set] for d in benchmark.domains}
    return by_domain | ({} if benchmark.train_set is None else {"train": counts[benchmark.train_set]})


def _swept(swept: Swept, key: str) -> dict[str, Any]:
    kept = {"records": swept.lines, "sizes": list(swept.sizes), "seconds": swept.seconds or {}}
    return _succeeded((), key) | kept | _held(swept.memory)


def _held(memory: Memory | None) -> dict[str, Any]:
    return {"memory": {} if memory is None else asdict(memory)}


def _succeeded(scores: tuple[Figure, ...], key: str) -> dict[str, Any]:
    return {
        "outcome": "succeeded",
        "scores": [s.as_json() for s in scores],
        "comparability_key": key,
        "failure": None,
        "infrastructure": False,
        "seconds": {},
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


def _place(error: BaseException) -> str:
    """Where in our own code it was raised, by which the site tells the same defect again; never what it says."""
    raised = traceback.walk_tb(error.__traceback__)
    places = [(str(frame.f_globals.get("__name__")), line) for frame, line in raised]
    ours = [f"{module}:{line}" for module, line in places if module.startswith("farfield")]
    return ours[-1] if ours else "outside of it"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
