"""The importers of the suite `groups`, apart from what the site reads: they decode images."""

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.groups.data.drawings import NAME as DRAWINGS
from farfield_evaluators.suites.groups.data.drawings import import_drawings
from farfield_evaluators.suites.groups.data.elpv import NAME as ELPV
from farfield_evaluators.suites.groups.data.elpv import ElpvImporter, import_cells

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=DRAWINGS, build=import_drawings, source="comes with the distribution `farfield-demo`"),
    ElpvImporter(name=ELPV, build=import_cells),
)
