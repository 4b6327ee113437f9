"""What the entry point names: few-shot detection as a suite; apart, so that its parts import one another without it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import DataCommand, Importer, OwnImporter, ScoreCommand, Suite
from farfield_evaluators.suites.fsdet.benchmarks import COCO_BOARDS
from farfield_evaluators.suites.fsdet.reported import REPORTED
from farfield_evaluators.suites.fsdet.scenes.benchmarks import SCENES


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.fsdet.data.importer import NAME, import_coco
    from farfield_evaluators.suites.fsdet.scenes.importer import IMPORTER

    return (IMPORTER, Importer(name=NAME, build=import_coco))


def _data_commands() -> tuple[DataCommand, ...]:
    from farfield_evaluators.suites.fsdet.command import SampleShots

    return (SampleShots(),)


def _score_command() -> ScoreCommand:
    from farfield_evaluators.suites.fsdet.score_command import Command

    return Command()


SUITE = Suite(
    name="fsdet",
    place=45,
    benchmarks=(SCENES, *COCO_BOARDS),
    importers=_importers,
    score_command=_score_command,
    data_commands=_data_commands,
    reported=REPORTED,
    cards=our_cards(),
)
