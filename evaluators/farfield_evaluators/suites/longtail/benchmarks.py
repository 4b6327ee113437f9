"""Long-tailed recognition: few classes have most of the training images, and all classes count alike in the test.

Input: images. Label: a class of the data set. Domain: one test set each, balanced over classes; what shifts between
training and test is how often a class comes up. `longtail/drawings` is
made of the pictures of the distribution `farfield-demo`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain, Track
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.scoring import classification
from farfield_evaluators.scoring.scorer import Scorer
from farfield_evaluators.suites.longtail import metrics, scoring
from farfield_evaluators.suites.longtail.shots import BUCKETS, SMALL, Convention
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

TEST = "test"
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


@dataclass(frozen=True, kw_only=True)
class _Data:
    """What a benchmark runs on, and who may enter."""

    pack: str
    test_set: str = TEST
    has_val: bool = True
    tracks: tuple[Track, ...] = (OPEN, SCRATCH)


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
        domains=(Domain(name=TEST, title="Test", role="shift", set=data.test_set),),
        metrics=tuple(given.values()),
        scorers=tuple(scorers),
        columns=tuple(columns),
        tracks=data.tracks,
        aggregates=(),
        groups=groups,
    )


def _by_shots(said: _Said, data: _Data, conventions: Sequence[Convention], headline: str = ACCURACY.name) -> Benchmark:
    """A benchmark with a column for each bucket of each convention. headline: the metric it is ranked by."""
    by_shots = (scorer for convention in conventions for scorer in scoring.by_shots(convention))
    scorers: tuple[Scorer, ...] = (*_PLAIN, *by_shots)
    titles = {ACCURACY.name: "All"} | {
        metrics.bucket_accuracy(convention, bucket).name: f"{bucket.capitalize()} ({convention.sign(bucket)})"
        for convention in conventions
        for bucket in BUCKETS
    }
    ordered = {headline: titles[headline]} | titles
    columns = [Column(metric=metric, domain=TEST, title=title) for metric, title in ordered.items()]
    return _benchmark(said, data, scorers, columns, tuple(convention.column for convention in conventions))


DRAWINGS = _by_shots(
    _Said(
        name="longtail/drawings",
        title="Drawings, long-tailed",
        summary="Fourteen classes of drawings, of which few have most of the training pictures.",
        description="The classes' training pictures shrink by the same factor from class to class. "
        f"{_BUCKETS_SAY} The board is ranked by few-shot accuracy; validation and test sets are balanced.",
        licence="Images: CC BY 4.0, CC BY-SA 4.0, Apache-2.0, MIT and GPL-2, by source.",
        citations=(
            "Cui et al., Class-Balanced Loss Based on Effective Number of Samples, CVPR 2019 (arXiv 1901.05555)",
        ),
    ),
    _Data(pack="longtail-drawings", tracks=(OPEN, IMAGENET, SCRATCH)),
    (SMALL,),
    headline=metrics.bucket_accuracy(SMALL, "few").name,
)
LONG_TAILS: tuple[Benchmark, ...] = (DRAWINGS,)
