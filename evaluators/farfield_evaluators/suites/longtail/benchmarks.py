"""Long-tailed recognition: few classes have most of the training images, and all classes count alike in the test.

Input: images. Label: a class of the data set. Domain: one test set each, balanced over classes; what shifts between
training and test is how often a class comes up, and in GLT's protocols how often an attribute does within a class.
Sources: Liu et al. (OLTR), CVPR 2019, for ImageNet-LT and Places-LT; Van Horn et al., CVPR 2018, for iNaturalist;
Tang et al., ECCV 2022, for GLT. Data are the operator's copies of the releases; `longtail/drawings` is made of the
pictures of the distribution `farfield-demo`. Licences are the releases' own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain, Plot, Track
from farfield_evaluators.citations import IMAGENET_TERMS
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.plans.trials import SINGLE_RUNS, Trials
from farfield_evaluators.run_plan import RunPlan
from farfield_evaluators.scoring import classification
from farfield_evaluators.scoring.scorer import Scorer
from farfield_evaluators.suites.longtail import metrics, scoring
from farfield_evaluators.suites.longtail.shots import BUCKETS, CONVENTIONS, SMALL, Convention
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

TEST = "test"
_OLTR = "Liu et al., Large-Scale Long-Tailed Recognition in an Open World, CVPR 2019 (arXiv 1904.05160)"
_DECOUPLING = (
    "Kang et al., Decoupling Representation and Classifier for Long-Tailed Recognition, ICLR 2020 (arXiv 1910.09217)"
)
_GLT = (
    "Tang et al., Invariant Feature Learning for Generalized Long-Tailed Classification, ECCV 2022 (arXiv 2207.09504)"
)
_INAT = "Van Horn et al., The iNaturalist Species Classification and Detection Dataset, CVPR 2018 (arXiv 1707.06642)"
_PLAIN = (classification.ACCURACY, classification.CLASS_ACCURACY)
_BUCKETS_SAY = (
    "Training images per class decide which classes are many-shot, medium-shot and few-shot; the figure of a bucket is "
    "the mean of its classes' accuracies, and the rule stands in the metric's name because publications have two."
)


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What of a benchmark is no protocol."""

    name: str
    title: str
    summary: str
    description: str
    licence: str
    citations: tuple[str, ...]
    shows: Literal["", "truth"] = ""
    plan: RunPlan = SINGLE_RUNS


@dataclass(frozen=True, kw_only=True)
class _Data:
    """What a benchmark runs on, and who may enter."""

    pack: str
    test_set: str = TEST
    has_val: bool = True
    tracks: tuple[Track, ...] = (OPEN, SCRATCH)
    credit: str = ""


def _benchmark(
    said: _Said, data: _Data, scorers: Sequence[Scorer], columns: Sequence[Column], groups: tuple[str, ...]
) -> Benchmark:
    given = {metric.name: metric for scorer in scorers for metric in scorer.gives}
    return Benchmark(
        **vars(said),
        version="1",
        family=TaskFamily.CLASSIFICATION,
        pack=data.pack,
        train_set="train",
        parts={"val": "val"} if data.has_val else {},
        domains=(Domain(name=TEST, title="Test", role="shift", set=data.test_set, credit=data.credit),),
        metrics=tuple(given.values()),
        scorers=tuple(scorers),
        columns=tuple(columns),
        tracks=data.tracks,
        aggregates=(),
        groups=groups,
    )


def _by_shots(
    said: _Said,
    data: _Data,
    conventions: Sequence[Convention],
    headline: str = ACCURACY.name,
    further: tuple[Scorer, ...] = (),
) -> Benchmark:
    """A benchmark with a column for each bucket of each convention. headline: the metric it is ranked by."""
    by_shots = (scorer for convention in conventions for scorer in scoring.by_shots(convention))
    scorers: tuple[Scorer, ...] = (*_PLAIN, *by_shots, *further)
    titles = {ACCURACY.name: "All"} | {
        metrics.bucket_accuracy(convention, bucket).name: f"{bucket.capitalize()} ({convention.sign(bucket)})"
        for convention in conventions
        for bucket in BUCKETS
    }
    ordered = {headline: titles[headline]} | titles
    columns = [Column(metric=metric, domain=TEST, title=title) for metric, title in ordered.items()]
    groups = tuple(convention.column for convention in conventions)
    plots = tuple(_all_against_few(convention, titles) for convention in conventions)
    return replace(_benchmark(said, data, scorers, columns, groups), plots=plots)


def _all_against_few(convention: Convention, titles: Mapping[str, str]) -> Plot:
    few = metrics.bucket_accuracy(convention, "few").name
    return Plot(
        x=Column(metric=ACCURACY.name, domain=TEST, title=titles[ACCURACY.name]),
        y=Column(metric=few, domain=TEST, title=titles[few]),
        title=f"All classes against few-shot ones ({convention.sign('few')})",
        equal="Equal figures: the further below this line, the worse are the few-shot classes than all.",
    )


IMAGENET_LT = _by_shots(
    _Said(
        name="longtail/imagenet-lt",
        title="ImageNet-LT",
        summary="1000 classes with 5 to 1,280 training images, tested on ImageNet's validation set.",
        description=f"{_BUCKETS_SAY} Settings are chosen on the balanced validation list, which `fit` may ask for.",
        licence=IMAGENET_TERMS.strip(),
        citations=(_OLTR, _DECOUPLING),
    ),
    _Data(pack="longtail-imagenet-lt"),
    CONVENTIONS,
)
PLACES_LT = _by_shots(
    _Said(
        name="longtail/places-lt",
        title="Places-LT",
        summary="365 kinds of places with 5 to 4,980 training images, tested on 100 of each.",
        description=f"{_BUCKETS_SAY} Settings are chosen on the balanced validation list, which `fit` may ask for.",
        licence="Places' terms: non-commercial research and education.",
        citations=(_OLTR, _DECOUPLING, "Zhou et al., Places: A 10 Million Image Database, TPAMI 2018"),
    ),
    _Data(pack="longtail-places-lt", tracks=(OPEN, IMAGENET, SCRATCH)),
    CONVENTIONS,
)
INATURALIST = _by_shots(
    _Said(
        name="longtail/inaturalist18",
        title="iNaturalist 2018",
        summary="8,142 species as people photograph them, tested on three photographs of each.",
        description=f"{_BUCKETS_SAY} The release's validation set is the test set, as publications have it; there is "
        "no other set to choose settings on, so what is chosen is chosen on a part of the training set.",
        licence="iNaturalist 2018's terms: non-commercial research; photographs have their owners' licences.",
        citations=(_INAT, _DECOUPLING),
    ),
    _Data(pack="longtail-inaturalist18", tracks=(OPEN, IMAGENET, SCRATCH), has_val=False),
    CONVENTIONS,
)
DRAWINGS = _by_shots(
    _Said(
        name="longtail/drawings",
        title="Drawings, long-tailed",
        summary="Fourteen classes of drawings, of which few have most of the training pictures.",
        description="The classes' training pictures shrink by the same factor from class to class. "
        f"{_BUCKETS_SAY} The board is ranked by few-shot accuracy; validation and test sets are balanced.",
        licence=attribution.licence_line(attribution.DRAWINGS),
        citations=(
            "Cui et al., Class-Balanced Loss Based on Effective Number of Samples, CVPR 2019 (arXiv 1901.05555)",
        ),
        shows="truth",
        plan=Trials(),
    ),
    _Data(pack="longtail-drawings", tracks=(OPEN, IMAGENET, SCRATCH), credit=attribution.DRAWINGS),
    (SMALL,),
    headline=metrics.bucket_accuracy(SMALL, "few").name,
    further=(scoring.BY_CLASS,),
)

_PROTOCOLS = {
    "iid": (
        "generalised",
        "The test set is drawn of what training is drawn of (Test-GLT): its classes and attributes are as long-tailed.",
    ),
    "clt": (
        "class-wise",
        "Training and test have the same attributes within a class; only how often a class comes up differs.",
    ),
    "glt": (
        "generalised",
        "Both how often a class comes up and how often an attribute does within it differ between training and test.",
    ),
    "alt": (
        "attribute-wise",
        "Classes have as many training images; only how often an attribute comes up within a class differs.",
    ),
}


_TITLES = {"iid": "tested as trained"}


@dataclass(frozen=True, kw_only=True)
class _GltData:
    """One of GLT's data sets: what its images are, and the metrics of its buckets."""

    name: str
    title: str
    images: str
    attributes: str
    licence: str
    ranked: Mapping[str, metrics.Ranked]
    tracks: tuple[Track, ...] = (OPEN, SCRATCH)


_IMAGENET_GLT = _GltData(
    name="imagenet",
    title="ImageNet-GLT",
    images="Images of ImageNet",
    attributes="Attributes are clusters of a network's features within a class; no method is told them. All images are "
    "of ImageNet's training set.",
    licence=IMAGENET_TERMS.strip(),
    ranked=metrics.RANKED,
)
_COCO_GLT = _GltData(
    name="coco",
    title="MSCOCO-GLT",
    images="Objects cut out of COCO's images",
    attributes="Attributes are those of COCO Attributes, of which an object has several: 0 to 2 are the thirds of a "
    "set by how frequent an object's attributes are in its class. No method is told them.",
    licence="COCO's terms: annotations CC BY 4.0; the images are Flickr's users' and have their licences.",
    ranked=metrics.RANKED_OF_COCO,
    tracks=(OPEN, IMAGENET, SCRATCH),
)


def _glt(data: _GltData, protocol: str, pack: str, test_set: str) -> Benchmark:
    kind, differs = _PROTOCOLS[protocol]
    said = _Said(
        name=f"longtail/glt-{data.name}-{protocol}",
        title=f"{data.title}, {_TITLES.get(protocol, kind)} ({protocol.upper()})",
        summary=f"{data.images} under a {kind} long tail, scored by accuracy and precision.",
        description=f"{differs} {data.attributes} Buckets are by the classes' rank in size.",
        licence=data.licence,
        citations=(_GLT,),
    )
    ranked = [
        Column(metric=metric.name, domain=TEST, title=metric.title)
        for each in data.ranked.values()
        for metric in (each.accuracy, each.precision)
    ]
    columns = [
        Column(metric=ACCURACY.name, domain=TEST, title="Accuracy"),
        Column(metric=metrics.PRECISION.name, domain=TEST, title="Precision"),
        Column(metric=metrics.F1.name, domain=TEST, title="F1"),
        *(ranked if protocol != "alt" else ()),  # all classes of its training set are of one size
    ]
    own: tuple[Scorer, ...] = (scoring.PRECISION, scoring.F1, scoring.BY_ATTRIBUTE)
    scorers: tuple[Scorer, ...] = (*_PLAIN, *own, *scoring.by_frequency(data.ranked))
    groups = (scoring.FREQUENCY, scoring.ATTRIBUTE)
    return _benchmark(said, _Data(pack=pack, test_set=test_set, tracks=data.tracks), scorers, columns, groups)


GLT_LT, GLT_BL, GLT_IID = (f"longtail-glt-imagenet-{name}" for name in ("lt", "bl", "iid"))
COCO_LT, COCO_BL = (f"longtail-glt-coco-{name}" for name in ("lt", "bl"))
GLT = (
    _glt(_IMAGENET_GLT, "clt", GLT_LT, "test-bl"),
    _glt(_IMAGENET_GLT, "glt", GLT_LT, "test-bbl"),
    _glt(_IMAGENET_GLT, "alt", GLT_BL, "test-bbl"),
    _glt(_IMAGENET_GLT, "iid", GLT_IID, "test-lt"),
)
COCO_GLT = (
    _glt(_COCO_GLT, "clt", COCO_LT, "test-bl"),
    _glt(_COCO_GLT, "glt", COCO_LT, "test-bbl"),
    _glt(_COCO_GLT, "alt", COCO_BL, "test-bbl"),
    _glt(_COCO_GLT, "iid", COCO_LT, "test-lt"),
)
LONG_TAILS: tuple[Benchmark, ...] = (DRAWINGS, IMAGENET_LT, PLACES_LT, INATURALIST, *GLT, *COCO_GLT)
