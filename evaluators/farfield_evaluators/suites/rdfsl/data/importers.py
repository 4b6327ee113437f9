"""The importers of the suite `rdfsl`, apart from what the site reads: they decode images."""

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.rdfsl.data.drawings import import_drawings
from farfield_evaluators.suites.rdfsl.data.official import import_official
from farfield_evaluators.suites.rdfsl.drawings import PACK as DRAWINGS
from farfield_evaluators.suites.rdfsl.names import PACK

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=DRAWINGS, build=import_drawings, source="comes with the distribution `farfield-demo`"),
    Importer(name=PACK, build=import_official),
)
