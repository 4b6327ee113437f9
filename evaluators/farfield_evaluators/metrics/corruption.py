"""Corruption errors of ImageNet-C (Hendrycks & Dietterich 2019, arXiv 1903.12261, section 4.1).

Errors are shares in 0..1. A corruption's error is divided by AlexNet's, so that 1 is AlexNet; papers print x 100.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from farfield_evaluators.metrics.names import canonical

SEVERITIES = 5

# AlexNet's errors, each the mean over the five severities. The 15 main ones are those in AugMix's `imagenet.py`
# (Hendrycks et al. 2020, arXiv 1912.02781) and in EasyRobust's `imagenet_c.py`; the release of ImageNet-C has no such
# file, and its paper prints them rounded. No source is known here for the four extra ones, which count in no mean.
ALEXNET: Mapping[str, float] = {
    "gaussian_noise": 0.886428,
    "shot_noise": 0.894468,
    "impulse_noise": 0.922640,
    "defocus_blur": 0.819880,
    "glass_blur": 0.826268,
    "motion_blur": 0.785948,
    "zoom_blur": 0.798360,
    "snow": 0.866816,
    "frost": 0.826572,
    "fog": 0.819324,
    "brightness": 0.564592,
    "contrast": 0.853204,
    "elastic_transform": 0.646056,
    "pixelate": 0.717840,
    "jpeg_compression": 0.606500,
    "speckle_noise": 0.845388,
    "gaussian_blur": 0.787108,
    "spatter": 0.717512,
    "saturate": 0.658248,
}
EXTRA = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
"""For validation; they do not count in the mean."""
MAIN = tuple(name for name in ALEXNET if name not in EXTRA)
ALEXNET_CLEAN = 0.435
"""AlexNet's error on the clean images, as the paper's table 1 prints it."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A corruption and its severity 1..5; None for a set that pools all of them."""

    corruption: str
    severity: int | None


def place_of(name: str) -> Place | None:
    """The corruption that a set's or domain's name stands for; None for another name.

    Raises ValueError for a corruption at a severity beyond 1..5.

    >>> place_of("c/gaussian_noise/3"), place_of("c-fog-1"), place_of("fog"), place_of("openmoji")
    (Place(corruption='gaussian_noise', severity=3), Place(corruption='fog', severity=1), \
Place(corruption='fog', severity=None), None)
    """
    parts = canonical(name).replace("-", "_").replace("/", "_").removeprefix("c_").removeprefix("corruption_")
    head, _, last = parts.rpartition("_")
    if head in ALEXNET and last.isdecimal():
        if not 1 <= int(last) <= SEVERITIES:
            raise ValueError(f"{name}: a severity is 1 to {SEVERITIES}, and not {last}")
        return Place(corruption=head, severity=int(last))
    return Place(corruption=parts, severity=None) if parts in ALEXNET else None


def corruption_error(corruption: str, errors: Sequence[float]) -> float:
    """CE: the mean of the errors at the severities, over AlexNet's; 0 or more, 1 is AlexNet.

    >>> round(corruption_error("fog", [0.819324] * 5), 12)
    1.0
    """
    return fmean(errors) / ALEXNET[corruption]


def relative_corruption_error(
    corruption: str, errors: Sequence[float], clean: float, alexnet_clean: float = ALEXNET_CLEAN
) -> float:
    """Relative CE: by how much the error grows over the clean one, over AlexNet's growth; 1 is AlexNet."""
    return (fmean(errors) - clean) / (ALEXNET[corruption] - alexnet_clean)


def mce(errors: Mapping[str, Sequence[float]]) -> float:
    """mCE: the mean of the CE over the 15 main corruptions. Raises ValueError naming those that are missing."""
    _check(errors)
    return fmean(corruption_error(name, errors[name]) for name in MAIN)


def relative_mce(errors: Mapping[str, Sequence[float]], clean: float) -> float:
    """Relative mCE: the mean of the relative CE over the 15 main corruptions; raises as `mce`."""
    _check(errors)
    return fmean(relative_corruption_error(name, errors[name], clean) for name in MAIN)


def _check(errors: Mapping[str, Sequence[float]]) -> None:
    missing = [name for name in MAIN if not len(errors.get(name, ()))]
    if missing:
        raise ValueError(f"the mean corruption error needs all 15 main corruptions; missing: {', '.join(missing)}")
