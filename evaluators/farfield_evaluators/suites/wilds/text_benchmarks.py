"""WILDS' text and graphs as benchmarks of predictions that were made elsewhere: no method is run on them here.

Input, label and domain of each stand in its card. Koh et al., ICML 2021 (arXiv 2012.07421), and each data set's own
paper; licences are the releases' own.
"""

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.suites.wilds.benchmarks import Prose, benchmark_of
from farfield_evaluators.suites.wilds.datasets import AMAZON, CIVILCOMMENTS, MOLPCBA, PY150

CIVILCOMMENTS_BOARD = benchmark_of(
    CIVILCOMMENTS,
    Prose(
        summary="Tell whether a comment is toxic, alike for comments that name one identity or another.",
        description=(
            "Comments that name some identities are more often called toxic, and a classifier may take the name for "
            "the toxicity. The headline is the accuracy on the worst of 16 groups that overlap: of each of eight "
            "identities the comments that name it, toxic ones and others apart. Predictions are made elsewhere: no "
            "method is run on text here."
        ),
        licence="CC0",
        citation="Borkan et al., Nuanced Metrics for Measuring Unintended Bias, WWW 2019 (arXiv 1903.04561)",
    ),
    runs_methods=False,
)
AMAZON_BOARD = benchmark_of(
    AMAZON,
    Prose(
        summary="Tell how many stars a review gave, for reviewers of whom training has no review.",
        description=(
            "Reviewers write differently, and an average hides those for whom a model is wrong. The headline is the "
            "accuracy on the reviewer at the 10th percentile. Predictions are made elsewhere: no method is run on "
            "text here."
        ),
        licence="None given; its authors ask that it be used for research",
        citation="Ni et al., Justifying Recommendations Using Distantly-Labeled Reviews, EMNLP 2019",
    ),
    runs_methods=False,
)
PY150_BOARD = benchmark_of(
    PY150,
    Prose(
        summary="Tell the next token of a Python file, in repositories that training has not seen.",
        description=(
            "Repositories differ in what they call things. The headline is the accuracy on tokens that are names of "
            "classes or methods, which is what somebody who writes code wants completed. Predictions are made "
            "elsewhere: no method is run on source code here."
        ),
        licence="MIT for the collection",
        citation="Lu et al., CodeXGLUE, NeurIPS Datasets and Benchmarks 2021 (arXiv 2102.04664)",
    ),
    runs_methods=False,
)
MOLPCBA_BOARD = benchmark_of(
    MOLPCBA,
    Prose(
        summary="Tell 128 properties of a molecule, of scaffolds that training has not seen.",
        description=(
            "New molecules have scaffolds of their own. The headline is the average precision, as a mean over the "
            "properties of which a split has molecules with and without; what was not measured does not count. "
            "Predictions are made elsewhere: no method is run on graphs here."
        ),
        licence="MIT",
        citation="Hu et al., Open Graph Benchmark, NeurIPS 2020 (arXiv 2005.00687)",
    ),
    runs_methods=False,
)
TEXT_BENCHMARKS: tuple[Benchmark, ...] = (CIVILCOMMENTS_BOARD, AMAZON_BOARD, PY150_BOARD, MOLPCBA_BOARD)
