"""What the entry point names: DomainBed as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, ScoreCommand, Suite
from farfield_evaluators.suites.domainbed.benchmarks import DOMAINBED
from farfield_evaluators.suites.domainbed.open_set.benchmarks import OPEN_SET
from farfield_evaluators.suites.domainbed.reported import REPORTED, UNPLACED
from farfield_evaluators.suites.domainbed.unlearning.benchmarks import UNLEARNING


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.domainbed.data.importers import IMPORTERS
    from farfield_evaluators.suites.domainbed.open_set.data import IMPORTERS as OF_OPEN_SETS
    from farfield_evaluators.suites.domainbed.unlearning.importers import IMPORTERS as OF_UNLEARNING

    return (*IMPORTERS, *OF_OPEN_SETS, *OF_UNLEARNING)


def _score_command() -> ScoreCommand:
    from farfield_evaluators.suites.domainbed.command import Command

    return Command()


SUITE = Suite(
    name="domainbed",
    place=2,
    benchmarks=(*DOMAINBED, *OPEN_SET, *UNLEARNING),
    importers=_importers,
    reported=REPORTED,
    unplaced=UNPLACED,
    cards=our_cards(),
    score_command=_score_command,
)
