"""The suite `openood`: OOD detection and open-set recognition."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.openood.benchmarks import OPENOOD_BENCHMARKS
from farfield_evaluators.suites.openood.cooked import COOKED
from farfield_evaluators.suites.openood.drawings import OOD_DETECTION_DRAWINGS
from farfield_evaluators.suites.openood.drawings_outliers import OOD_DETECTION_OUTLIERS
from farfield_evaluators.suites.openood.imagenet_o import OOD_DETECTION_O
from farfield_evaluators.suites.openood.open_set import OPEN_SET
from farfield_evaluators.suites.openood.reported import REPORTED
from farfield_evaluators.suites.openood.small_images import SMALL_IMAGES


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.openood.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(
    name="openood",
    place=4,
    benchmarks=(
        *(OOD_DETECTION_DRAWINGS, OOD_DETECTION_OUTLIERS, *OPENOOD_BENCHMARKS, OOD_DETECTION_O),
        *(*COOKED, *SMALL_IMAGES, *OPEN_SET),
    ),
    importers=_importers,
    reported=REPORTED,
    cards=our_cards(),
)
