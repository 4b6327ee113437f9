"""ColoredMNIST and RotatedMNIST: environments made from a pack of digits, anew for each trial seed.

DomainBed shuffles the 70,000 digits with torch's global generator, so its environments depend on the seed of the run.
Here every draw comes from numpy's RandomState (its stream is frozen, NEP 19), seeded by a hash of rule and trial seed:
the same rule and seed give the same environments on every machine, and the two rules share none of their draws.
After the shuffle, environment i of E takes the digits i, i + E, i + 2 E, ...
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from PIL import Image

from farfield_evaluators.data.packs import Ints, Pack, PackError, Pixels

LABEL_NOISE = 0.25
COLOURS: Mapping[str, float] = MappingProxyType({"+90%": 0.1, "+80%": 0.2, "-90%": 0.9})
ANGLES: Mapping[str, int] = MappingProxyType({str(angle): angle for angle in (0, 15, 30, 45, 60, 75)})


@dataclass(frozen=True, kw_only=True)
class Environment:
    """images: uint8 [n, C, 28, 28], to be divided by 255; labels: int64 [n]; positions: int64 [n], into the pack."""

    name: str
    images: Pixels
    labels: Ints
    positions: Ints


def colored(pack: Pack, trial_seed: int) -> tuple[Environment, ...]:
    """ColoredMNIST (Arjovsky et al., arXiv 1907.02893, section 5.1) as DomainBed has it: 2 x 28 x 28, two classes.

    The label is whether the digit is below 5, flipped with probability .25; the colour is the label, flipped with the
    environment's probability; the channel of the other colour is zeroed, so that colour c shows in channel c.
    """
    draws = _draws("colored", trial_seed)
    return tuple(
        _colour(name, COLOURS[name], pack, chosen, draws) for name, chosen in _deal(pack, tuple(COLOURS), draws)
    )


def rotated(pack: Pack, trial_seed: int) -> tuple[Environment, ...]:
    """RotatedMNIST (Ghifary et al., ICCV 2015) as DomainBed has it: 1 x 28 x 28, ten classes, rotated by the angle."""
    draws = _draws("rotated", trial_seed)
    return tuple(_rotation(name, ANGLES[name], pack, chosen) for name, chosen in _deal(pack, tuple(ANGLES), draws))


RULES: Mapping[str, Callable[[Pack, int], tuple[Environment, ...]]] = MappingProxyType(
    {"colored": colored, "rotated": rotated}
)


def rotate(image: Pixels, angle: float) -> Pixels:
    """[28, 28] turned counter-clockwise by degrees about its centre, bilinear, 0 beyond its edge.

    The same pixels as torchvision's `rotate` of a PIL image with bilinear interpolation and fill 0.
    """
    turned = Image.fromarray(image).rotate(angle, resample=Image.Resampling.BILINEAR, fillcolor=0)
    return np.asarray(turned, np.uint8)


def colour_in(images: Pixels, colours: Ints) -> Pixels:
    """[n, H, W] and colours [n] in {0, 1} -> [n, 2, H, W]: the image in the channel of its colour, 0 in the other."""
    both = np.stack([images, images], axis=1)
    both[np.arange(len(both)), 1 - colours] = 0
    return both


def _colour(name: str, flip: float, pack: Pack, chosen: Ints, draws: np.random.RandomState) -> Environment:
    below_five = (pack.labels[chosen] < 5).astype(np.int64)
    labels = below_five ^ _flips(LABEL_NOISE, len(chosen), draws)
    colours = labels ^ _flips(flip, len(chosen), draws)
    return Environment(name=name, images=colour_in(pack.pixels[chosen], colours), labels=labels, positions=chosen)


def _rotation(name: str, angle: int, pack: Pack, chosen: Ints) -> Environment:
    images = np.stack([rotate(image, angle) for image in pack.pixels[chosen]])[:, None]
    return Environment(name=name, images=images, labels=pack.labels[chosen], positions=chosen)


def _deal(pack: Pack, names: tuple[str, ...], draws: np.random.RandomState) -> list[tuple[str, Ints]]:
    digits = pack.environment(0)
    if len(digits) < len(names):
        raise PackError(f"pack {pack.name!r} has {len(digits)} digits, fewer than the {len(names)} environments need")
    shuffled = digits[draws.permutation(len(digits))]
    return [(name, shuffled[number :: len(names)]) for number, name in enumerate(names)]


def _flips(probability: float, count: int, draws: np.random.RandomState) -> Ints:
    return (draws.random_sample(count) < probability).astype(np.int64)


def _draws(rule: str, trial_seed: int) -> np.random.RandomState:
    digest = hashlib.sha256(f"domainbed:{rule}:{trial_seed}".encode()).hexdigest()
    return np.random.RandomState(int(digest[:8], 16))
