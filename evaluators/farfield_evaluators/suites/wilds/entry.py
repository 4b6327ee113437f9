"""WILDS: its benchmarks, the importers of their packs, and what is reported on them."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, ScoreCommand, Suite
from farfield_evaluators.suites.wilds.benchmarks import WILDS_BENCHMARKS
from farfield_evaluators.suites.wilds.boxes import GLOBALWHEAT_BOARD
from farfield_evaluators.suites.wilds.datasets import DATASETS
from farfield_evaluators.suites.wilds.reported import reported_on
from farfield_evaluators.suites.wilds.text_benchmarks import TEXT_BENCHMARKS
from farfield_evaluators.suites.wilds.unlabeled_benchmarks import UNLABELED_BENCHMARKS

_BENCHMARKS = (*WILDS_BENCHMARKS, GLOBALWHEAT_BOARD, *TEXT_BENCHMARKS, *UNLABELED_BENCHMARKS)
_BOARDS = frozenset(benchmark.name for benchmark in _BENCHMARKS)


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.wilds.data.importers import IMPORTERS

    return IMPORTERS


def _score_command() -> ScoreCommand:
    from farfield_evaluators.suites.wilds.command import Command

    return Command()


SUITE = Suite(
    name="wilds",
    place=30,
    benchmarks=_BENCHMARKS,
    importers=_importers,
    reported=tuple(row for d in DATASETS.values() if d.benchmark in _BOARDS for row in reported_on(d.name)),
    cards=our_cards(),
    score_command=_score_command,
)
