"""WILDS 2.0: the boards of images once more, for methods that also learn from the unlabeled data of the release.

Input, label and domain of each stand in its card. Sagawa et al., ICLR 2022 (arXiv 2112.05090); licences are the
releases' own. Tests, figures and replicates are those of the board without unlabeled data.
"""

from dataclasses import replace

from farfield_evaluators.benchmark import Benchmark, Track
from farfield_evaluators.suites.wilds.benchmarks import CAMELYON17_BOARD, FMOW_BOARD, IWILDCAM_BOARD, POVERTY_BOARD
from farfield_evaluators.suites.wilds.boxes import GLOBALWHEAT_BOARD

UNLABELED_PAPER = (
    "Sagawa et al., Extending the WILDS Benchmark for Unsupervised Adaptation, ICLR 2022 (arXiv 2112.05090)"
)
UNLABELED = Track(
    name="unlabeled",
    title="Unlabeled data",
    description="Methods that learn from the unlabeled splits of the release, too; any pre-training that they name.",
    pretraining=None,
    unlabeled=True,
)


def with_unlabeled(benchmark: Benchmark) -> Benchmark:
    """The board of a data set whose unlabeled splits a method is given as the part `unlabeled`."""
    return replace(
        benchmark,
        name=f"{benchmark.name}-unlabeled",
        title=f"{benchmark.title[:-1]}, unlabeled)",
        summary=f"{benchmark.summary[:-1]}; learning from unlabeled images, too.",
        description=(
            f"{benchmark.description} A method is also given the unlabeled splits of WILDS 2.0, all of them and "
            "without any label, as the part `unlabeled`, with the domain of each image."
        ),
        pack=f"{benchmark.pack}-unlabeled",
        parts={**benchmark.parts, "unlabeled": "unlabeled"},
        tracks=(UNLABELED,),
        citations=(*benchmark.citations, UNLABELED_PAPER),
    )


UNLABELED_BENCHMARKS: tuple[Benchmark, ...] = tuple(
    with_unlabeled(board) for board in (CAMELYON17_BOARD, IWILDCAM_BOARD, FMOW_BOARD, POVERTY_BOARD, GLOBALWHEAT_BOARD)
)
