"""One ColoredMNIST training job, the whole path of the platform against a plain loop: same network, steps, checkpoints.

The digits are noise of MNIST's shape, so that the comparison runs anywhere: what a step costs does not depend on them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
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
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

DIGITS = (4_000, 1_000)  # in the two pairs of idx files
HELD_OUT, STEPS, EVERY, RUNS = 2, 101, 50, 2


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """ERM with DomainBed's MNIST_CNN; start of the process, staging and scoring are all in ours."""
    steps, every = (3, 2) if quick else (STEPS, EVERY)
    sandbox = ProcessSandbox()
    evaluator = Evaluator(installed=describe_installed(sandbox), sandbox=sandbox, var=scratch)
    benchmark = find("domainbed/colored-mnist")
    request = Request(
        benchmark=replace(benchmark, plan=DomainBed(COLORED_MNIST, COLORED_MNIST.environments, steps, every)),
        pack=_digits(scratch),
        runnable=Runnable(description=evaluator.installed.method("erm")),
        cell=Cell(at={"test_envs": [HELD_OUT], "hparams_seed": 0, "trial_seed": 0}),
        tier="smoke",
    )

    def ours() -> None:
        _expect(evaluator.run(request, Quiet()).evidence.lines.count("\n"), steps, every)

    def theirs() -> None:
        numbers = map(str, (HELD_OUT, steps, every))
        command = [sys.executable, "-m", "bench.plain_colored_mnist", str(scratch / "digits.npz"), *numbers]
        script = subprocess.run(command, check=True, capture_output=True, text=True)
        _expect(len(json.loads(script.stdout)), steps, every)

    seconds, peer = in_turn(ours, theirs, 1 if quick else RUNS)
    yield Result(
        row=3, name=f"ERM on ColoredMNIST, {steps} steps", ours=seconds, peer=peer, unit="s",
        peer_name="plain PyTorch loop", goal=1 / 1.05,
    )  # fmt: skip


def _expect(checkpoints: int, steps: int, every: int) -> None:
    wanted = len({*range(0, steps, every), steps - 1})
    if checkpoints != wanted:
        raise SystemExit(f"one side evaluated at {checkpoints} checkpoints, not {wanted}: the times mean nothing")


def _digits(scratch: Path) -> Pack:
    """Noise as MNIST's four idx files, imported as the pack; the plain script gets the same digits in one file."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in DIGITS]
    labels = [rng.integers(0, 10, n, dtype=np.uint8) for n in DIGITS]
    source = scratch / "idx"
    source.mkdir()
    for name, x, y in zip(("train", "t10k"), images, labels, strict=True):
        (source / f"{name}-images-idx3-ubyte").write_bytes(_header(0x803, x.shape) + x.tobytes())
        (source / f"{name}-labels-idx1-ubyte").write_bytes(_header(0x801, y.shape) + y.tobytes())
    np.savez(scratch / "digits.npz", images=np.concatenate(images), labels=np.concatenate(labels))
    return import_digits(MNIST, source, scratch / "packs", subset=True)


def _header(magic: int, shape: tuple[int, ...]) -> bytes:
    return np.array([magic, *shape], ">i4").tobytes()
