"""Memory stays flat in the number of images: the peak of a run, of its worker too, at N images and at ten times N."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from bench.machine import ROOT
from bench.result import Result
from farfield_evaluators.benchmark import Column
from farfield_evaluators.data.packs import PackClass, Source, build
from farfield_evaluators.data.source import Placed
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI

IMAGES, FEW, TIMES = 5_000, 200, 10
CLASSES, TRAINING, SIDE = 100, 10, 16
MIB = 1 << 20
BENCHMARK = replace(
    IMAGENET_OOD_MINI,
    name="bench/many",
    pack="bench-many",
    domains=tuple(domain for domain in IMAGENET_OOD_MINI.domains if domain.role == "id"),
    columns=(Column(metric="accuracy", domain="id", title="ID"),),
)


@dataclass(frozen=True, kw_only=True)
class Made(Placed):
    """An image that is made of its number."""

    number: int
    set: str
    label: int
    domain: int = 0
    order: int = 0

    def stored(self) -> bytes:
        file = io.BytesIO()
        pixels = np.random.default_rng(self.number).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()

    def where(self) -> str:
        return f"picture {self.number}"


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """A method that looks at each image and answers at once: what grows with their number is the platform's."""
    few = FEW if quick else IMAGES
    peaks = [_peaks(scratch / str(count), count) for count in (few, TIMES * few)]
    for side, what in (("sandbox", "a run"), ("worker", "its worker, scoring too")):
        fewer, more = (peak[side] / MIB for peak in peaks)
        yield Result(
            row=8, name=f"peak of {what}, {TIMES * few:,} images", ours=(more,), peer=(fewer,), unit="MiB",
            peer_name=f"{few:,} images", goal=1 / 1.1, state="cold",
        )  # fmt: skip


def _peaks(folder: Path, count: int) -> dict[str, int]:
    _import(folder, count)
    command = [sys.executable, "-m", "bench.peak_of_run", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    peaks: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return peaks


def _import(folder: Path, count: int) -> None:
    """A pack of so many test images, all of one kind, and different from one another."""
    folder.mkdir(parents=True)
    classes = tuple(PackClass(name=f"class {number}", synsets=()) for number in range(CLASSES))
    sets = ["id/train"] * TRAINING + ["id/test"] * count
    examples = tuple(
        Made(number=number, set=name, label=number % CLASSES, order=number) for number, name in enumerate(sets)
    )
    source = Source(
        name=BENCHMARK.pack, title="Many pictures", licence="none", classes=classes, domains=("photographs",),
        examples=examples,
    )  # fmt: skip
    build(source, folder / "packs")
