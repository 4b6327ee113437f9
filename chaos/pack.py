"""A tiny pack, and the right scores of a method that gives every image the same answer."""

from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image

from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI

BENCHMARK = IMAGENET_OOD_MINI
CLASSES = 4
# How often each class is in a set, before the rotation that tells the sets apart.
PATTERN = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3)
SETS = tuple(sorted({d.set for b in benchmarks() for d in b.domains} | {"id/train"}))


def make_pack(folder: Path, packs: Path) -> Pack:
    """Build it below `packs`, from images written to `folder`."""
    examples = tuple(_example(folder, name, number) for name in SETS for number in range(len(PATTERN)))
    domains = tuple(sorted({"photographs", *(name.partition("/")[2] for name in SETS)}))
    classes = tuple(PackClass(name=f"class {i}", synsets=("n02391049",)) for i in range(CLASSES))
    source = Source(
        name="farfield-mini", title="Chaos", licence="CC0", classes=classes, domains=domains, examples=examples
    )
    return build(source, packs)


def label_of(name: str, number: int) -> int:
    """The class of an example of a set. The rotation makes the right scores differ from set to set."""
    return (PATTERN[number] + SETS.index(name)) % CLASSES


def right_scores(answer: int) -> dict[tuple[str, str], float]:
    """(metric, domain) -> value on the benchmark, for a method that always answers this class."""
    share = {d.name: fmean(label_of(d.set, n) == answer for n in range(len(PATTERN))) for d in BENCHMARK.domains}
    found = {("accuracy", name): value for name, value in share.items()}
    for role, aggregate in (("id", "id"), ("shift", "shifts")):
        found["accuracy", aggregate] = fmean(share[d.name] for d in BENCHMARK.domains if d.role == role)
    return found


def _example(folder: Path, name: str, number: int) -> Example:
    rng = np.random.default_rng([number, *name.encode()])
    path = folder / name / f"{number}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(path)
    return Example(path=path, set=name, label=-1 if name.startswith(("near", "far")) else label_of(name, number))
