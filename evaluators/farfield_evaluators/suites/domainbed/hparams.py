"""Hyperparameters: a default and a random draw for each, as in DomainBed's registry.

A hyperparameter is drawn from a generator of its own, seeded by the draw's seed and its name. So an algorithm's own
additions do not move the common ones, and two algorithms share the common values of a draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import find
from farfield_evaluators.suites.domainbed.draws import Draw, Value
from farfield_evaluators.suites.domainbed.registry import ADDITIONS, ADVERSARIAL, BACKBONE, BATCH, COMMON, DATASET_SIZE
from farfield_evaluators.suites.domainbed.seeds import hparams_draw_seed, seed_hash


@dataclass(frozen=True, kw_only=True)
class Hyperparameter:
    """One hyperparameter: its name as in records, its default, and how a random value is drawn."""

    name: str
    default: Value
    draw: Draw


def space(
    algorithm: str, dataset: str | DataSet, additions: Sequence[Hyperparameter] = (), *, backbone: bool = False
) -> tuple[Hyperparameter, ...]:
    """All hyperparameters of an algorithm on a data set; `additions` are those of a method DomainBed does not have.

    An addition takes the place of a common hyperparameter of its name. `backbone` adds what later versions of DomainBed
    have to choose the network; here a method's own settings do that. Raises UnknownName for an unknown data set.
    """
    data = find(dataset) if isinstance(dataset, str) else dataset
    rows = {**COMMON, **(BACKBONE if backbone else {}), **_by_size(algorithm, data), **_own(algorithm, data)}
    rows |= {a.name: (a.default, a.draw) for a in additions}
    return tuple(Hyperparameter(name=name, default=default, draw=draw) for name, (default, draw) in rows.items())


def default_hparams(
    algorithm: str, dataset: str | DataSet, additions: Sequence[Hyperparameter] = ()
) -> dict[str, Value]:
    """The defaults: what hyperparameter seed 0 stands for."""
    return {h.name: h.default for h in space(algorithm, dataset, additions)}


def random_hparams(
    algorithm: str, dataset: str | DataSet, seed: int, additions: Sequence[Hyperparameter] = ()
) -> dict[str, Value]:
    """A random draw; `seed` is that of the draw, see `hparams_of` for the seeds of a sweep."""
    return {h.name: _drawn(h, seed) for h in space(algorithm, dataset, additions)}


def hparams_of(
    algorithm: str,
    dataset: str | DataSet,
    hparams_seed: int,
    trial_seed: int,
    additions: Sequence[Hyperparameter] = (),
) -> dict[str, Value]:
    """The hyperparameters of a sweep's run: the defaults for seed 0, else a draw that depends on the trial too."""
    if hparams_seed == 0:
        return default_hparams(algorithm, dataset, additions)
    return random_hparams(algorithm, dataset, hparams_draw_seed(hparams_seed, trial_seed), additions)


def _drawn(hyperparameter: Hyperparameter, seed: int) -> Value:
    return hyperparameter.draw(np.random.RandomState(seed_hash(seed, hyperparameter.name)))


def _own(algorithm: str, dataset: DataSet) -> Mapping[str, tuple[Value, Draw]]:
    """The additions of an algorithm; where they depend on the data set, the first entry that names it or none."""
    for names, rows in ADDITIONS.get(algorithm, ()):
        if not names or dataset.name in names:
            return rows
    return {}


def _by_size(algorithm: str, dataset: DataSet) -> dict[str, tuple[Value, Draw]]:
    rows = dict(DATASET_SIZE[dataset.small_images])
    rows["batch_size"] = _batch(algorithm, dataset)
    if algorithm in ADVERSARIAL:
        rows |= {f"{name}_g": rows[name] for name in ("lr", "weight_decay")} | {"lr_d": rows["lr"]}
    return rows


def _batch(algorithm: str, dataset: DataSet) -> tuple[Value, Draw]:
    for algorithms, names, small, row in BATCH:
        fits = (not algorithms or algorithm in algorithms) and (not names or dataset.name in names)
        if fits and small == dataset.small_images:
            return row
    raise AssertionError(f"no batch size is set for {dataset.name}")
