"""Published figures on WILDS: the headline on the OOD test, as a mean over the required replicates."""

from collections.abc import Iterator, Mapping, Sequence

from farfield_evaluators.reported import Reported
from farfield_evaluators.suites.wilds.datasets import DATASETS
from farfield_evaluators.suites.wilds.scoring import scoring_of

METHODS = ("ERM", "CORAL", "IRM", "Group DRO")
_SOURCE = "[V] Koh et al. 2021 (arXiv 2012.07421), the baselines of WILDS{spread}"
# Per cent, and of ERM the standard deviation over replicates; PovertyMap's are correlations times 100.
_TABLE: Mapping[str, tuple[float, Sequence[float | None]]] = {
    "iwildcam": (1.3, (31.0, 32.8, 15.1, 23.9)),
    "camelyon17": (6.4, (70.3, 59.5, 64.2, 68.4)),
    "rxrx1": (0.4, (29.9, 28.4, 8.2, 23.0)),
    "ogb-molpcba": (0.3, (27.2, None, None, None)),
    "globalwheat": (1.8, (51.2, None, None, 47.9)),
    "civilcomments": (3.6, (56.0, 65.6, 66.3, 70.0)),
    "fmow": (1.3, (32.3, 31.7, 30.0, 30.8)),
    "poverty": (6.0, (45.0, 44.0, 43.0, 39.0)),
    "amazon": (0.8, (53.8, 52.9, 52.4, 53.3)),
    "py150": (0.1, (67.9, 65.9, 64.3, 65.9)),
}


def reported_on(name: str) -> Iterator[Reported]:
    """The rows of one data set, by WILDS' name of it."""
    dataset = DATASETS[name]
    metric = scoring_of(name).keys.metric(dataset.headline)
    spread, values = _TABLE[name]
    for method, value in zip(METHODS, values, strict=True):
        if value is not None:
            said = f"; its standard deviation there is {spread / 100:g}" if method == "ERM" else ""
            figures = {(metric, "test"): round(value / 100, 6)}
            source = _SOURCE.format(spread=said)
            yield Reported(benchmark=dataset.benchmark, method=method, source=source, figures=figures)
