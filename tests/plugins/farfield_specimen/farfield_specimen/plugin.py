"""What Farfield is told: one specification for each method, and the hook that returns them."""

from farfield import Images, MethodSpec, Resources, TaskFamily, TrackClaims, hookimpl
from farfield_specimen.detector import HistogramDetector
from farfield_specimen.histogram import Config, NearestHistogram

CLASSIFIER = MethodSpec(
    name="colour-histogram",
    family=TaskFamily.CLASSIFICATION,
    summary="Nearest neighbours by colour histogram.",
    build=NearestHistogram,
    config=Config,
    inputs=Images(size=64),
    resources=Resources(memory_gib=1, minutes=5),
    claims=TrackClaims(backbone="none"),
    papers=("Swain and Ballard, Color Indexing, IJCV 1991",),
    licence="Apache-2.0",
)

DETECTOR = MethodSpec(
    name="colour-histogram-detector",
    family=TaskFamily.OOD_DETECTION,
    summary="Similarity of colour histograms to the training images.",
    build=HistogramDetector,
    config=Config,
    inputs=Images(size=64),
    resources=Resources(memory_gib=1, minutes=5),
    claims=TrackClaims(backbone="none"),
    licence="Apache-2.0",
)


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [CLASSIFIER, DETECTOR]
