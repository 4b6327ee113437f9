"""What the entry point names: pruning as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.pruning.drawings import DRAWINGS


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.pruning.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(name="pruning", place=49, benchmarks=(DRAWINGS,), importers=_importers, cards=our_cards())
