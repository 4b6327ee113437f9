"""What the boards of corrupted detection data have in common: 76 test domains, figures, columns."""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.corruption import MAIN, SEVERITIES
from farfield_evaluators.scoring.aggregates import Aggregate
from farfield_evaluators.scoring.coco import Coco
from farfield_evaluators.suites.coco_c.measures import AP, MPC, RPC, SHIFTS, UnderCorruption
from farfield_evaluators.suites.coco_c.sets import CLEAN, set_of
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

TITLES = {
    "gaussian_noise": "Gaussian noise",
    "shot_noise": "Shot noise",
    "impulse_noise": "Impulse noise",
    "defocus_blur": "Defocus blur",
    "glass_blur": "Glass blur",
    "motion_blur": "Motion blur",
    "zoom_blur": "Zoom blur",
    "snow": "Snow",
    "frost": "Frost",
    "fog": "Fog",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "elastic_transform": "Elastic",
    "pixelate": "Pixelate",
    "jpeg_compression": "JPEG",
}


def corruption_board(credit: str = "", **said: Any) -> Benchmark:
    """A board of detectors on a pack of `corrupt`; `said` are its name, title, texts, pack, train_set and parts.

    credit: whose the images are.
    """
    scorer = UnderCorruption(scorer=Coco())
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.DETECTION,
        domains=(Domain(name=CLEAN, title="Clean", role="id", set=CLEAN, credit=credit), *_corrupted(credit)),
        metrics=scorer.gives,
        scorers=(scorer,),
        columns=(
            Column(metric=MPC.name, domain=SHIFTS, title="mPC"),
            Column(metric=AP, domain=CLEAN, title="Clean AP"),
            Column(metric=RPC.name, domain=SHIFTS, title="rPC (no rank)"),
            *(Column(metric=AP, domain=_named(name), title=TITLES[name]) for name in MAIN),
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        aggregates=(Aggregate(name=SHIFTS, title="All corruptions", role="shift"), *map(_over_severities, MAIN)),
    )


def _corrupted(credit: str) -> tuple[Domain, ...]:
    levels = range(1, SEVERITIES + 1)
    return tuple(_at(name, level, credit) for name in MAIN for level in levels)


def _at(name: str, level: int, credit: str) -> Domain:
    called, title = f"{_named(name)}-{level}", f"{TITLES[name]} {level}"
    return Domain(name=called, title=title, role="shift", set=set_of(name, level), credit=credit)


def _over_severities(corruption: str) -> Aggregate:
    domains = tuple(f"{_named(corruption)}-{level}" for level in range(1, SEVERITIES + 1))
    return Aggregate(name=_named(corruption), title=TITLES[corruption], domains=domains)


def _named(corruption: str) -> str:
    return corruption.replace("_", "-")
