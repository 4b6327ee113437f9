"""ColoredMNIST, the whole path of the platform against a plain loop: same network, steps, checkpoints.

The digits are noise of MNIST's shape, so that the comparison runs anywhere: what a step costs does not depend on them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.result import Result
from bench.timing import in_turn
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST
from farfield_evaluators.suites.domainbed.plan import DomainBed
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.execution import Observer
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.sandbox.runtime import cores
from farfield_workers.side_by_side import results

DIGITS = (4_000, 1_000)  # in the two pairs of idx files
QUICK = (400, 200)  # in which a split has a whole minibatch
HELD_OUT, STEPS, EVERY, RUNS = 2, 101, 50, 2
CELLS, SMALL_STEPS, WORKERS = 12, 21, 8  # of the sweep; DomainBed's loaders have 8 workers each


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """One run of DomainBed's MNIST_CNN, and a sweep of small ones."""
    sandbox = ProcessSandbox()
    bench = Bench(
        evaluator=Evaluator(installed=describe_installed(sandbox), sandbox=sandbox, var=scratch),
        pack=_digits(scratch, QUICK if quick else DIGITS),
        digits=scratch / "digits.npz",
    )
    yield one(bench, 3 if quick else STEPS, 2 if quick else EVERY, 1 if quick else RUNS)
    yield sweep(bench, 2 if quick else CELLS, 3 if quick else SMALL_STEPS)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The same digits for both sides: a pack, and a file for the plain script."""

    evaluator: Evaluator
    pack: Pack
    digits: Path

    def request(self, steps: int, every: int, **config: str) -> Request:
        """ERM; start of the process, staging and scoring are all in ours."""
        benchmark = find("domainbed/colored-mnist")
        return Request(
            benchmark=replace(benchmark, plan=DomainBed(COLORED_MNIST, COLORED_MNIST.environments, steps, every)),
            pack=self.pack,
            runnable=Runnable(description=self.evaluator.installed.method("erm")),
            cell=_cell(HELD_OUT, 0),
            tier="smoke",
            config=config,
        )

    def plain(self, held_out: int, steps: int, every: int, *options: str) -> None:
        """The script as a process of its own."""
        numbers = map(str, (held_out, steps, every))
        command = [sys.executable, "-m", "bench.plain_colored_mnist", str(self.digits), *numbers, *options]
        script = subprocess.run(command, check=True, capture_output=True, text=True)
        _expect(len(json.loads(script.stdout)), steps, every)


def one(bench: Bench, steps: int, every: int, runs: int) -> Result:
    """A run by itself, so with all cores, as the script has them."""
    request = bench.request(steps, every)
    seconds, peer = in_turn(
        lambda: _expect(_checkpoints(bench.evaluator.run(request, Quiet())), steps, every),
        lambda: bench.plain(HELD_OUT, steps, every),
        runs,
    )
    return Result(
        row=3, name=f"ERM on ColoredMNIST, {steps} steps", ours=seconds, peer=peer, unit="s",
        peer_name="plain PyTorch loop", goal=1 / 1.05,
    )  # fmt: skip


def sweep(bench: Bench, cells: int, steps: int) -> Result:
    """Small runs as `farfield evaluate --at-once` makes them, against DomainBed's way: one by one, with its loaders."""
    every = steps - 1
    request = bench.request(steps, every, featurizer="mnist-cnn-half")
    evaluator = replace(bench.evaluator, sandbox=ProcessSandbox(threads=1))
    wanted = [(number % 3, number // 3) for number in range(cells)]

    def run(at: tuple[int, int], observer: Observer) -> int:
        return _checkpoints(evaluator.run(replace(request, cell=_cell(*at)), observer))

    def ours() -> None:
        for _, checkpoints in results(wanted, run, Quiet(), at_once=lambda _: cores(), title=str):
            _expect(checkpoints, steps, every)

    def theirs() -> None:
        for held_out, _ in wanted:
            bench.plain(held_out, steps, every, "--half", "--loaders", str(WORKERS))

    seconds, peer = in_turn(ours, theirs, 1)
    return Result(
        row=3, name=f"sweep of {cells} small runs, {steps} steps", ours=seconds, peer=peer, unit="s",
        peer_name="DomainBed's loop, one by one", goal=1.5,
    )  # fmt: skip


def _cell(held_out: int, trial: int) -> Cell:
    return Cell(at={"test_envs": [held_out], "hparams_seed": 0, "trial_seed": trial}, seed=trial)


def _checkpoints(outcome: Outcome) -> int:
    return outcome.evidence.lines.count("\n")


def _expect(checkpoints: int, steps: int, every: int) -> None:
    wanted = len({*range(0, steps, every), steps - 1})
    if checkpoints != wanted:
        raise SystemExit(f"one side evaluated at {checkpoints} checkpoints, not {wanted}: the times mean nothing")


def _digits(scratch: Path, sizes: tuple[int, int]) -> Pack:
    """Noise as MNIST's four idx files, imported as the pack; the plain script gets the same digits in one file."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in sizes]
    labels = [rng.integers(0, 10, n, dtype=np.uint8) for n in sizes]
    source = scratch / "idx"
    source.mkdir()
    for name, x, y in zip(("train", "t10k"), images, labels, strict=True):
        (source / f"{name}-images-idx3-ubyte").write_bytes(_header(0x803, x.shape) + x.tobytes())
        (source / f"{name}-labels-idx1-ubyte").write_bytes(_header(0x801, y.shape) + y.tobytes())
    np.savez(scratch / "digits.npz", images=np.concatenate(images), labels=np.concatenate(labels))
    return import_digits(MNIST, source, scratch / "packs", subset=True)


def _header(magic: int, shape: tuple[int, ...]) -> bytes:
    return np.array([magic, *shape], ">i4").tobytes()
