"""One claimed run: from its data and its method to what is reported of it."""

import logging
import traceback
from dataclasses import asdict, dataclass, field
from typing import Any

from farfield import FarfieldError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.confusions import confusions_of
from farfield_evaluators.data.packs import Pack, open_pack
from farfield_evaluators.outcomes import OutcomesError, write
from farfield_evaluators.pictures.run import pictures_of
from farfield_evaluators.run_plan import Cell, Evidence
from farfield_evaluators.wire import Claim, FailureSaid
from farfield_workers.client import LeaseEnded, SiteClient, SiteRefused, SiteUnreachable
from farfield_workers.entrants import Intake
from farfield_workers.evaluation import Outcome, Request, say_remarks
from farfield_workers.failures import RunFailure, full_disk
from farfield_workers.lease import Lease
from farfield_workers.leftovers import scratch_folder, scratch_of
from farfield_workers.machine import Machine
from farfield_workers.sandbox.base import Memory, Stopped
from farfield_workers.sandbox.disk import is_of_full_disk

log = logging.getLogger(__name__)
PREDICTIONS = "predictions"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """An attempt at a claimed run on this machine; `record` says where its method came from, once that is known."""

    claim: Claim
    machine: Machine
    client: SiteClient
    lease: Lease
    record: Json = field(default_factory=dict)

    def outcome(self) -> Json:
        """The report's variable entries. Anything unforeseen is the platform's failure, never the author's.

        Raises Stopped where the run is not this worker's any more.
        """
        try:
            return self._outcome()
        except (Stopped, LeaseEnded):
            raise Stopped from None
        except RunFailure as failure:
            return _failed_as(failure)
        except FarfieldError as error:
            return _failed(error.code, str(error), error.code.startswith(("platform.", "data.")))
        except Exception as error:
            if is_of_full_disk(error, scratch_of(self.machine.settings.var)):
                return _failed_as(full_disk())
            log.exception("run %s failed in the platform", self.claim.id)
            return _failed("platform.error", f"{type(error).__name__} in the evaluation path, {_place(error)}", True)

    @property
    def method_version(self) -> str:
        """Of a package as it says itself; of an installed method as it is described here."""
        package = self.record.get("package")
        if package:
            return str(package["metadata"]["version"])
        return str(self.machine.installed.methods.get(self.claim.method["name"], {}).get("version", ""))

    @property
    def _intake(self) -> Intake:
        return Intake(settings=self.machine.settings, client=self.client, chosen=self.machine.chosen)

    def _outcome(self) -> Json:
        claim, benchmark = self.claim, find(self.claim.benchmark)
        check_claim(claim, benchmark)
        pack = open_pack(self.machine.packs, benchmark.pack)
        key = benchmark.comparability_key(pack.fingerprint, claim.tier)
        with pack.in_use():
            if claim.kind == PREDICTIONS:
                return _succeeded(self._kept(self._handed_in(benchmark, pack)), key)
            self.record["precision"] = benchmark.precision.value
            outcome = self._run(benchmark, pack)
            self._show(benchmark, pack, outcome)
            self._sum_up(benchmark, outcome)
        self._kept(outcome.evidence)
        if outcome.labels is not None and benchmark.budget is not None:
            self.record["labels"] = {"asked": list(outcome.labels), **asdict(benchmark.budget)}
        if outcome.waited:
            self.record["sandbox_waited"] = True
        measured = {"seconds": outcome.seconds, "probes": outcome.probes, "cached": dict(outcome.cached)}
        measured |= _held(outcome.memory)
        return _succeeded(outcome.evidence, key) | measured | {"curve": tuple(p.as_json() for p in outcome.curve)}

    def _handed_in(self, benchmark: Benchmark, pack: Pack) -> Evidence:
        """The evidence in an uploaded file: nothing of it is executed."""
        form, upload = benchmark.handed_in, self.claim.upload
        if form is None:
            raise RunFailure("predictions.not_a_file", f"{benchmark.name} takes no results that were made elsewhere")
        if upload is None:
            raise RunFailure("predictions.not_a_file", "the submission has no file")
        self.lease.stage("preparing")
        path = self._intake.file(self.claim, upload)
        self.lease.stage("scoring")
        evidence = form.read(path, benchmark, pack, self.claim.tier)
        say_remarks(evidence, self.lease)
        return evidence

    def _kept(self, evidence: Evidence) -> Evidence:
        """The evidence, after its outcomes were sent to be kept. A run does not fail for want of them."""
        if evidence.outcomes is None:
            return evidence
        try:
            with scratch_folder(self.machine.settings.var, "outcomes") as folder:
                path = folder / "outcomes.parquet"
                self.client.send_outcomes(self.claim, path, write(evidence.outcomes, path))
        except (OutcomesError, SiteRefused, SiteUnreachable) as error:
            self.lease.log(f"note: what was said of each example is not kept: {error}\n")
        return evidence

    def _show(self, benchmark: Benchmark, pack: Pack, outcome: Outcome) -> None:
        """Send pictures of the run. It does not fail for want of them: they are for people, and no part of a result."""
        try:
            pictures = pictures_of(benchmark, pack, outcome.staged.truth, outcome.arrays)
            self.client.send_pictures(self.claim, pictures)
        except LeaseEnded:
            raise
        except Exception as error:  # whatever is wrong with a picture, the run's figures are there
            log.warning("not all pictures of run %s are kept", self.claim.id, exc_info=True)
            self.lease.log(f"note: not all pictures of the run are kept: {type(error).__name__}: {error}\n")

    def _sum_up(self, benchmark: Benchmark, outcome: Outcome) -> None:
        """Send which classes were taken for which. A run does not fail for want of that: its figures are there."""
        try:
            confusions = list(confusions_of(benchmark, outcome.staged.truth, outcome.arrays))
            if confusions:
                self.client.send_confusions(self.claim, confusions)
        except LeaseEnded:
            raise
        except Exception as error:
            log.warning("which classes run %s took for which is not kept", self.claim.id, exc_info=True)
            self.lease.log(f"note: which classes were confused is not kept: {type(error).__name__}: {error}\n")

    def _run(self, benchmark: Benchmark, pack: Pack) -> Outcome:
        entered = self._intake.enter(self.claim, self.machine.installed, self.lease)
        self.record.update(entered.record)
        request = Request(
            benchmark=benchmark,
            pack=pack,
            runnable=entered.runnable,
            cell=Cell(at=self.claim.cell, seed=self.claim.seed),
            tier=self.claim.tier,
            config=self.claim.config,
            gpu=self.machine.settings.gpu,
            base_seed=self.claim.base_seed,
        )
        return self.machine.evaluator.run(request, self.lease)


def check_claim(claim: Claim, benchmark: Benchmark) -> None:
    """Raises RunFailure for a version or a tier of a benchmark that this worker's release does not have."""
    lacks = ""
    if benchmark.version != claim.benchmark_version:
        lacks = f"this worker has version {benchmark.version} of {benchmark.name}, not {claim.benchmark_version}"
    elif claim.tier not in ([tier.name for tier in benchmark.plan.tiers] or [""]):
        lacks = f"this worker's {benchmark.name} has no tier called {claim.tier!r}"
    if lacks:
        raise RunFailure("platform.benchmark_version", lacks, infrastructure=True)


def _held(memory: Memory | None) -> Json:
    return {"memory": {} if memory is None else asdict(memory)}


def _succeeded(evidence: Evidence, key: str) -> Json:
    return {
        "outcome": "succeeded",
        "scores": tuple(figure.as_json() for figure in evidence.figures),
        "lines": evidence.lines,
        "facts": dict(evidence.facts),
        "comparability_key": key,
    }


def _failed(code: str, message: str, infrastructure: bool) -> Json:
    failure = FailureSaid(code=code, message=message)
    return {"outcome": "failed", "failure": failure, "infrastructure": infrastructure}


def _failed_as(failure: RunFailure) -> Json:
    return _failed(failure.code, failure.message, failure.infrastructure) | _held(failure.memory)


def _place(error: BaseException) -> str:
    """Where in our own code it was raised, by which the site tells the same defect again; never what it says."""
    raised = traceback.walk_tb(error.__traceback__)
    places = [(str(frame.f_globals.get("__name__")), line) for frame, line in raised]
    ours = [f"{module}:{line}" for module, line in places if module.startswith("farfield")]
    return ours[-1] if ours else "outside of it"
