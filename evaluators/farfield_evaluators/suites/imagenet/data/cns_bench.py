"""Import of CNS-Bench: `<shift>/<class folder>/<image>`, whose names say class, seed and scale.

The folder of a shift is told by a word in its name, of `SHIFTS`: the release (odunkel/CNS-Bench 3c09a99) names
`cartoon_style`, `painting_style` and `heavy_snow`, and the other names were not read. The first number in the name of a
class folder is that of ImageNet's class, as in `022_bald eagle`. An image is called as `seed_0034_scale_1000.jpg`: the
second word is the seed, the last the scale times 1000. A trajectory has all six scales, as the release's filter keeps
no other. Another number of images than the known one is noted and not refused, for we have it from a summary alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.listing import entries
from farfield_evaluators.data.packs import Example, Pack, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.imagenet.data.tree import read_tree
from farfield_evaluators.suites.imagenet.nuisance.board import PACK, SHIFTS
from farfield_evaluators.suites.imagenet.nuisance.scoring import SCALE, SCALES, SEED

COUNT = 192_168
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """An image of a trajectory. label: ImageNet's number; seed as in the file's name; scale in SCALES."""

    path: Path
    shift: str
    label: int
    seed: str
    scale: str


def import_cns_bench(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the folders of shifts in `path`.

    Raises PackError where no shift is there, ImportProblems naming all that is wrong.
    """
    homes = _homes(path)
    if not any(homes.values()):
        raise PackError(f"{path} has none of CNS-Bench's shifts, such as cartoon_style; give the folder around them")
    problems: list[str] = []
    problems += [f"{shift}: in {len(found)} folders: {', '.join(found)}" for shift, found in homes.items() if found[1:]]
    shots = [shot for shift, found in homes.items() for home in found for shot in _shots(path / home, shift, problems)]
    missing = [f"{shift}: missing; expected a folder with this in its name" for shift in SHIFTS if not homes[shift]]
    problems += _broken(shots) + ([] if subset else missing)
    if problems or not shots:
        raise ImportProblems(path, PACK, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(shots, official=not missing), packs, path)


def _homes(path: Path) -> dict[str, list[str]]:
    """The folders of each shift, of which there should be one. Raises PackError for a path that cannot be listed."""
    folders = [entry.name for entry in entries(path) if entry.is_folder]
    return {shift: [name for name in folders if shift in name.lower()] for shift in SHIFTS}


def _shots(home: Path, shift: str, problems: list[str]) -> Iterator[Shot]:
    tree = read_tree(home)
    problems += [f"{home.name}/{stray}: extra; only images in class folders belong here" for stray in tree.strays]
    for folder, names in tree.images.items():
        number = _NUMBER.search(folder)
        if number is None or int(number[0]) >= classes.COUNT:
            problems.append(f"{home.name}/{folder}: its name has no number of one of ImageNet's classes")
            continue
        for name in names:
            words = PurePath(name).stem.split("_")
            scale = f"{int(words[-1]) / 1000:g}" if words[-1].isdecimal() else ""
            if len(words) < 3 or scale not in SCALES:
                problems.append(f"{home.name}/{folder}/{name}: its name has no seed, or none of the scales")
                continue
            yield Shot(path=home / folder / name, shift=shift, label=int(number[0]), seed=words[1], scale=scale)


def _broken(shots: list[Shot]) -> list[str]:
    """The trajectories that do not have every scale once: the release keeps whole ones alone."""
    seen: dict[tuple[str, int, str], list[str]] = {}
    for shot in shots:
        seen.setdefault((shot.shift, shot.label, shot.seed), []).append(shot.scale)
    return [
        f"{shift}: class {label}, seed {seed}: the scales {', '.join(sorted(scales))}, not {', '.join(SCALES)}"
        for (shift, label, seed), scales in seen.items()
        if sorted(scales) != sorted(SCALES)
    ]


def _source(shots: list[Shot], *, official: bool) -> Source:
    seeds = sorted({shot.seed for shot in shots})
    shifts = sorted({shot.shift for shot in shots})
    counted = len(shots) == COUNT
    return Source(
        name=PACK,
        title="CNS-Bench: continuous nuisance shifts of 100 of ImageNet's classes",
        licence="CC0 1.0, by the release's annotations",
        classes=classes.classes(),
        domains=tuple(shifts),
        examples=tuple(
            Example(
                path=shot.path,
                set=f"shift/{shot.shift}",
                label=shot.label,
                domain=shifts.index(shot.shift),
                more={SEED: seeds.index(shot.seed), SCALE: SCALES.index(shot.scale)},
            )
            for shot in shots
        ),
        release=("official" if counted else "uncounted") if official else "subset",
        official=official,
        columns=(
            PackColumn(name=SEED, kind="group", values=tuple(seeds)),
            PackColumn(name=SCALE, kind="group", values=SCALES),
        ),
        notes=() if counted else (f"{len(shots):,} images; a summary of the paper says {COUNT:,}",),
    )
