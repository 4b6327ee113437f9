"""Debug28 and Debug224: 16 images of noise with a label by chance in each of three environments, to try things out."""

from functools import partial
from pathlib import Path

import numpy as np

from farfield_evaluators.data.packs import ArrayExample, Pack, PackClass, Source, build
from farfield_evaluators.suite import OwnImporter
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.further import DEBUG_28, DEBUG_224
from farfield_evaluators.suites.domainbed.seeds import seed_hash

IMAGES = 16
PIXELS = {DEBUG_28.name: 28, DEBUG_224.name: 224}
MIDDLE, SPREAD = 127.5, 42.5  # a standard normal, so that three of its deviations fit into a byte


def import_debug(dataset: DataSet, packs: Path) -> Pack:
    """Make the pack: the same noise everywhere, where DomainBed draws it anew for each run."""
    pixels = PIXELS[dataset.name]
    shape = (pixels, pixels, 3)
    draws = np.random.RandomState(seed_hash(dataset.name))
    examples = [
        ArrayExample(
            pixels=np.clip(np.rint(MIDDLE + SPREAD * draws.standard_normal(shape)), 0, 255).astype(np.uint8).tobytes(),
            set="noise",
            label=int(draws.randint(2)),
            domain=number,
            order=number * IMAGES + place,
        )
        for number in range(len(dataset.environments))
        for place in range(IMAGES)
    ]
    source = Source(
        name=dataset.benchmark,
        title=f"{dataset.name}: noise with labels by chance",
        licence="CC0",
        classes=(PackClass(name="0"), PackClass(name="1")),
        domains=dataset.environments,
        examples=tuple(examples),
        shape=shape,
        ordered=True,
    )
    return build(source, packs)


IMPORTERS = tuple(
    OwnImporter(name=dataset.benchmark, build=partial(import_debug, dataset), source="is made of noise")
    for dataset in (DEBUG_28, DEBUG_224)
)
