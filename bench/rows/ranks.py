"""Scoring: rank intervals of a board, figures of detection, and what the site worker does to compare 1,000 entries."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn import metrics
from threadpoolctl import threadpool_limits

from bench.comparing import comparing
from bench.result import Result
from bench.timing import in_turn
from farfield_evaluators.inference.ranks import standings
from farfield_evaluators.inference.resampling import RESAMPLES, Outcomes, bootstrap
from farfield_evaluators.metrics import detection

METHODS, EXAMPLES, SCORES, ENTRIES = 50, 50_000, 100_000, 1_000
Floats = npt.NDArray[np.float64]


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """With one thread, as the site worker has; neither peer uses more."""
    with threadpool_limits(limits=1):
        yield ranking(METHODS, EXAMPLES // 100 if quick else EXAMPLES, 1 if quick else 5)
        yield from figures(SCORES // 100 if quick else SCORES, 1 if quick else 20)
        yield from comparing(scratch, 10 if quick else ENTRIES, EXAMPLES // 100 if quick else EXAMPLES)


def ranking(methods: int, examples: int, runs: int) -> Result:
    """All pairs of the methods tested, 1,000 resamples; the peer is the error of one difference."""
    rng = np.random.default_rng(0)
    hits = (rng.random((examples, methods)) < np.linspace(0.6, 0.65, methods)).astype(np.float64)
    first, second = hits[:, 0].copy(), hits[:, 1].copy()

    def ours() -> object:
        return standings(bootstrap([Outcomes(values=hits)]), higher_is_better=True)

    def theirs() -> float:
        draws = np.random.default_rng(1)
        places = (draws.integers(0, examples, examples) for _ in range(RESAMPLES))
        return float(np.std([first[chosen].mean() - second[chosen].mean() for chosen in places]))

    seconds, peer = in_turn(ours, theirs, runs)
    return Result(
        row=5, name=f"ranks of {methods} methods, {examples:,} examples", ours=seconds, peer=peer, unit="s",
        peer_name="numpy bootstrap of two", peer_version=np.__version__, goal=1,
    )  # fmt: skip


def figures(count: int, runs: int) -> Iterator[Result]:
    """AUROC and FPR@95 of so many scores."""
    rng = np.random.default_rng(0)
    inside, outside = rng.normal(1, 1, count // 2), rng.normal(0, 1, count // 2)
    is_ood = np.r_[np.zeros(len(inside)), np.ones(len(outside))]
    scores = np.r_[inside, outside]

    def area() -> float:
        return float(metrics.roc_auc_score(is_ood, -scores))

    def curve() -> float:
        fpr, tpr, _ = metrics.roc_curve(is_ood, -scores)
        return float(fpr[np.argmax(tpr >= detection.RECALL)])

    sides: dict[str, tuple[Callable[[Floats, Floats], float], Callable[[], float]]] = {
        "AUROC": (detection.auroc, area),
        "FPR@95": (detection.fpr95, curve),
    }
    for name, (figure, theirs) in sides.items():
        seconds, peer = in_turn(partial(figure, inside, outside), theirs, runs)
        yield Result(
            row=5, name=f"{name} of {count:,} scores", ours=seconds, peer=peer, unit="s",
            peer_name="scikit-learn", peer_version=version("scikit-learn"),
        )  # fmt: skip
