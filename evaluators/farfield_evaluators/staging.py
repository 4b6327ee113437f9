"""Staging: the inputs of one run, laid out for the runner, and the truth that stays outside.

All test examples of the benchmark are pooled and shuffled by a secret permutation of this run, so that neither order
nor position tells a domain, a class or whether an image is OOD. Captions are shuffled by another.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import families
from farfield.families import Size
from farfield_evaluators.annotations import BOX_LABELS, UNLABELED, annotations
from farfield_evaluators.benchmark import OOD_VAL, Benchmark
from farfield_evaluators.captions import are_told, captions_of, shuffled
from farfield_evaluators.data.columns import ROWS
from farfield_evaluators.data.masks import SIZE, image_sizes
from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.pooled_labels import POOL, by_content
from farfield_evaluators.staged_features import Given, RowsAt
from farfield_evaluators.staged_images import write_arrays, write_images


def stage(
    benchmark: Benchmark,
    pack: Pack,
    folder: Path,
    features: Given | None,
    left_out: frozenset[str] = frozenset(),
    on_request: bool = False,
) -> Truth:
    """Write test/ and what is learned from below `folder`; with `features` those instead of images.

    left_out: parts that are not written. on_request: as in `run_plan.Staging`. Raises PackError for a set that is not
    there.
    """
    positions, domains = pooled(benchmark, pack)
    chance = np.random.default_rng(secrets.randbits(128))
    secret = chance.permutation(len(positions))
    positions, domains = positions[secret], domains[secret]
    stage_inputs(pack, folder / "test", positions, None if features is None else features.of(pack), alone=False)
    for part in benchmark.learned_from():
        if part not in left_out:
            stage_part(benchmark, pack, part, folder, features, alone=not on_request)
    captions = shuffled(captions_of(pack, positions), chance) if are_told(benchmark.family) else None
    truth = truth_of(benchmark, pack, positions, domains)
    return replace(truth, pool=_labels_of_pool(benchmark, pack), captions=captions)


def _labels_of_pool(benchmark: Benchmark, pack: Pack) -> Ints | None:
    """Those that a method may ask for, in the order in which the pool is staged."""
    if POOL not in benchmark.parts:
        return None
    lender, chosen = pack.training(benchmark.parts[POOL])
    labels: Ints = lender.labels[by_content(lender, chosen)]
    return labels


def stage_part(
    benchmark: Benchmark,
    pack: Pack,
    part: str,
    folder: Path,
    features: Given | None = None,
    *,
    alone: bool = True,
) -> None:
    """Write one part of what is learned from below `folder`. Raises PackError as `stage` does.

    alone: as in `stage_inputs`; the pool always is, for its images lie where the run sees them.
    """
    lender, chosen = pack.training(benchmark.learned_from()[part])
    chosen = by_content(lender, chosen) if part == POOL else chosen
    rows = features.of(lender) if features is not None and features.learns else None
    stage_inputs(lender, folder / part, chosen, rows, alone=alone or part == POOL)
    annotated = part in families.of(benchmark.family).annotated
    learned = annotations(lender, part, chosen, benchmark.masks) if annotated else _labels(lender, part, chosen)
    known = _domains_learned_from(benchmark, pack)
    _save(folder / part, {"domains": _domains(lender, chosen, known), **learned})


def truth_of(benchmark: Benchmark, pack: Pack, positions: Ints, domains: Ints) -> Truth:
    """What stays outside, for the examples at these positions [N] of these domains [N]."""
    found = {number: pack.label_space(domain.set) for number, domain in enumerate(benchmark.domains)}
    return Truth(
        labels=pack.labels[positions],
        domains=domains,
        classes=len(pack.classes),
        positions=positions,
        spaces={number: space for number, space in found.items() if space is not None},
        attributes=pack.attributes(positions),
        targets=pack.targets(positions) | (_sizes(pack, positions) if benchmark.masks else {}),
        class_names=tuple(c.name for c in pack.classes),
    )


def _sizes(pack: Pack, positions: Ints) -> dict[str, npt.NDArray[Any]]:
    """The sizes of the images, as a column of the pack: without one they are what the images have."""
    return {SIZE: image_sizes(pack, positions), f"{SIZE}{ROWS}": np.ones(len(positions), np.int64)}


def taken(benchmark: Benchmark, pack: Pack, *, learned: bool) -> Iterator[tuple[Pack, Ints]]:
    """Of each pack the positions of images that a run of it is given; with `learned` those that it learns from, too."""
    yield pack, pooled(benchmark, pack)[0]
    if learned:
        yield from (pack.training(name) for name in benchmark.learned_from().values())


def pooled(benchmark: Benchmark, pack: Pack) -> tuple[Ints, Ints]:
    """All test examples, domain after domain: positions [N] in the pack and domains [N] into the benchmark's."""
    members = [pack.members(d.set) for d in benchmark.domains]
    return np.concatenate(members), np.repeat(np.arange(len(members)), [len(m) for m in members])


def training_domains(benchmark: Benchmark, pack: Pack) -> tuple[str, ...]:
    """Names of the domains that occur in what is learned from, in the order the staged numbers use."""
    return _domains_learned_from(benchmark, pack)


def numbers_of(pack: Pack) -> tuple[str, ...]:
    """The columns of one number an example, in the order of the targets: as `Truth.numbers` of what is staged."""
    return tuple(column.name for column in pack.columns if column.kind == "number")


def told(benchmark: Benchmark, pack: Pack, targets: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a method is told of its task besides classes and domains, as entries of the job.

    Novel are the classes with boxes in the support set and none in the base set. Targets are named where the arrays of
    the family depend on how many there are; masks where they are asked for.
    """
    boxed = {part: _boxed(pack, benchmark.learned_from().get(part)) for part in families.of(benchmark.family).annotated}
    novel = boxed.get("support", set()) - boxed.get("base", set())
    one, two = (families.of(benchmark.family).outputs(Size(examples=1, classes=2, targets=n)) for n in (1, 2))
    named = targets if one != two else ()
    entries = {
        "novel_classes": tuple(sorted(novel)),
        "target_names": named,
        "prompt_templates": pack.prompts,
        **benchmark.asked_of_boxes,
    }
    return {name: value for name, value in entries.items() if value}


def _boxed(pack: Pack, name: str | None) -> set[int]:
    """The classes that have boxes in a set."""
    if name is None:
        return set()
    lender, chosen = pack.training(name)
    return set(lender.column(BOX_LABELS).at(chosen).values.reshape(-1).tolist())


def _domains_learned_from(benchmark: Benchmark, pack: Pack) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for name in benchmark.learned_from().values():
        lender, chosen = pack.training(name)
        names |= dict.fromkeys(lender.domains[int(number)] for number in np.unique(lender.domain_numbers[chosen]))
    return tuple(names)


def _domains(pack: Pack, positions: Ints, known: Sequence[str]) -> Ints:
    """Of each example the number of its domain among those that are learned from; -1 for one that is not."""
    numbers = np.array([known.index(name) if name in known else -1 for name in pack.domains], np.int64)
    own: Ints = numbers[pack.domain_numbers[positions]]
    return own


def _labels(pack: Pack, part: str, positions: Ints) -> dict[str, npt.NDArray[Any]]:
    """What a method may learn of images that have one label or target each: see `farfield.runtime.job`."""
    if part in (UNLABELED, POOL, OOD_VAL):
        return {}
    arrays: dict[str, npt.NDArray[Any]] = {"labels": pack.labels[positions]}
    if numbers_of(pack):
        arrays["targets"] = np.column_stack([pack.column(name).at(positions).values for name in numbers_of(pack)])
    return arrays


def _save(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def stage_images(pack: Pack, positions: Ints, folder: Path) -> None:
    """The images at these positions [N], for computing a backbone's features."""
    stage_inputs(pack, folder / "test", positions, None, alone=False)


def stage_inputs(pack: Pack, folder: Path, positions: Ints, features: RowsAt | None, *, alone: bool = True) -> None:
    """Write the examples at these positions [N] of the pack into a new folder, as images or as the features there.

    The folder holds no other image, unless it is not `alone`: what no method sees may be a link to all of the pack.
    Of a pack of arrays it has images.npy [N, *shape], as they are stored.
    """
    folder.mkdir(parents=True)
    if features is not None:
        np.save(folder / "features.npy", features(positions), allow_pickle=False)
        return
    if pack.shape:
        write_arrays(pack.pixels, positions, folder / "images.npy")
        return
    write_images(pack.blob, pack.spans[positions], folder, alone=alone)
    sides = pack.prepared_sides(positions)
    if sides.any():
        np.save(folder / "prepared.npy", sides, allow_pickle=False)
