"""Every data set of small images that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.data.image_lists import import_lists
from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.openood.data import drawings, open_set
from farfield_evaluators.suites.openood.data.small_images import OF_CIFAR10, OF_CIFAR100
from farfield_evaluators.suites.openood.names import DRAWINGS, OPEN_SET_DRAWINGS, OUTLIERS

_SHIPPED = "is made of the pictures of the distribution `farfield-demo`"

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    *(Importer(name=spec.name, build=partial(import_lists, spec)) for spec in (OF_CIFAR10, OF_CIFAR100)),
    *(Importer(name=spec.name, build=partial(open_set.import_open_set, spec)) for spec in open_set.ALL),
    OwnImporter(name=DRAWINGS, build=drawings.import_drawings, source=_SHIPPED),
    OwnImporter(name=OUTLIERS, build=drawings.import_with_outliers, source=_SHIPPED),
    OwnImporter(name=OPEN_SET_DRAWINGS, build=drawings.import_open_set, source=_SHIPPED),
)
