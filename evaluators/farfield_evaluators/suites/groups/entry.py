"""What the entry point names: data with groups as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.groups.drawings import DRAWINGS
from farfield_evaluators.suites.groups.elpv import ELPV


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.groups.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(name="groups", place=25, benchmarks=(DRAWINGS, ELPV), importers=_importers, cards=our_cards())
