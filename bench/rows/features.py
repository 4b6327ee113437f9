"""Ten detectors and a linear probe on one network: features once for all, each on its own, and pytorch-ood's loop."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import ood_loop
from bench.result import Result
from bench.timing import timed
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import describe_installed
from farfield_workers.next_run import NextRun
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.choose import choose

SAME = 1e-3  # of an AUROC: the images are in other batches
PROBE = "linear-probe"
_ID, *_ = IMAGENET_OOD_MINI.domains
PHOTOGRAPHS = replace(
    IMAGENET_OOD_MINI, domains=(_ID,), columns=tuple(c for c in IMAGENET_OOD_MINI.columns if c.domain == "id")
)
Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Worker:
    """One that evaluates one method after the other, in the sandbox of this machine, and what it has found."""

    evaluator: Evaluator
    pack: Pack
    figures: dict[str, float]

    @property
    def without_features(self) -> "Worker":
        """Gives images to whatever takes images, as a method alone has them."""
        installed = replace(self.evaluator.installed, backbones={})
        return replace(self, evaluator=replace(self.evaluator, installed=installed), figures={})

    def run(self, method: str) -> None:
        """A detector on the images of its default network, or the probe on features of the same."""
        benchmark: Benchmark = PHOTOGRAPHS if method == PROBE else ood_loop.BOARD
        evaluator = self.evaluator
        if evaluator.next_run:
            evaluator.next_run.expect()
        request = Request(
            benchmark=benchmark,
            pack=self.pack,
            runnable=Runnable(description=evaluator.installed.method(method)),
            cell=Cell(at={"trial": 0}, seed=1),
            config={},
        )
        figures = evaluator.run(request, Quiet()).evidence.figures
        self.figures[method] = next(f.value for f in figures if f.metric in ("auroc", "accuracy"))


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    pack = import_demo(scratch / "packs")
    methods = [*ood_loop.DETECTORS, PROBE][-2 if quick else 0 :]
    together = _worker(scratch / "together", pack)
    cold, warm = ({name: timed(partial(together.run, name)) for name in methods} for _ in range(2))
    alone = together.without_features
    each = sum(timed(_alone(alone, name, scratch, pack)) for name in methods)
    _check(together.figures, alone.figures)
    title = f"{len(methods) - 1} detectors and a linear probe on Lite0"
    for state, seconds in (("cold", cold), ("warm", warm)):
        yield Result(
            row=2, name=title, ours=(sum(seconds.values()),), peer=(each,), unit="s", state=state,
            peer_name="each on its own", goal=8 if state == "warm" else None,
        )  # fmt: skip
    detectors = [name for name in methods if name != PROBE]
    peer, theirs = ood_loop.run(pack, detectors)
    yield Result(
        row=2, name=f"{len(detectors)} detectors on Lite0", ours=(sum(warm[name] for name in detectors),), peer=(peer,),
        unit="s", state="warm", peer_name="pytorch-ood's loop", peer_version=version("pytorch-ood"), goal=8,
    )  # fmt: skip
    _check({name: together.figures[name] for name in theirs}, theirs)


def _worker(var: Path, pack: Pack) -> Worker:
    var.mkdir()
    sandbox = choose("auto", var).sandbox
    evaluator = Evaluator(describe_installed(sandbox), sandbox, var, next_run=NextRun(var, sandbox))
    return Worker(evaluator=evaluator, pack=pack, figures={})


def _alone(worker: Worker, name: str, scratch: Path, pack: Pack) -> Callable[[], None]:
    """The probe takes features, of which its own worker then has none."""
    if name != PROBE:
        return lambda: worker.run(name)
    other = _worker(scratch / "alone", pack)
    return lambda: (other.run(name), worker.figures.update(other.figures))[0]  # type: ignore[func-returns-value]


def _check(ours: Mapping[str, float], theirs: Mapping[str, float]) -> None:
    apart = {name: abs(ours[name] - value) for name, value in theirs.items() if abs(ours[name] - value) > SAME}
    if apart:
        raise SystemExit(f"figures differ, so the two sides do different things: {apart}")
