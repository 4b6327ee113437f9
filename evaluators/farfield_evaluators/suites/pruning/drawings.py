"""`pruning/drawings`: of pictures that show the same things many times, those that a model is trained on.

Input: Lite0's features of images. Label: one of fourteen kinds of things. Domain: whether artists of the training set
have drawn the test images, or others. Protocol: at most a share of the training set is chosen, and the platform trains
the same model on every choice, as DataComp's filtering track does (Gadre et al. 2023, arXiv 2304.14108). Licence: each
source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics.catalog import ACCURACY, CLASS_ACCURACY
from farfield_evaluators.scoring import classification
from farfield_evaluators.suites.pruning.plan import FromChoice
from farfield_evaluators.tracks import IMAGENET, OPEN

PACK = "pruning-drawings"
TRAIN, KNOWN, OTHER = "train", "known-artists", "other-artists"
KNOWN_STYLES = (
    "photographs",
    "emojione-v1",
    "fluent-3d",
    "fluent-contrast",
    "fluent-flat",
    "noto",
    "noto-blob",
    "twemoji",
)
OTHER_STYLES = ("openmoji", "openmoji-outline", "symbola")
_DRAWN = [style for style in KNOWN_STYLES if style in attribution.STYLES]
_KNOWN_CREDIT = f"{attribution.of_styles(*_DRAWN)}; {attribution.PHOTOGRAPHS}"
DATACOMP = (
    "Gadre et al., DataComp: In search of the next generation of multimodal datasets, NeurIPS 2023 (arXiv 2304.14108)"
)
DENSITY = (
    "Abbas et al., Effective pruning of web-scale datasets based on complexity of concept clusters, ICLR 2024 "
    "(arXiv 2401.04578)"
)

DRAWINGS = Benchmark(
    name="pruning/drawings",
    version="1",
    family=TaskFamily.DATA_SELECTION,
    title="Drawings, what to train on",
    summary="Choose a quarter or half of the training pictures; the same model is trained on every choice.",
    description=(
        "The training set shows the same things many times, as a set gathered from the web does: each is drawn by up "
        "to eight hands, some of which share shapes, and some kinds of things are far more frequent than others. A "
        "method sees the features and labels of all of it, and chooses at most a quarter or half of the pictures. The "
        "platform then trains logistic regression on Lite0's features of what was chosen, and tests it on other "
        "things, drawn by the same hands and by others. So entries differ by their choice alone."
    ),
    pack=PACK,
    train_set=TRAIN,
    domains=(
        Domain(name=KNOWN, title="Known artists", role="id", set=KNOWN, credit=_KNOWN_CREDIT),
        Domain(name=OTHER, title="Other artists", role="shift", set=OTHER, credit=attribution.of_styles(*OTHER_STYLES)),
    ),
    metrics=(ACCURACY, CLASS_ACCURACY),
    scorers=(classification.ACCURACY, classification.CLASS_ACCURACY),
    columns=(
        Column(metric=ACCURACY.name, domain=KNOWN, title="Known artists"),
        Column(metric=ACCURACY.name, domain=OTHER, title="Other artists"),
        Column(metric=CLASS_ACCURACY.name, domain=KNOWN, title="Known artists, mean over classes"),
    ),
    tracks=(OPEN, IMAGENET),
    aggregates=(),
    plan=FromChoice(stochastic=3, backbone="efficientnet-lite0"),
    licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
    public_labels=True,
    citations=(DATACOMP, DENSITY),
)
