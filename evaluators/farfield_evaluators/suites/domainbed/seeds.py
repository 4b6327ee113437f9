"""Seeds and splits by DomainBed's rules: every draw is seeded by a hash of the names it depends on."""

import hashlib

import numpy as np
import numpy.typing as npt

from farfield_evaluators.suites.domainbed.dataset import HOLDOUT_FRACTION

Ints = npt.NDArray[np.int64]


def seed_hash(*parts: object) -> int:
    """0 <= seed < 2**31: the MD5 of the printed tuple. A list and a tuple print differently, so they differ here.

    >>> seed_hash(0, 0), seed_hash(1, 3)
    (894182419, 1739848239)
    """
    digest = hashlib.md5(str(parts).encode(), usedforsecurity=False).hexdigest()
    return int(digest, 16) % 2**31


def run_seed(dataset: str, algorithm: str, test_envs: tuple[int, ...], hparams_seed: int, trial_seed: int) -> int:
    """The seed of everything random in a run but its split and its hyperparameters."""
    return seed_hash(dataset, algorithm, list(test_envs), hparams_seed, trial_seed)


def hparams_draw_seed(hparams_seed: int, trial_seed: int) -> int:
    """The seed of a random draw of hyperparameters: another one in every trial."""
    return seed_hash(hparams_seed, trial_seed)


def split(count: int, trial_seed: int, environment: int, holdout: float = HOLDOUT_FRACTION) -> tuple[Ints, Ints]:
    """(out, in) of an environment's `count` examples: positions, int64, in shuffled order.

    The same for every algorithm and every choice of test environments, so that runs of a trial can be compared.
    """
    keys = np.arange(count)
    np.random.RandomState(seed_hash(trial_seed, environment)).shuffle(keys)
    held_out = int(count * holdout)
    return keys[:held_out], keys[held_out:]


def epoch(step: int, in_sizes: tuple[int, ...], batch_size: int) -> float:
    """The `epoch` of a record: passes over the smallest in-split, that of test environments included."""
    return step / min(size / batch_size for size in in_sizes)
