"""Every data set of WILDS that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.wilds.data import camelyon17
from farfield_evaluators.suites.wilds.data.packing import Layout, import_images
from farfield_evaluators.suites.wilds.datasets import CAMELYON17

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        dataset=CAMELYON17,
        pack="wilds-camelyon17",
        key="metadata.csv",
        read=camelyon17.read,
        groups=("slide",),
        licence="CC0",
    ),
)
IMPORTERS: tuple[Importer | OwnImporter, ...] = tuple(
    Importer(name=layout.pack, build=partial(import_images, layout)) for layout in LAYOUTS
)
