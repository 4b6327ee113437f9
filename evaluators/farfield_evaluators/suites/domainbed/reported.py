"""Published figures on DomainBed's data sets, by each selection rule, and averages that no board has."""

from collections.abc import Iterator, Mapping, Sequence

from farfield_evaluators.reported import Key, Reported, Unplaced, percent
from farfield_evaluators.suites.domainbed.board import SHIFTS, metric_of
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import DOMAINBED
from farfield_evaluators.suites.domainbed.published import ALGORITHMS, ALL, PUBLISHED
from farfield_evaluators.suites.domainbed.selection import IID, RULES
from farfield_evaluators.suites.domainbed.sweep import TIERS

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


REPORTED: tuple[Reported, ...] = tuple(_generalization())

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
