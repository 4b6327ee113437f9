"""The importers of the suite `pruning`, apart from what the site reads: they decode images."""

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.pruning.data.drawings import NAME, import_drawings

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=NAME, build=import_drawings, source="comes with the distribution `farfield-demo`"),
)
