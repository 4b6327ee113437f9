"""OOD-CV: ten kinds of things, each nuisance alone, for models of PASCAL3D+; and adapted to it without labels.

Input: images. Label: one of ten classes. Domains: nuisances, and images like those of training. Data: the operator's
copies of OOD-CV's release with poses and of PASCAL3D+. Citations: Zhao et al., ECCV 2022 (arXiv 2111.14341); Kaushik
et al. 2024 (arXiv 2403.07277), whose setting the second board takes from its abstract.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

PACK = "imagenet/ood-cv"
CLASSES = (
    *("aeroplane", "bicycle", "boat", "bus", "car", "chair", "diningtable", "motorbike", "sofa", "train"),
)  # in the release's order
NUISANCES = {"context": "Context", "pose": "Pose", "shape": "Shape", "texture": "Texture", "weather": "Weather"}
IID = "iid"
TRAIN, GIVEN, TESTED = "train", "unlabeled", "rest"
_PAPER = "Zhao et al., OOD-CV, ECCV 2022 (arXiv 2111.14341)"
_LICENCE = "OOD-CV's and PASCAL3D+'s own terms; none was read with the release's code."
_COLUMNS = (
    Column(metric="accuracy", domain="shifts", title="Mean of nuisances"),
    Column(metric="accuracy", domain="id", title="No nuisance"),
    *(Column(metric="accuracy", domain=name, title=title) for name, title in NUISANCES.items()),
)
_METRICS = (metrics.ACCURACY, metrics.CLASS_ACCURACY)
_SCORERS = (scorers.ACCURACY, scorers.CLASS_ACCURACY)


def set_of(nuisance: str, use: str) -> str:
    """The set of a nuisance's images: those that the second board gives without labels, or the rest.

    >>> set_of("pose", "rest")
    'pose/rest'
    """
    return f"{nuisance}/{use}"


OOD_CV = Benchmark(
    name="imagenet-ood/ood-cv",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="OOD-CV",
    summary="Recognise ten kinds of things in an unusual context, pose, shape, texture or weather.",
    description=(
        "A method may learn from the images of PASCAL3D+ that the release lists. An image of a nuisance shows it and "
        "no other; nuisances count alike. Images are whole, where the pose estimators of the release see a crop around "
        "one object."
    ),
    pack=PACK,
    train_set=TRAIN,
    domains=(
        Domain(name=IID, title="No nuisance", role="id", set=IID),
        *(Domain(name=name, title=title, role="shift", set=name) for name, title in NUISANCES.items()),
    ),
    metrics=_METRICS,
    scorers=_SCORERS,
    columns=_COLUMNS,
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=_LICENCE,
    citations=(_PAPER, "wufeim/OOD-CV-Data, 3d7aba1"),
)
OOD_CV_ADAPTATION = Benchmark(
    name="imagenet-ood/ood-cv-adaptation",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="OOD-CV, adaptation",
    summary="Recognise ten kinds of things under a nuisance, having seen other images of it without labels.",
    description=(
        "As OOD-CV, and a half of each nuisance's images of a class, by a hash of their names, is there to learn from "
        "without labels; accuracy is over the other half. No label of a nuisance's image is given."
    ),
    pack=PACK,
    train_set=TRAIN,
    parts={"unlabeled": GIVEN},
    domains=(
        Domain(name=IID, title="No nuisance", role="id", set=IID),
        *(Domain(name=n, title=t, role="shift", set=set_of(n, TESTED)) for n, t in NUISANCES.items()),
    ),
    metrics=_METRICS,
    scorers=_SCORERS,
    columns=_COLUMNS,
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=_LICENCE,
    citations=(
        "Kaushik et al., A Bayesian Approach to OOD Robustness in Image Classification (arXiv 2403.07277)",
        _PAPER,
    ),
)
