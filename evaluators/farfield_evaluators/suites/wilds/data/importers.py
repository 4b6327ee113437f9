"""Every data set of WILDS that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.data.wilds_files import FMOW_TABLE
from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.wilds.data import (
    amazon,
    camelyon17,
    civilcomments,
    fmow,
    globalwheat,
    iwildcam,
    molpcba,
    poverty_pack,
    poverty_unlabeled,
    py150,
    rxrx1,
    unlabeled,
    unseen,
)
from farfield_evaluators.suites.wilds.data.globalwheat import LAYOUT as OF_BOXES
from farfield_evaluators.suites.wilds.data.packing import Layout, import_images
from farfield_evaluators.suites.wilds.data.with_unlabeled import Unlabeled, import_with_unlabeled
from farfield_evaluators.suites.wilds.datasets import (
    AMAZON,
    CAMELYON17,
    CIVILCOMMENTS,
    FMOW,
    IWILDCAM,
    MOLPCBA,
    PY150,
    RXRX1,
)

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
        key=FMOW_TABLE,
        read=fmow.read,
        groups=("region", "year"),
        licence="Functional Map of the World Challenge Public License",
    ),
)
_BY_NAME = {layout.dataset.name: layout for layout in LAYOUTS}
UNLABELED: tuple[Unlabeled, ...] = (
    Unlabeled(
        of=_BY_NAME["camelyon17"],
        dataset=unlabeled.CAMELYON17_UNLABELED,
        key="metadata.csv",
        read=camelyon17.read_unlabeled,
    ),
    Unlabeled(
        of=_BY_NAME["iwildcam"],
        dataset=unlabeled.IWILDCAM_UNLABELED,
        key="metadata.csv",
        read=iwildcam.read_unlabeled,
    ),
    Unlabeled(
        of=_BY_NAME["fmow"],
        dataset=unlabeled.FMOW_UNLABELED,
        key=FMOW_TABLE,
        read=fmow.read_unlabeled,
        release=FMOW,
    ),
    Unlabeled(
        of=OF_BOXES,
        dataset=unlabeled.GLOBALWHEAT_UNLABELED,
        key=globalwheat.UNLABELED_KEY,
        read=globalwheat.read_unlabeled,
    ),
)
UNSEEN = (
    (
        Layout(
            dataset=CIVILCOMMENTS,
            pack="wilds-civilcomments",
            key=civilcomments.TABLE,
            read=civilcomments.read,
            groups=("male", "female", "LGBTQ", "christian", "muslim", "other_religions", "black", "white"),
            licence="CC0",
        ),
        unseen.no_targets,
    ),
    (
        Layout(
            dataset=AMAZON,
            pack="wilds-amazon",
            key=amazon.TABLE,
            read=amazon.read,
            groups=("user",),
            licence="none given; its authors ask that it be used for research",
        ),
        unseen.no_targets,
    ),
    (
        Layout(
            dataset=PY150,
            pack="wilds-py150",
            key=py150.KEY,
            read=py150.read,
            groups=(),
            licence="MIT for the collection",
        ),
        unseen.tokens_of,
    ),
    (
        Layout(dataset=MOLPCBA, pack="wilds-molpcba", key=molpcba.KEY, read=molpcba.read, groups=(), licence="MIT"),
        unseen.tasks_of,
    ),
)
"""Text and graphs, each with what there is to tell besides a class."""
IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    *(Importer(name=layout.pack, build=partial(import_images, layout)) for layout in (*LAYOUTS, OF_BOXES)),
    *(Importer(name=spec.pack, build=partial(import_with_unlabeled, spec)) for spec in UNLABELED),
    Importer(name=poverty_pack.NAME, build=poverty_pack.import_poverty),
    Importer(name=poverty_unlabeled.NAME, build=poverty_unlabeled.import_poverty_with_unlabeled),
    *(Importer(name=layout.pack, build=unseen.importer_of(layout, targets)) for layout, targets in UNSEEN),
)
