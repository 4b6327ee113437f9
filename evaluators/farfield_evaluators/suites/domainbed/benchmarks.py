"""DomainBed: one benchmark for each data set that can be imported (Gulrajani & Lopez-Paz, ICLR 2021).

Input: images. Label: the data set's classes. Domains: its environments, of which one or two are held out in a run. A
submission is a sweep of runs; the tier says which. What is reported is the accuracy on the held-out environment's
in-split of the checkpoint that a selection rule chose; the headline is the mean over the environments by
training-domain validation. Licence: the data's own, see docs/benchmarks/domainbed-data.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import DATASETS
from farfield_evaluators.suites.domainbed.further import SPAWRIOUS
from farfield_evaluators.suites.domainbed.plan import RULES, DomainBed
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

PAPER = "Gulrajani & Lopez-Paz, In Search of Lost Domain Generalization, ICLR 2021 (arXiv 2007.01434)"
SHORT_TITLES = {"iid": "training-domain", "loo": "leave-one-out", "oracle": "oracle", "variation": "variation"}


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a page says of a data set; `full` are environments' names where the short ones say too little."""

    title: str
    summary: str
    licence: str
    citation: str
    full: tuple[str, ...] = ()


_MNIST = "MNIST: none stated by its authors; often given as CC BY-SA 3.0."
_FASHION = "Xiao et al., Fashion-MNIST (arXiv 1708.07747)"
_FAIR_USE = "For non-commercial research and education, under its authors' fair-use notice."
_RESEARCH = "None stated by its authors; collected from the web and from other data sets, for research."
_IRM = "Arjovsky et al., Invariant Risk Minimization (arXiv 1907.02893)"
_ROTATED = "Ghifary et al., ICCV 2015 (arXiv 1508.07680)"

_LYNCH = "Lynch et al., Spawrious (arXiv 2303.05470)"


def _spawrious(name: str) -> Card:
    one = "O2O" in name
    level = name.rpartition("_")[2]
    return Card(
        title=f"Spawrious {'one-to-one' if one else 'many-to-many'}, {level}",
        summary="Four breeds of dogs, where "
        + ("the place before which a breed stands" if one else "a pair of places that two breeds share")
        + " in training misleads in the test.",
        licence="CC BY 4.0, as its authors state it.",
        citation=_LYNCH,
        full=("Test", "Training, first", "Training, second"),
    )


CARDS: Mapping[str, Card] = {
    "ColoredMNIST": Card(
        title="ColoredMNIST",
        summary="Digits below five or not, where the colour gives the label away, and lies in the third environment.",
        licence=_MNIST,
        citation=_IRM,
    ),
    "RotatedMNIST": Card(
        title="RotatedMNIST",
        summary="Digits turned by an angle that was never seen in training.",
        licence=_MNIST,
        citation=_ROTATED,
        full=("0 degrees", "15 degrees", "30 degrees", "45 degrees", "60 degrees", "75 degrees"),
    ),
    "VLCS": Card(
        title="VLCS",
        summary="Five classes of photographs, from a collection that was never seen in training.",
        licence="By collection: Caltech-101, LabelMe, SUN09 and PASCAL VOC 2007, each with its own terms.",
        citation="Fang et al., Unbiased Metric Learning, ICCV 2013",
        full=("Caltech-101", "LabelMe", "SUN09", "VOC 2007"),
    ),
    "PACS": Card(
        title="PACS",
        summary="Seven classes as art paintings, cartoons, photographs and sketches.",
        licence=_RESEARCH,
        citation="Li et al., Deeper, Broader and Artier Domain Generalization, ICCV 2017 (arXiv 1710.03077)",
        full=("Art paintings", "Cartoons", "Photographs", "Sketches"),
    ),
    "OfficeHome": Card(
        title="Office-Home",
        summary="65 kinds of things of offices and homes as art, clip art, products and photographs.",
        licence=_FAIR_USE,
        citation="Venkateswara et al., Deep Hashing Network, CVPR 2017 (arXiv 1706.07522)",
        full=("Art", "Clip art", "Products", "Real world"),
    ),
    "TerraIncognita": Card(
        title="Terra Incognita",
        summary="Ten animals before camera traps, at a place that was never seen in training.",
        licence="CDLA-Permissive-1.0 (Caltech Camera Traps).",
        citation="Beery et al., Recognition in Terra Incognita, ECCV 2018 (arXiv 1807.04975)",
        full=("Location 100", "Location 38", "Location 43", "Location 46"),
    ),
    "DomainNet": Card(
        title="DomainNet",
        summary="345 kinds of things in six domains, from clip art to photographs.",
        licence=_FAIR_USE,
        citation="Peng et al., Moment Matching for Multi-Source Domain Adaptation, ICCV 2019 (arXiv 1812.01754)",
        full=("Clip art", "Infographics", "Paintings", "Quick drawings", "Photographs", "Sketches"),
    ),
    "SVIRO": Card(
        title="SVIRO",
        summary="What is on a rear seat, in a vehicle that was never seen in training; synthetic.",
        licence="The authors' own, not read here: sviro.kl.dfki.de.",
        citation="Dias Da Cruz et al., SVIRO, WACV 2020 (arXiv 2001.03483)",
        full=(
            *("Mercedes A-Class", "Ford Escape", "Toyota Hilux", "BMW i3", "Lexus GS F", "Tesla Model 3"),
            *("Volkswagen Tiguan", "Hyundai Tucson", "BMW X5", "Renault Zoe"),
        ),
    ),
    "WILDSCamelyon": Card(
        title="WILDSCamelyon",
        summary="Whether a patch of a lymph node has a tumour, in a hospital that was never seen in training.",
        licence="CC0.",
        citation="Bandi et al., IEEE TMI 2018; Koh et al., WILDS, ICML 2021 (arXiv 2012.07421)",
        full=tuple(f"Hospital {number}" for number in range(5)),
    ),
    "WILDSFMoW": Card(
        title="WILDSFMoW",
        summary="What buildings and land are used for, in a part of the world that was never seen in training.",
        licence="Functional Map of the World Challenge Public License.",
        citation="Christie et al., CVPR 2018; Koh et al., WILDS, ICML 2021 (arXiv 2012.07421)",
        full=tuple(f"Region {number}" for number in range(6)),
    ),
    **{dataset.name: _spawrious(dataset.name) for dataset in SPAWRIOUS},
    **{
        f"Debug{pixels}": Card(
            title=f"Debug{pixels}",
            summary=f"Noise of {pixels} x {pixels} pixels with labels by chance: nothing can be learned from it.",
            licence="CC0.",
            citation="The data set is DomainBed's, to try its scripts",
        )
        for pixels in (28, 224)
    },
    "ColoredFashion": Card(
        title="ColoredFashion",
        summary="ColoredMNIST's rules over articles of clothing.",
        licence="MIT.",
        citation=_FASHION,
    ),
    "RotatedFashion": Card(
        title="RotatedFashion",
        summary="RotatedMNIST's rules over articles of clothing.",
        licence="MIT.",
        citation=_FASHION,
        full=("0 degrees", "15 degrees", "30 degrees", "45 degrees", "60 degrees", "75 degrees"),
    ),
    "Styles": Card(
        title="Drawing styles",
        summary="Fourteen classes in a style, and of concepts, that were never seen in training.",
        licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
        citation="The data set is ours: docs/benchmarks/domainbed-data.md",
        full=("EmojiOne", "Fluent", "Noto", "OpenMoji", "Photographs", "Symbola", "Twemoji"),
    ),
}


def benchmark(dataset: DataSet) -> Benchmark:
    """The benchmark of a data set."""
    card = CARDS[dataset.name]
    return Benchmark(
        name=dataset.benchmark,
        version="1",
        family=TaskFamily.DOMAIN_GENERALIZATION,
        title=f"DomainBed: {card.title}",
        summary=card.summary,
        description=_description(dataset),
        pack=dataset.pack,
        train_set=None,
        domains=_domains(dataset, card),
        metrics=tuple(RULES.values()),
        columns=_columns(dataset),
        tracks=(OPEN, IMAGENET, SCRATCH),
        plan=DomainBed(dataset, titles=card.full or dataset.environments),
        licence=card.licence,
        citations=(PAPER, card.citation),
    )


def _domains(dataset: DataSet, card: Card) -> tuple[Domain, ...]:
    titles, names = card.full or dataset.environments, dataset.environments
    return tuple(
        Domain(name=names[number], title=titles[number], role="shift", set=names[number]) for number in dataset.tested
    )


def _columns(dataset: DataSet) -> tuple[Column, ...]:
    """For each rule the average and then every environment; the first of all is the headline."""
    found = []
    for rule, metric in RULES.items():
        behind = "" if rule == "iid" else f", {SHORT_TITLES[rule]}"
        found.append(Column(metric=metric.name, domain="shifts", title=f"Average{behind}"))
        tested = [dataset.environments[number] for number in dataset.tested]
        found += [Column(metric=metric.name, domain=e, title=f"{e}{behind}") for e in tested]
    return tuple(found)


def _description(dataset: DataSet) -> str:
    """What the protocol does, for the benchmark's page."""
    turns = (
        f"Train on all environments but one, predict the one that was held out; {len(dataset.environments)} "
        "environments take turns."
        if not dataset.held_out
        else "Train on two environments, predict a third, which alone is ever held out."
    )
    return (
        f"{turns} By DomainBed's protocol: each environment is split 80/20, training sees the larger "
        "part, and every checkpoint predicts both parts of all environments. No label of a held-out environment "
        "reaches the method. Which checkpoint and which hyperparameters count is decided afterwards, by a selection "
        "rule that stands beside each figure; boards rank by training-domain validation. The figure behind +/- is the "
        "standard error over trials. Tiers say how much of the sweep was run, and are never ranked together. As in "
        "DomainBed, a method that predicts from a batch, and says so, gets batches of at most 64 images of one "
        "environment's split, and a run that diverges goes on to its end. A network that starts without the weights of "
        "ImageNet, which DomainBed's have, is labelled."
    )


DOMAINBED: tuple[Benchmark, ...] = tuple(benchmark(dataset) for dataset in DATASETS)
