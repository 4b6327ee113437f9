"""The boards of CLIP_benchmark's data sets of images with captions: recall of images by captions, and the reverse.

Input: images, and the captions of all of them. Label: which captions are an image's. Domain: the test split, Karpathy's
(Karpathy and Fei-Fei, CVPR 2015). Protocol: LAION-AI/CLIP_benchmark 48de38c, zeroshot_retrieval. Licence: each data
set's own. Every recall of CLIP_benchmark's own results is a whole number of these images or captions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.scoring.retrieval import IMAGE_RECALL, KS, RECALLS, TEXT_RECALL
from farfield_evaluators.suites.clip_benchmark.benchmarks import CODE, PAPER, TEST
from farfield_evaluators.suites.clip_benchmark.datasets import SUITE
from farfield_evaluators.tracks import OPEN, SCRATCH

HEADLINE = 5  # the k that CLIP_benchmark's results have
RETRIEVAL = (
    "All captions are told, each text once, in an order that says nothing. A method embeds each caption and each image "
    "by itself, and "
    "the cosines of embeddings rank images for a caption and captions for an image. A caption is a hit at k where its "
    "image is among the first k, and an image where any of its captions is. Nothing is given to learn from."
)


@dataclass(frozen=True, kw_only=True)
class CaptionSet:
    """key: what CLIP_benchmark calls it. images, captions: how many its test split has.

    files: what the names of its files of captions begin with, where it is read from such; images_in: the folder of its
    images beside these.
    """

    key: str
    title: str
    what: str
    images: int
    captions: int
    paper: str
    files: str = ""
    images_in: str = ""

    @property
    def name(self) -> str:
        """The board's and the pack's."""
        return f"{SUITE}/{self.key.replace('_', '-')}"


_KARPATHY = "Karpathy and Fei-Fei, Deep Visual-Semantic Alignments, CVPR 2015: the test split"
CAPTION_SETS: Sequence[CaptionSet] = (
    CaptionSet(
        key="mscoco_captions",
        title="COCO captions",
        what="Photographs and what people wrote of them",
        images=5_000,
        captions=25_010,
        paper="Chen et al., Microsoft COCO Captions, 2015 (arXiv 1504.00325)",
        files="coco",
        images_in="val2014",
    ),
    CaptionSet(
        key="flickr30k",
        title="Flickr30k",
        what="Photographs of people and what others wrote of them",
        images=1_000,
        captions=5_000,
        paper="Young et al., From image descriptions to visual denotations, TACL 2014",
        files="flickr30k",
    ),
    CaptionSet(
        key="flickr8k",
        title="Flickr8k",
        what="Photographs of people and animals and what others wrote of them",
        images=1_000,
        captions=5_000,
        paper="Hodosh et al., Framing Image Description as a Ranking Task, JAIR 2013",
        files="flickr8k",
    ),
)


def captions_board(dataset: CaptionSet, **said: Any) -> Benchmark:
    """The board of a data set. said: its licence, citations, and what differs from the others."""
    common: dict[str, Any] = {
        "name": dataset.name,
        "version": "1",
        "family": TaskFamily.RETRIEVAL,
        "title": dataset.title,
        "summary": f"{dataset.what}: {dataset.title}, images by captions and captions by images.",
        "description": RETRIEVAL,
        "pack": dataset.name,
        "train_set": None,
        "domains": (Domain(name=TEST, title="Test", role="id", set=TEST),),
        "tracks": (OPEN, SCRATCH),
        "metrics": (*IMAGE_RECALL.values(), *TEXT_RECALL.values()),
        "scorers": RECALLS,
        "columns": tuple(
            Column(metric=metric.name, domain=TEST, title=metric.title)
            for k in (HEADLINE, *(k for k in KS if k != HEADLINE))
            for metric in (IMAGE_RECALL[k], TEXT_RECALL[k])
        ),
    }
    return Benchmark(**{**common, **said})


CAPTIONED = tuple(
    captions_board(dataset, licence="The data set's own terms.", citations=(dataset.paper, _KARPATHY, PAPER, CODE))
    for dataset in CAPTION_SETS
)
