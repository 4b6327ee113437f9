"""Three small data sets in CLIP_benchmark's layout, of the shipped drawings: one thing each, up to four, and captions.

Input: images. Label: one of 14 kinds of things, those that are in the picture, or its captions. Domain: the test
split. All come through the importers of CLIP_benchmark's webdatasets. Licence: each source's own, listed beside the
images of the distribution `farfield-demo`.
"""

from farfield_evaluators.benchmark import Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.suites.clip_benchmark.benchmarks import CODE, PAPER, TEST, board
from farfield_evaluators.suites.clip_benchmark.captions import CaptionSet, captions_board
from farfield_evaluators.suites.clip_benchmark.datasets import DataSet

TEST_STYLES = ("twemoji", "noto", "openmoji")
TRAIN_STYLES = ("fluent-flat", "noto-blob", "emojione-v1")
PICTURES = 200
PROMPTS = ("a drawing of a {c}.", "an icon of a {c}.", "a cartoon of a {c}.")
DRAWN = DataSet(
    key="drawings",
    title="Drawings, by name",
    what="Kinds of things in drawings",
    tested=(522,),
    paper="The pictures of the distribution farfield-demo",
)
SEVERAL = DataSet(
    key="drawings_multilabel",
    title="Drawings, multi-label",
    what="Up to four drawn things in a picture",
    tested=(PICTURES,),
    paper="The pictures of the distribution farfield-demo",
    multilabel=True,
)
CREDIT = attribution.of_styles(*TEST_STYLES)
_LICENCE = attribution.licence_line(CREDIT, attribution.of_styles(*TRAIN_STYLES))
_SEVERAL = attribution.licence_line(CREDIT)
_TESTED = (Domain(name=TEST, title="Test", role="id", set=TEST, credit=CREDIT),)

DRAWINGS = board(DRAWN, licence=_LICENCE, citations=(PAPER, CODE), domains=_TESTED, shows="truth", public_labels=True)
MULTILABEL = board(SEVERAL, licence=_SEVERAL, citations=(PAPER, CODE), domains=_TESTED, public_labels=True)
TECHNIQUES = {
    "twemoji": ("a flat drawing of {}", "a colourful icon of {}"),
    "openmoji-outline": ("a line drawing of {}", "a black outline of {}"),
    "fluent-3d": ("a 3D render of {}", "a 3D icon of {}"),
}
"""The captions of the drawings of a style, {} being the thing with its article."""
DESCRIBED = CaptionSet(
    key="drawings_captions",
    title="Drawings, captions",
    what="Drawn things in three techniques",
    images=515,
    captions=1_030,
    paper="The pictures of the distribution farfield-demo",
)
_DESCRIBED = attribution.of_styles(*TECHNIQUES)
CAPTIONS = captions_board(
    DESCRIBED,
    licence=attribution.licence_line(_DESCRIBED),
    citations=(PAPER, CODE),
    domains=(Domain(name=TEST, title="Test", role="id", set=TEST, credit=_DESCRIBED),),
    public_labels=True,
)
