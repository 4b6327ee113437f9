"""The evaluation path: stage, run in the sandbox, validate, score. The same for every benchmark, worker and author."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from farfield import Resources, families
from farfield.errors import ConfigError, PredictionsError
from farfield.runtime.base_phase import MODEL
from farfield.runtime.job import STREAMED, Job
from farfield_evaluators.benchmark import BASE, Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import CurvePoint
from farfield_evaluators.run_plan import Arrays, Cell, Entrant, Evidence, Outputs, Staged, Staging
from farfield_evaluators.scoring.remarks import remarks_on
from farfield_evaluators.staged_features import FeatureSource
from farfield_workers import made_of
from farfield_workers.base_phase import Based, BasePhases, BaseRun, shelf_of
from farfield_workers.curves import read_curve, room_for
from farfield_workers.desk import asked_of, desk_of
from farfield_workers.execution import Observer, execute, of_runnable
from farfield_workers.failures import RunFailure, of_the_method, remembering
from farfield_workers.features import FeatureCache
from farfield_workers.feed import Feed
from farfield_workers.installed import Installed, limits_of
from farfield_workers.next_run import NextRun, Place
from farfield_workers.outputs import Rules, parted, read_outputs, rules_of, with_room
from farfield_workers.pixel_store import Decoder, decoder_of, share_of
from farfield_workers.probes import probed
from farfield_workers.run_features import RunFeatures, run_features
from farfield_workers.runnable import Description, Runnable
from farfield_workers.sandbox.base import GIB, Limits, Memory, Sandbox
from farfield_workers.sandbox.runtime import threads
from farfield_workers.text_desk import TextDesk, text_desk
from farfield_workers.texts import TextCache
from farfield_workers.untrusted import reading
from farfield_workers.withheld import feed_of, part_feeds

# Of a method's states at its checkpoints, all together: 20 of a ResNet-50 are 1.9 GiB.
STATES_BYTES = 4 * GIB


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to evaluate: a method set by hand with `config`, in one cell of a benchmark's plan, on its pack.

    base_seed: of what is learned once for all cells.
    """

    benchmark: Benchmark
    pack: Pack
    runnable: Runnable
    cell: Cell
    tier: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    gpu: str | None = None
    threads: int = 2
    base_seed: int = 0

    @property
    def chosen(self) -> Runnable:
        """The method with the input that the settings choose."""
        return self.runnable.chosen(self.config)

    @property
    def description(self) -> Description:
        return self.chosen.description


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run gave: evidence, wall-clock seconds by stage, what the probes say, and what is behind the evidence.

    `memory` is what the method held at most, in its base phase too; None where the run was too short to be seen.
    `waited` says that the sandbox was started before the run was there.
    `labels` is how many were asked for in each round, where the benchmark has a budget.
    `cached` has shares (0..1) of what the run was given that was in a cache of this machine, by what that holds.
    `curve` has the points of a method that is one of a line of models; the evidence is of the method itself.
    """

    evidence: Evidence
    seconds: dict[str, float]
    curve: tuple[CurvePoint, ...] = ()
    probes: dict[str, Any] = field(default_factory=dict)
    memory: Memory | None = None
    labels: tuple[int, ...] | None = None
    waited: bool = False
    cached: Mapping[str, float] = field(default_factory=dict)
    staged: Staged = field(repr=False)
    arrays: Arrays = field(repr=False)


@dataclass(frozen=True)
class Evaluator:
    """The evaluation path of one machine: what is installed, the sandbox, and the folder for scratch and caches.

    base: the fingerprint of the base environment that the sandbox shows; empty for what is installed.
    next_run: where a run is laid out, and a sandbox may wait for it; a new folder and sandbox without it.
    computing: held while features are computed, so that runs side by side need the memory for that once.
    """

    installed: Installed
    sandbox: Sandbox
    var: Path
    ceiling: Resources | None = None
    base: str = ""
    next_run: NextRun | None = None
    computing: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def run(self, request: Request, observer: Observer) -> Outcome:
        """Raises RunFailure, or another FarfieldError with a code, when the run ends without evidence.

        Raises whatever the observer raises, too.
        """
        check_request(request)
        limits = limits_of(request.description, self.ceiling)
        with self.next_run.place() if self.next_run else closing(Place(self.var, self.sandbox)) as place:
            return self._journey(request, place, limits, observer)

    def _journey(self, request: Request, place: Place, limits: Limits, observer: Observer) -> Outcome:
        started, folder = time.monotonic(), place.folder
        observer.stage("preparing")
        features = self._features(request, observer)
        before = self._staging(request, folder, limits, features.source if features else None)
        decoders: list[Decoder] = []
        staging, based = self._after_base(before, request, limits, observer, decoders)
        staged = request.benchmark.plan.stage(staging)
        _begin_with(based, folder / "in")
        rules = rules_of(request.benchmark, staged)
        points = room_for(request.benchmark, rules)
        _job(request, staged, points).write(folder / "in")
        desk = desk_of(folder / "in", staged.labels, request.benchmark.budget)
        decoder = decoder_of(self.var, threads(), request.description, trusted=not request.runnable.submitted)
        decoders.append(decoder)
        feed = feed_of(
            folder,
            request.description,
            points=points,
            checkpoints=len(staged.checkpoints),
            begun=desk.end if desk else None,
            decoder=None if request.runnable.image else decoder,
        )
        parts = part_feeds(folder, decoder) if _learns_from_pixels(request) else ()
        texts = self._texts(request, folder / "in", features)
        servers = (feed, *parts, *(each for each in (desk, texts) if each))
        prepared = time.monotonic() - based.seconds
        observer.stage("running")
        if staged.remark:
            observer.log(staged.remark)
        room, precision = _room(limits, rules, staged, points), request.benchmark.precision
        execution = of_runnable(request.runnable, folder, room, request.gpu, precision)
        with closing(decoder):
            ran = execute(place, execution, observer, *servers)
        observer.stage("scoring")
        begun = time.monotonic()
        with remembering(ran.memory):
            outcome = _read(staging, staged, rules, folder / "out", observer)
            counts = {name: rule.counts for name, rule in rules.items() if rule.counts}
            of_inputs, others = parted(rules, outcome.arrays)
            feed.settle(of_inputs, axis=1 if staged.checkpoints else 0, counts=counts, before=others)
        if feed.was_early:
            outcome = replace(outcome, probes={"after_training": False})
        if desk:
            outcome = replace(outcome, labels=asked_of(desk, observer))
        seconds = {"prepare": prepared - started, "run": ran.seconds, "score": time.monotonic() - begun}
        seconds |= {"base": based.seconds} if based.model else {}
        seconds |= {} if feed.seconds is None else {"predict": feed.seconds}
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        cached = _cached(decoders, observer) | (features.cached if features else {}) | _cached_texts(texts, observer)
        cached |= based.share
        outcome = replace(outcome, cached=cached, waited=ran.waited)
        return replace(outcome, seconds=rounded, memory=_most(based.memory, ran.memory))

    def _after_base(
        self, staging: Staging, request: Request, limits: Limits, observer: Observer, decoders: list[Decoder]
    ) -> tuple[Staging, Based]:
        """The run with its base phase behind it: trained now or before, or to be taken in the run itself.

        What decodes for it is added to `decoders`.
        """
        part = request.benchmark.plan.base_part(staging)
        if part is None:
            return staging, Based()
        run = BaseRun(
            part=part,
            runnable=request.runnable,
            machine=_of_the_machine(request),
            gpu=request.gpu,
            limits=limits,
            folder=staging.folder.parent,
            withheld=request.benchmark.withheld_after_base,
            precision=request.benchmark.precision,
            serving=partial(self._serving, request, decoders),
        )
        phases = BasePhases(sandbox=self.sandbox, shelf=shelf_of(self.var), environment=made_of.environment(self.base))
        based = phases.take(run, observer)
        return replace(staging, left_out=frozenset({BASE} if based.left_out else ())), based

    @contextmanager
    def _serving(self, request: Request, decoders: list[Decoder], folder: Path) -> Iterator[tuple[Feed, ...]]:
        """What gives images on request to a base that learns in `folder`, as to the run itself."""
        if not (request.description.get("base") and _learns_from_pixels(request)):
            yield ()
            return
        trusted = not request.runnable.submitted
        with closing(decoder_of(self.var, threads(), request.description, trusted=trusted)) as decoder:
            decoders.append(decoder)
            yield tuple(part_feeds(folder, decoder))

    def _staging(self, request: Request, folder: Path, limits: Limits, features: FeatureSource | None) -> Staging:
        return Staging(
            benchmark=request.benchmark,
            pack=request.pack,
            tier=request.tier,
            cell=request.cell,
            entrant=Entrant(identity="", benchmark=request.benchmark.name, method=request.chosen.called),
            description=request.description,
            config=request.config,
            folder=folder / "in",
            features=features,
            room=min(limits.memory_bytes // 2, limits.output_bytes),
            on_request=_learns_from_pixels(request),
            base_seed=request.base_seed,
        )

    def _features(self, request: Request, observer: Observer) -> RunFeatures | None:
        """What a method that takes features, or may take them, is given."""
        home = self.var / "cache" / "features"
        precision = request.benchmark.precision
        cache = FeatureCache(home=home, sandbox=self.sandbox, gpu=request.gpu, turn=self.computing, precision=precision)
        submitted = request.runnable.submitted
        return run_features(request.description, request.config, self.installed, cache, observer, submitted=submitted)

    def _texts(self, request: Request, inputs: Path, features: RunFeatures | None) -> TextDesk | None:
        """What tells a method that is given features the text embeddings of the same networks; no image asks."""
        if features is None or features.refused or request.runnable.image:
            return None
        return text_desk(inputs, features.backbones, TextCache(features=features.cache))


def check_request(request: Request) -> None:
    """Raises RunFailure for a method of another family, settings that do not fit, or one that needs a GPU."""
    description, benchmark = request.description, request.benchmark
    if description["family"] != benchmark.family.value:
        fits = f"{description['name']} is a method for {description['family']}"
        raise RunFailure("plugin.wrong_family", f"{fits}; {benchmark.name} needs {benchmark.family}")
    problems = benchmark.plan.setting_problems(description, request.config)
    if problems:
        raise RunFailure(ConfigError.code, "; ".join(problems))
    if description["resources"]["gpu"] and request.gpu is None:
        lacks = f"{description['name']} needs a GPU; none is given here"
        raise RunFailure("platform.no_gpu", lacks, infrastructure=True)


def evidence_of(staging: Staging, staged: Staged, outputs: Outputs) -> Evidence:
    """Validate and score what a run wrote. Raises RunFailure for what cannot be scored."""
    with of_the_method("the predictions"):
        return staging.benchmark.plan.evidence(staging, staged, outputs)


def curve_of(benchmark: Benchmark, staged: Staged, output: Path, observer: Observer) -> tuple[CurvePoint, ...]:
    """The curve that a run wrote, none without one; what cannot be scored is said in the log, and costs no run."""
    try:
        with reading("the curve"):
            return tuple(read_curve(benchmark, staged, output))
    except PredictionsError as error:
        observer.log(f"note: the curve is left out: {error}\n")
        return ()


def say_remarks(evidence: Evidence, observer: Observer) -> None:
    """Tell whoever reads the log what is remarkable about a run, such as scores in the wrong direction."""
    for remark in (*remarks_on(evidence.figures), *evidence.remarks):
        observer.log(f"note: {remark.says} [{remark.code}]\n")


def _read(staging: Staging, staged: Staged, rules: Rules, output: Path, observer: Observer) -> Outcome:
    outputs = read_outputs(rules, staged, output)
    evidence = evidence_of(staging, staged, outputs)
    say_remarks(evidence, observer)
    curve = curve_of(staging.benchmark, staged, output, observer)
    probes: dict[str, Any] = {}
    if _is_probed(staging.benchmark, staged):
        with of_the_method("the probes"):
            probes = probed(output, parted(rules, outputs.arrays)[0], staging.description)
    return Outcome(evidence=evidence, curve=curve, seconds={}, probes=probes, staged=staged, arrays=outputs.arrays)


def _room(limits: Limits, rules: Rules, staged: Staged, points: int) -> Limits:
    """For the predictions, those of a curve, and a method's states at its checkpoints."""
    roomy = with_room(limits, rules, 1 + points)
    return replace(roomy, output_bytes=roomy.output_bytes + (STATES_BYTES if staged.checkpoints else 0))


def _job(request: Request, staged: Staged, points: int) -> Job:
    return Job(
        **_of_the_machine(request),
        name=request.runnable.name,
        probe=_is_probed(request.benchmark, staged),
        curve=points,
        room=STATES_BYTES if staged.checkpoints else 0,
        format=STREAMED,
        **staged.job,
    )


def _of_the_machine(request: Request) -> dict[str, Any]:
    """The entries of a job that no plan says."""
    device = "cuda" if request.gpu else "cpu"
    return {"plugin": request.description["plugin"], "device": device, "threads": request.threads}


def _begin_with(based: Based, inputs: Path) -> None:
    """Put the base model where the run looks for it. Base images are not there then, whatever a suite's plan does.

    Raises RunFailure for a plan that laid them out all the same.
    """
    if based.left_out and (inputs / BASE).exists():
        lies = "the plan of the benchmark laid base images out after the base phase"
        raise RunFailure("platform.plan", lies, infrastructure=True)
    if based.model is not None:
        based.model.rename(inputs / MODEL)


def _most(base: Memory | None, run: Memory | None) -> Memory | None:
    """What was held at most, in both phases."""
    return max((memory for memory in (base, run) if memory), key=lambda m: m.peak_bytes, default=None)


def _learns_from_pixels(request: Request) -> bool:
    """Whether training images are given on request: none of a size of their own, nor to an old runner."""
    inputs = request.description["inputs"]
    return inputs["kind"] == "images" and inputs["crop"] != "none" and request.runnable.image is None


def _cached(decoders: Sequence[Decoder], observer: Observer) -> dict[str, float]:
    """The share of pixels that were there before, if any were taken; what a reader should know of them is said."""
    for note in (note for decoder in decoders for note in decoder.notes):
        observer.log(note)
    share = share_of(decoders)
    return {} if share is None else {"pixels": share}


def _cached_texts(desk: TextDesk | None, observer: Observer) -> dict[str, float]:
    """The same of text embeddings."""
    for note in desk.notes if desk else ():
        observer.log(note)
    return desk.cached if desk else {}


def _is_probed(benchmark: Benchmark, staged: Staged) -> bool:
    """Whether some examples are predicted again: not where all are, at every checkpoint."""
    return families.of(benchmark.family).probes and not staged.checkpoints
