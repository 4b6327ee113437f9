"""What the entry point names: RD-FSL as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.rdfsl.benchmarks import RDFSL
from farfield_evaluators.suites.rdfsl.drawings import DRAWINGS, OPEN_DRAWINGS
from farfield_evaluators.suites.rdfsl.reported import REPORTED


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.rdfsl.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(
    name="rdfsl",
    place=46,
    benchmarks=(DRAWINGS, OPEN_DRAWINGS, RDFSL),
    importers=_importers,
    reported=REPORTED,
    cards=our_cards(),
)
