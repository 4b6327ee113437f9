"""Every data set of CLIP_benchmark that `farfield data import` brings, by name."""

from functools import partial

from farfield_evaluators.suite import Importer, OwnImporter
from farfield_evaluators.suites.clip_benchmark.captions import CAPTION_SETS
from farfield_evaluators.suites.clip_benchmark.data.captions import import_captions
from farfield_evaluators.suites.clip_benchmark.data.drawings import import_drawings, import_several
from farfield_evaluators.suites.clip_benchmark.data.drawn_captions import import_described
from farfield_evaluators.suites.clip_benchmark.data.importer import import_data_set
from farfield_evaluators.suites.clip_benchmark.data.languages import import_xtd10
from farfield_evaluators.suites.clip_benchmark.data.let_it_wag import import_let_it_wag
from farfield_evaluators.suites.clip_benchmark.data.selection import import_sugar_crepe, import_winoground
from farfield_evaluators.suites.clip_benchmark.datasets import DATA_SETS
from farfield_evaluators.suites.clip_benchmark.drawings import DESCRIBED, DRAWN, SEVERAL
from farfield_evaluators.suites.clip_benchmark.languages import IN_LANGUAGES
from farfield_evaluators.suites.clip_benchmark.let_it_wag import PACK
from farfield_evaluators.suites.clip_benchmark.selection import CREPE, PAIRS

_MADE = "is made of the pictures of the distribution `farfield-demo`"
IMPORTERS: tuple[Importer | OwnImporter, ...] = (
    OwnImporter(name=DRAWN.name, build=import_drawings, source=_MADE),
    OwnImporter(name=SEVERAL.name, build=import_several, source=_MADE),
    OwnImporter(name=DESCRIBED.name, build=import_described, source=_MADE),
    Importer(name=PACK, build=import_let_it_wag),
    *(Importer(name=dataset.name, build=partial(import_data_set, dataset)) for dataset in DATA_SETS),
    *(Importer(name=each.name, build=partial(import_captions, each)) for each in CAPTION_SETS),
    Importer(name=IN_LANGUAGES.name, build=import_xtd10),
    Importer(name=CREPE, build=import_sugar_crepe),
    Importer(name=PAIRS, build=import_winoground),
)
