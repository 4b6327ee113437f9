"""XTD10: a thousand photographs with a caption each, in eleven languages. A language is a domain, with its own search.

Input: images, and the captions of all of them in all languages. Label: which caption is an image's. Protocol:
LAION-AI/CLIP_benchmark 48de38c, zeroshot_retrieval in one language after the other. Licence: the data set's own.
CLIP_benchmark lists the same images and captions as `multilingual_mscoco_captions`, too.
"""

from collections.abc import Mapping

from farfield_evaluators.benchmark import Column, Domain
from farfield_evaluators.scoring.retrieval import IMAGE_RECALL, KS, TEXT_RECALL
from farfield_evaluators.suites.clip_benchmark.benchmarks import CODE
from farfield_evaluators.suites.clip_benchmark.captions import HEADLINE, CaptionSet, captions_board

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "jp": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "ru": "Russian",
    "tr": "Turkish",
    "zh": "Chinese",
}
"""As its files are named."""
IN_LANGUAGES = CaptionSet(
    key="xtd10",
    title="XTD10, eleven languages",
    what="Photographs and captions in eleven languages",
    images=1_000,
    captions=1_000,
    paper="Aggarwal and Kale, Towards Zero-shot Cross-lingual Image Retrieval, 2020 (arXiv 2012.05107)",
)
_OTHERS = tuple(k for k in KS if k != HEADLINE)
XTD10 = captions_board(
    IN_LANGUAGES,
    licence="The data set's own terms.",
    citations=(IN_LANGUAGES.paper, CODE),
    domains=tuple(Domain(name=name, title=title, role="id", set=name) for name, title in LANGUAGES.items()),
    columns=(
        *(
            Column(metric=metric.name, domain="id", title=f"{metric.title}, mean")
            for k in (HEADLINE, *_OTHERS)
            for metric in (IMAGE_RECALL[k], TEXT_RECALL[k])
        ),
        *(Column(metric=IMAGE_RECALL[HEADLINE].name, domain=name, title=title) for name, title in LANGUAGES.items()),
    ),
)
