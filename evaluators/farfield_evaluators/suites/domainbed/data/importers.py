"""Every DomainBed data set that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.domainbed.data import debug, spawrious, wilds
from farfield_evaluators.suites.domainbed.data.digits import FASHION, MNIST, import_digits
from farfield_evaluators.suites.domainbed.data.folders import import_folders
from farfield_evaluators.suites.domainbed.data.official import OFFICIAL
from farfield_evaluators.suites.domainbed.data.styles import NAME as STYLES
from farfield_evaluators.suites.domainbed.data.styles import import_styles

_MADE_FROM = {
    MNIST.name: MNIST,
    FASHION.name: FASHION,
    "domainbed/colored-mnist": MNIST,
    "domainbed/rotated-mnist": MNIST,
    "domainbed/colored-fashion": FASHION,
    "domainbed/rotated-fashion": FASHION,
}
IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=STYLES, build=import_styles, source="comes with the distribution `farfield-demo`"),
    *(Importer(name=spec.name, build=partial(import_folders, spec)) for spec in OFFICIAL),
    *wilds.IMPORTERS,
    *spawrious.IMPORTERS,
    *debug.IMPORTERS,
    *(Importer(name=name, build=partial(import_digits, spec)) for name, spec in _MADE_FROM.items()),
)
