"""SugarCrepe and Winoground: captions that differ in a word or in the order of words, told apart by embeddings.

Input: images, and a few captions of each. Label: which caption is right. Domain: a way of making wrong captions, or the
test set. Protocol: LAION-AI/CLIP_benchmark 48de38c, image_caption_selection. Licence: each data set's own.
Numbers: of SugarCrepe's paper, table 2; `swap_obj` has lost one in the release since. Winoground has 400 pairs.
"""

from collections.abc import Mapping
from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.scoring.selection import (
    GROUP_SCORE,
    IMAGE_SCORE,
    SCORES_OF_PAIRS,
    SELECTION,
    TEXT_ACCURACY,
    TEXT_SCORE,
)
from farfield_evaluators.suites.clip_benchmark.benchmarks import CODE, PAPER, TEST
from farfield_evaluators.suites.clip_benchmark.datasets import SUITE
from farfield_evaluators.tracks import OPEN, SCRATCH

CREPE, PAIRS = f"{SUITE}/sugar-crepe", f"{SUITE}/winoground"
CREPE_PAPER = "Hsieh et al., SugarCrepe, NeurIPS 2023 (arXiv 2306.14610)"
PAIRS_PAPER = "Thrush et al., Winoground, CVPR 2022 (arXiv 2204.03162)"
PAIRS_COUNT = 400
CREPE_COUNTS: Mapping[str, tuple[int, ...]] = {
    "add_att": (692,),
    "add_obj": (2_062,),
    "replace_att": (788,),
    "replace_obj": (1_652,),
    "replace_rel": (1_406,),
    "swap_att": (666,),
    "swap_obj": (246, 245),
}
"""How many instances a file of SugarCrepe has, by its name; several numbers where copies differ."""
_TITLES = {"att": "attribute", "obj": "object", "rel": "relation"}
_TOLD = (
    "All captions of all images are told, each text once, in an order that says nothing of which is right; each "
    "caption and each image is embedded by itself. "
)


def set_of(file: str) -> str:
    """The test set of one of SugarCrepe's files.

    >>> set_of("add_att")
    'add-att'
    """
    return file.replace("_", "-")


def _title(file: str) -> str:
    how, _, what = file.partition("_")
    return f"{how.capitalize()} {_TITLES[what]}"


def crepe_board(files: tuple[str, ...], **said: Any) -> Benchmark:
    """The board of some of SugarCrepe's files, ranked by the mean of their accuracies."""
    common: dict[str, Any] = {
        "name": CREPE,
        "version": "1",
        "family": TaskFamily.RETRIEVAL,
        "title": "SugarCrepe",
        "summary": "Photographs, their captions, and fluent captions that differ in one thing: which is right.",
        "description": f"{_TOLD}An image counts where its caption has a higher cosine than the one made of it. "
        "The mean is over the seven ways of making wrong captions. What is tied is wrong.",
        "pack": CREPE,
        "train_set": None,
        "domains": tuple(Domain(name=set_of(f), title=_title(f), role="id", set=set_of(f)) for f in files),
        "tracks": (OPEN, SCRATCH),
        "metrics": (TEXT_ACCURACY,),
        "scorers": SELECTION,
        "columns": (
            Column(metric=TEXT_ACCURACY.name, domain="id", title="Mean"),
            *(Column(metric=TEXT_ACCURACY.name, domain=set_of(f), title=_title(f)) for f in files),
        ),
        "licence": "The data set's own terms.",
        "citations": (CREPE_PAPER, CODE),
    }
    return Benchmark(**{**common, **said})


SUGAR_CREPE = crepe_board(tuple(CREPE_COUNTS))
WINOGROUND = Benchmark(
    name=PAIRS,
    version="1",
    family=TaskFamily.RETRIEVAL,
    title="Winoground",
    summary="Two photographs and two captions of the same words in another order: which belongs to which.",
    description=f"{_TOLD}A pair counts for the text score where both images have a higher cosine with their own "
    "caption, for the image score where both captions have it with their own image, and for the group score where "
    "both hold. What is tied is wrong.",
    pack=PAIRS,
    train_set=None,
    domains=(Domain(name=TEST, title="Test", role="id", set=TEST),),
    metrics=(GROUP_SCORE, TEXT_SCORE, IMAGE_SCORE),
    scorers=SCORES_OF_PAIRS,
    columns=tuple(Column(metric=m.name, domain=TEST, title=m.title) for m in (GROUP_SCORE, TEXT_SCORE, IMAGE_SCORE)),
    tracks=(OPEN, SCRATCH),
    licence="The data set's own terms.",
    citations=(PAIRS_PAPER, PAPER, CODE),
)
