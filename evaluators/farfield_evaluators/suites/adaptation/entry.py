"""What the entry point names: adaptation as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.adaptation.drawings import ACTIVE, DRAWINGS


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.adaptation.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(name="adaptation", place=27, benchmarks=(DRAWINGS, ACTIVE), importers=_importers, cards=our_cards())
