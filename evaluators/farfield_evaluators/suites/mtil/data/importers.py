"""The importers of the suite `mtil`, apart from what the site reads: they decode images."""

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.mtil.data.drawings import import_drawings
from farfield_evaluators.suites.mtil.data.official import import_official
from farfield_evaluators.suites.mtil.drawings import PACK as DRAWINGS
from farfield_evaluators.suites.mtil.names import PACK

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=DRAWINGS, build=import_drawings, source="comes with the distribution `farfield-demo`"),
    Importer(name=PACK, build=import_official),
)
