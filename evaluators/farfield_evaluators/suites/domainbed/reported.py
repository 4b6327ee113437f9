"""Published figures on DomainBed's data sets, by each selection rule, and averages that no board has."""

from collections.abc import Iterator, Mapping, Sequence

from farfield_evaluators.reported import Key, Reported, Unplaced, percent
from farfield_evaluators.suites.domainbed.board import SHIFTS, metric_of
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import DOMAINBED
from farfield_evaluators.suites.domainbed.published import ALGORITHMS, ALL, PUBLISHED
from farfield_evaluators.suites.domainbed.selection import IID, RULES
from farfield_evaluators.suites.domainbed.sweep import TIERS
from farfield_evaluators.suites.domainbed.unlearning.benchmarks import UNLEARNING

_DOMAINBED = (
    "[V] Gulrajani & Lopez-Paz 2021 (arXiv 2007.01434) and the results of 2020-10-06 in its repository: ResNet-50 "
    "(a small CNN for digits), 20 hyperparameter draws, 3 trials"
)
_CLIP_DG = "[S] CLIP ViT-B/16, as later papers tabulate it; not checked against any. The selection rule is not stated"
_CLIP_DATASETS = ("PACS", "VLCS", "OfficeHome", "TerraIncognita", "DomainNet")
_CLIP_ACCURACIES: Mapping[str, Sequence[float]] = {
    "CLIP ViT-B/16, zero-shot": (96.2, 81.7, 82.0, 33.4, 57.5),
    "CLIP ViT-B/16, ERM": (96.1, 83.0, 83.3, 60.9, 59.9),
}
# Not on the tier for trying things out, nor with unlabeled images of the target.
_TIERS = tuple(tier.name for tier in TIERS if not (tier.short or tier.unlabeled))


def _generalization() -> Iterator[Reported]:
    for dataset in DOMAINBED:
        for algorithm in ALGORITHMS:
            figures = {key: value for rule in RULES for key, value in _by_rule(rule.name, dataset, algorithm)}
            yield _reported(dataset.benchmark, algorithm, _DOMAINBED, figures)
    names = {dataset.name: dataset.benchmark for dataset in DOMAINBED}
    for method, accuracies in _CLIP_ACCURACIES.items():
        for name, accuracy in zip(_CLIP_DATASETS, accuracies, strict=True):
            yield _reported(names[name], method, _CLIP_DG, {(metric_of(IID.name), SHIFTS): accuracy})


def _by_rule(rule: str, dataset: DataSet, algorithm: str) -> Iterator[tuple[Key, float]]:
    """The average over environments, and each environment's figure."""
    row = PUBLISHED[rule, dataset.name, algorithm]
    for domain, value in zip((SHIFTS, *dataset.environments), (row.average, *row.parts), strict=True):
        yield (metric_of(rule), domain), value


def _reported(benchmark: str, method: str, source: str, figures: Mapping[Key, float]) -> Reported:
    return Reported(benchmark=benchmark, method=method, source=source, figures=percent(figures), tiers=_TIERS)


_ADU = (
    "[V] Kawamura et al. 2025 (arXiv 2510.08132), read off the picture of a table on its project page, whose rows of "
    "LP++, CLIPFit and BBF are left out; [S] CLIP ViT-B/16 and 8 images to learn from, its own draw"
)
_ByTier = Mapping[str, tuple[float, float, float]]
_UNLEARNED: Mapping[tuple[str, str], _ByTier] = {
    ("unlearning/office-home", "ADU"): {
        "one": (69.96, 77.93, 64.34),
        "two": (73.58, 75.61, 71.89),
        "three": (75.89, 72.15, 80.77),
    },
    ("unlearning/office-home", "its baseline"): {
        "one": (52.59, 79.96, 39.88),
        "two": (54.19, 80.23, 41.23),
        "three": (59.47, 80.96, 48.79),
    },
    ("unlearning/mini-domain-net", "ADU"): {
        "one": (75.56, 78.32, 73.06),
        "two": (77.03, 76.51, 77.66),
        "three": (79.00, 75.00, 83.94),
    },
    ("unlearning/mini-domain-net", "its baseline"): {
        "one": (62.07, 85.15, 49.40),
        "two": (61.97, 84.71, 48.96),
        "three": (68.82, 84.25, 58.27),
    },
}


def _unlearning() -> Iterator[Reported]:
    """H, Mem and For, by how many domains are forgotten."""
    columns = {each.name: [(column.metric, column.domain) for column in each.columns] for each in UNLEARNING}
    for (benchmark, method), by_tier in _UNLEARNED.items():
        for tier, values in by_tier.items():
            figures = percent(dict(zip(columns[benchmark], values, strict=True)))
            named = f"{method}, {tier} forgotten"
            yield Reported(benchmark=benchmark, method=named, source=_ADU, figures=figures, tiers=(tier,))


REPORTED: tuple[Reported, ...] = (*_generalization(), *_unlearning())

_AVERAGE = "DomainBed, average over seven data sets"
_PAPERS_AVERAGE = "DomainBed, average over the data sets that the paper takes"
_MIRO = "[S] ResNet-50, Cha et al. 2022 (arXiv 2203.10789)"


def _unplaced() -> Iterator[Unplaced]:
    for algorithm in ALGORITHMS:
        average = PUBLISHED[IID.name, ALL, algorithm].average
        yield Unplaced(method=algorithm, figure=_AVERAGE, value=round(average / 100, 6), source=_DOMAINBED)
    car_ft = "[V] CLIP ViT-B/16, Mao et al. 2022 (arXiv 2211.16175), abstract"
    yield Unplaced(method="CAR-FT", figure=_PAPERS_AVERAGE, value=0.785, source=car_ft)
    yield Unplaced(method="MIRO", figure=_PAPERS_AVERAGE, value=0.659, source=_MIRO)
    yield Unplaced(method="MIRO + SWAD", figure=_PAPERS_AVERAGE, value=0.681, source=_MIRO)


UNPLACED: tuple[Unplaced, ...] = tuple(_unplaced())
