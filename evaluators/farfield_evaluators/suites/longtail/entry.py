"""What the entry point names: long tails as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import DataCommand, Importer, OwnImporter, Suite
from farfield_evaluators.suites.longtail.benchmarks import LONG_TAILS
from farfield_evaluators.suites.longtail.reported import REPORTED


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.longtail.data.importers import IMPORTERS

    return IMPORTERS


def _data_commands() -> tuple[DataCommand, ...]:
    from farfield_evaluators.suites.longtail.glt.command import BuildGlt

    return (BuildGlt(),)


SUITE = Suite(
    name="longtail",
    place=40,
    benchmarks=LONG_TAILS,
    importers=_importers,
    data_commands=_data_commands,
    reported=REPORTED,
    cards=our_cards(),
)
