"""What the entry point names: corrupted detection data as a suite; apart, so that its parts import one another without
it.
"""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import DataCommand, Importer, OwnImporter, Suite
from farfield_evaluators.suites.coco_c.benchmarks import COCO_C_BENCHMARKS
from farfield_evaluators.suites.coco_c.reported import REPORTED, UNPLACED


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.coco_c.data.importers import IMPORTERS

    return IMPORTERS


def _data_commands() -> tuple[DataCommand, ...]:
    from farfield_evaluators.suites.coco_c.command import Corrupt

    return (Corrupt(),)


SUITE = Suite(
    name="coco-c",
    place=60,
    benchmarks=COCO_C_BENCHMARKS,
    importers=_importers,
    data_commands=_data_commands,
    reported=REPORTED,
    unplaced=UNPLACED,
    cards=our_cards(),
)
