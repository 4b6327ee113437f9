"""ImageNet-1k under covariate shift, and the importers of everything that is tested beside it."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.imagenet.benchmarks import IMAGENET_BENCHMARKS
from farfield_evaluators.suites.imagenet.reported import REPORTED, UNPLACED
from farfield_evaluators.suites.imagenet.watermark.reported import REPORTED as OF_WATERMARKS


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.imagenet.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(
    name="imagenet",
    place=3,
    benchmarks=IMAGENET_BENCHMARKS,
    importers=_importers,
    reported=(*REPORTED, *OF_WATERMARKS),
    unplaced=UNPLACED,
    cards=our_cards(),
)
