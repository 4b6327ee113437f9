"""Staging: the inputs of one run, laid out for the runner, and the truth that stays outside.

All test examples of the benchmark are pooled and shuffled by a secret permutation of this run, so that neither order
nor position tells a domain, a class or whether an image is OOD.
"""

import secrets
from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Ints, Pack, PackError
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.staged_images import link, write_images

Features = npt.NDArray[np.float32]


def stage(benchmark: Benchmark, pack: Pack, folder: Path, features: Features | None) -> Truth:
    """Write test/ and train/ below `folder`; with `features` [N_pack, D] those are staged instead of images.

    Raises PackError when the training set lies in another pack and features are asked for.
    """
    positions, domains = pooled(benchmark, pack)
    secret = np.random.default_rng(secrets.randbits(128)).permutation(len(positions))
    positions, domains = positions[secret], domains[secret]
    stage_inputs(pack, folder / "test", positions, features, alone=False)
    if benchmark.train_set is not None:
        lender, chosen = pack.training(benchmark.train_set)
        if features is not None and lender is not pack:
            raise PackError(f"features of {lender.name} are not computed; use a method that takes images")
        _stage_training_set(lender, folder / "train", chosen, features)
    return truth_of(benchmark, pack, positions, domains)


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
        targets=pack.targets(positions),
        class_names=tuple(c.name for c in pack.classes),
    )


def pooled(benchmark: Benchmark, pack: Pack) -> tuple[Ints, Ints]:
    """All test examples, domain after domain: positions [N] in the pack and domains [N] into the benchmark's."""
    members = [pack.members(d.set) for d in benchmark.domains]
    return np.concatenate(members), np.repeat(np.arange(len(members)), [len(m) for m in members])


def training_domains(benchmark: Benchmark, pack: Pack) -> tuple[str, ...]:
    """Names of the domains that occur in the training split, in the order the staged numbers use."""
    if benchmark.train_set is None:
        return ()
    lender, chosen = pack.training(benchmark.train_set)
    present = np.unique(lender.domain_numbers[chosen])
    return tuple(lender.domains[int(number)] for number in present)


def _stage_training_set(pack: Pack, folder: Path, positions: npt.NDArray[np.int64], features: Features | None) -> None:
    stage_inputs(pack, folder, positions, features)
    _, domains = np.unique(pack.domain_numbers[positions], return_inverse=True)
    np.save(folder / "labels.npy", pack.labels[positions], allow_pickle=False)
    np.save(folder / "domains.npy", domains.astype(np.int64), allow_pickle=False)


def stage_all_images(pack: Pack, folder: Path) -> None:
    """Every image in pack order, for computing a backbone's features."""
    stage_inputs(pack, folder / "test", np.arange(len(pack.spans)), None, alone=False)


def stage_inputs(pack: Pack, folder: Path, positions: Ints, features: Features | None, *, alone: bool = True) -> None:
    """Write the examples at these positions [N] of the pack into a new folder, as images or as features [N_pack, D].

    The folder holds no other image, unless it is not `alone`: what no method sees may be a link to all of the pack.
    """
    folder.mkdir(parents=True)
    if features is not None:
        np.save(folder / "features.npy", np.asarray(features[positions]), allow_pickle=False)
        return
    if alone:
        write_images(pack.blob, pack.spans[positions], folder)
    else:
        link(pack.blob, folder / "images.bin")
        np.save(folder / "spans.npy", pack.spans[positions], allow_pickle=False)
    sides = pack.prepared_sides(positions)
    if sides.any():
        np.save(folder / "prepared.npy", sides, allow_pickle=False)
