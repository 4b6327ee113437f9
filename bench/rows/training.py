"""One ColoredMNIST training job, the whole path of the platform against a plain loop: same network, steps, checkpoints.

The digits are noise of MNIST's shape, so that the comparison runs anywhere: what a step costs does not depend on them.
"""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.timing import Comparison, compare
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
HELD_OUT, STEPS, EVERY, RUNS = 2, 251, 125, 3


def training(folder: Path) -> Comparison:
    """ERM with DomainBed's MNIST_CNN; start of the process, staging and scoring are all in ours."""
    sandbox = ProcessSandbox()
    evaluator = Evaluator(installed=describe_installed(sandbox), sandbox=sandbox, var=folder)
    benchmark = find("domainbed/colored-mnist")
    request = Request(
        benchmark=replace(benchmark, plan=DomainBed(COLORED_MNIST, COLORED_MNIST.environments, STEPS, EVERY)),
        pack=_digits(folder),
        runnable=Runnable(description=evaluator.installed.method("erm")),
        cell=Cell(at={"test_envs": [HELD_OUT], "hparams_seed": 0, "trial_seed": 0}),
        tier="smoke",
    )

    def ours() -> None:
        _expect(evaluator.run(request, Quiet()).evidence.lines.count("\n"))

    def theirs() -> None:
        numbers = map(str, (HELD_OUT, STEPS, EVERY))
        command = [sys.executable, "-m", "bench.plain_colored_mnist", str(folder / "digits.npz"), *numbers]
        script = subprocess.run(command, check=True, capture_output=True, text=True)
        _expect(len(json.loads(script.stdout)))

    return compare(f"ERM on ColoredMNIST, {STEPS} steps", ours, theirs, "plain PyTorch loop", RUNS)


def _expect(checkpoints: int) -> None:
    wanted = len({*range(0, STEPS, EVERY), STEPS - 1})
    if checkpoints != wanted:
        raise SystemExit(f"one side evaluated at {checkpoints} checkpoints, not {wanted}: the times mean nothing")


def _digits(folder: Path) -> Pack:
    """Noise as MNIST's four idx files, imported as the pack; the plain script gets the same digits in one file."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (n, 28, 28), dtype=np.uint8) for n in DIGITS]
    labels = [rng.integers(0, 10, n, dtype=np.uint8) for n in DIGITS]
    source = folder / "idx"
    source.mkdir()
    for name, x, y in zip(("train", "t10k"), images, labels, strict=True):
        (source / f"{name}-images-idx3-ubyte").write_bytes(_header(0x803, x.shape) + x.tobytes())
        (source / f"{name}-labels-idx1-ubyte").write_bytes(_header(0x801, y.shape) + y.tobytes())
    np.savez(folder / "digits.npz", images=np.concatenate(images), labels=np.concatenate(labels))
    return import_digits(MNIST, source, folder / "packs", subset=True)


def _header(magic: int, shape: tuple[int, ...]) -> bytes:
    return np.array([magic, *shape], ">i4").tobytes()
