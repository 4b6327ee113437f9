"""The suite `clip-benchmark`."""

from farfield_evaluators.cards import our_cards
from farfield_evaluators.suite import Importer, OwnImporter, Suite
from farfield_evaluators.suites.clip_benchmark import let_it_wag
from farfield_evaluators.suites.clip_benchmark.benchmarks import OFFICIAL
from farfield_evaluators.suites.clip_benchmark.captions import CAPTIONED
from farfield_evaluators.suites.clip_benchmark.datasets import SUITE as NAME
from farfield_evaluators.suites.clip_benchmark.drawings import CAPTIONS, DRAWINGS, MULTILABEL
from farfield_evaluators.suites.clip_benchmark.languages import XTD10
from farfield_evaluators.suites.clip_benchmark.let_it_wag import LET_IT_WAG
from farfield_evaluators.suites.clip_benchmark.reported import REPORTED
from farfield_evaluators.suites.clip_benchmark.selection import SUGAR_CREPE, WINOGROUND


def _importers() -> tuple[Importer | OwnImporter, ...]:
    from farfield_evaluators.suites.clip_benchmark.data.importers import IMPORTERS

    return IMPORTERS


SUITE = Suite(
    name=NAME,
    place=48,
    benchmarks=(DRAWINGS, MULTILABEL, CAPTIONS, *OFFICIAL, *CAPTIONED, XTD10, SUGAR_CREPE, WINOGROUND, LET_IT_WAG),
    importers=_importers,
    reported=(*REPORTED, *let_it_wag.REPORTED),
    cards=our_cards(),
)
