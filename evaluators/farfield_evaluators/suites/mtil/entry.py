"""What the entry point names: MTIL as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.mtil.benchmarks import MTIL
from farfield_evaluators.suites.mtil.drawings import DRAWINGS
from farfield_evaluators.suites.mtil.reported import REPORTED


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.mtil.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(
    name="mtil", place=47, benchmarks=(DRAWINGS, MTIL), importers=_importers, reported=REPORTED, cards=our_cards()
)
