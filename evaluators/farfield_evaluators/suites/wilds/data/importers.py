"""Every data set of WILDS that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.wilds.data import camelyon17, fmow, iwildcam, rxrx1
from farfield_evaluators.suites.wilds.data.globalwheat import LAYOUT as OF_BOXES
from farfield_evaluators.suites.wilds.data.packing import Layout, import_images
from farfield_evaluators.suites.wilds.datasets import CAMELYON17, FMOW, IWILDCAM, RXRX1

LAYOUTS: tuple[Layout, ...] = (
    Layout(
        dataset=CAMELYON17,
        pack="wilds-camelyon17",
        key="metadata.csv",
        read=camelyon17.read,
        groups=("slide",),
        licence="CC0",
    ),
    Layout(
        dataset=IWILDCAM,
        pack="wilds-iwildcam",
        key="metadata.csv",
        read=iwildcam.read,
        groups=(),
        licence="CDLA-Permissive-1.0",
    ),
    Layout(
        dataset=RXRX1,
        pack="wilds-rxrx1",
        key="metadata.csv",
        read=rxrx1.read,
        groups=("cell_type",),
        licence="CC BY-NC-SA 4.0",
    ),
    Layout(
        dataset=FMOW,
        pack="wilds-fmow",
        key=fmow.TABLE,
        read=fmow.read,
        groups=("region", "year"),
        licence="Functional Map of the World Challenge Public License",
    ),
)
IMPORTERS: tuple[Importer | OwnImporter, ...] = tuple(
    Importer(name=layout.pack, build=partial(import_images, layout)) for layout in (*LAYOUTS, OF_BOXES)
)
