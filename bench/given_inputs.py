"""Test inputs that are given batch by batch, against the same that lie in the job folder: one runner, one sandbox.

`python -m bench.given_inputs METHOD [RUNS]` prints images a second of both ways too; a method that does nothing shows
what the way costs by itself.
"""

import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median

import numpy as np

from bench.timing import Comparison, compare
from farfield.runtime.job import FOLDER, STREAMED, Job
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_workers.execution import execute, of_runner
from farfield_workers.installed import Installed, describe_installed, limits_of
from farfield_workers.quiet import Quiet
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.withheld import feed_of

RUNS = 3


def giving(pack: Pack, var: Path, method: str = "lite0", runs: int = RUNS) -> Comparison:
    """A whole execution of the method over the test images of imagenet-ood/mini."""
    sandbox = ProcessSandbox()
    installed, numbers = describe_installed(sandbox), count()

    def ours() -> None:
        _run(sandbox, installed, pack, var / f"given-{next(numbers)}", method, STREAMED)

    def theirs() -> None:
        _run(sandbox, installed, pack, var / f"lying-{next(numbers)}", method, FOLDER)

    return compare(f"{method}, test images given in batches", ours, theirs, "all of them in a folder", runs)


def _run(sandbox: Sandbox, installed: Installed, pack: Pack, folder: Path, method: str, form: int) -> None:
    description = installed.method(method)
    truth = stage(IMAGENET_OOD_MINI, pack, folder / "in", None)
    names, synsets = tuple(c.name for c in pack.classes), tuple(c.synsets for c in pack.classes)
    job = Job(plugin=description["plugin"], name=method, class_names=names, class_synsets=synsets)
    replace(job, format=form, domain_names=("photographs",)).write(folder / "in")
    execution = of_runner(folder, limits_of(description))
    if form == FOLDER:
        execute(sandbox, execution, Quiet())
        return
    feed = feed_of(folder, description)
    execute(sandbox, execution, Quiet(), feed)
    feed.settle({"logits": np.load(folder / "out" / "logits.npy")})
    if len(truth) != len(np.load(folder / "out" / "logits.npy", mmap_mode="r")):
        raise SystemExit("not all test images were predicted: the times mean nothing")


def main(argv: list[str]) -> None:
    """One comparison, and images a second."""
    with tempfile.TemporaryDirectory() as folder:
        pack = import_demo(Path(folder) / "packs")
        found = giving(pack, Path(folder), argv[0], int(argv[1]) if argv[1:] else RUNS)
        images = sum(len(pack.members(d.set)) for d in IMAGENET_OOD_MINI.domains)
        given, lying = (images / median(seconds) for seconds in (found.ours, found.theirs))
        print(found)
        print(f"{images} images: {given:.1f} a second given, {lying:.1f} from a folder")


if __name__ == "__main__":
    main(sys.argv[1:])
