"""GlobalWheat as a benchmark: the one of WILDS' data sets whose pictures have boxes."""

from farfield_evaluators.suites.wilds.benchmarks import Prose, benchmark_of
from farfield_evaluators.suites.wilds.datasets import GLOBALWHEAT

GLOBALWHEAT_BOARD = benchmark_of(
    GLOBALWHEAT,
    Prose(
        summary="Find the heads of wheat in pictures of fields, from sessions that training has not seen.",
        description=(
            "Fields differ in place, year, breed, stage of growth and camera; pictures that were taken together are a "
            "session. Training is on sessions of Europe, test on those of North America, Australia and Asia, val on "
            "others again; id-val and id-test are of training's sessions. The headline is the mean over sessions of "
            "the accuracy of boxes, so that a session with few pictures counts as much as one with many."
        ),
        licence="MIT",
        citation="David et al., Global Wheat Head Dataset 2021 (arXiv 2105.07660)",
    ),
)
