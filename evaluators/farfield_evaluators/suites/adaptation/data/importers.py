"""The importers of the suite `adaptation`, apart from what the site reads: they decode images."""

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.adaptation.data.drawings import NAME, import_drawings

IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=NAME, build=import_drawings, source="comes with the distribution `farfield-demo`"),
)
