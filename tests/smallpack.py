"""A pack of small coloured squares with every set that the built-in benchmarks use."""

from pathlib import Path

import numpy as np
from PIL import Image

from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build

DEMO_BENCHMARKS = tuple(b for b in benchmarks() if b.pack == "farfield-mini")
CLASSES = 4
PER_SET = 8


def small_pack(folder: Path) -> Pack:
    """Class = brightness; a method that buckets mean brightness is right everywhere."""
    sets = sorted({d.set for b in DEMO_BENCHMARKS for d in b.domains} | {"id/train"})
    examples = [_example(folder / "source", name, number) for name in sets for number in range(PER_SET)]
    domains = tuple(sorted({"photographs", *(s.partition("/")[2] for s in sets)}))
    classes = tuple(PackClass(name=f"level {i}", synsets=("n02391049",)) for i in range(CLASSES))
    source = Source(
        name="farfield-mini", title="Squares", licence="CC0", classes=classes, domains=domains, examples=tuple(examples)
    )
    return build(source, folder / "packs")


def _example(folder: Path, name: str, number: int) -> Example:
    label = number % CLASSES
    rng = np.random.default_rng([number, *name.encode()])
    level = (label + 0.5) * 256 / CLASSES
    pixels = np.clip(rng.normal(level, 8, (20, 24, 3)), 0, 255).astype(np.uint8)
    path = folder / name / f"{number}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return Example(path=path, set=name, label=-1 if name.startswith(("near", "far")) else label)
