"""The pack of XTD10: the files of its authors' repository beside the images of COCO that they name.

    <root>/test_image_names.txt, or <root>/XTD10/test_image_names.txt        a name a line
    <root>/test_1kcaptions_en.txt, ..., or in <root>/XTD10, MIC and STAIR    a caption a line, in the same order
    <root>/images/COCO_val2014_000000436508.jpg

Each image is in the pack once, and an example of every language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield_evaluators.captions import CAPTIONS, COLUMN, encoded, problems_of
from farfield_evaluators.data.encoded import read_image
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.packs import Pack, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, not_official
from farfield_evaluators.suites.clip_benchmark.data.caption_files import IMAGES_IN, inside, read_with
from farfield_evaluators.suites.clip_benchmark.languages import IN_LANGUAGES, LANGUAGES

PLACES = (".", "XTD10", "MIC", "STAIR")
NAMES, TEXTS = "test_image_names.txt", "test_1kcaptions_{}.txt"


@dataclass(frozen=True, kw_only=True)
class _Example:
    """An image with its caption in one language."""

    path: Path
    language: str
    caption: str

    @property
    def columns(self) -> Mapping[str, Any]:
        domain = list(LANGUAGES).index(self.language)
        return {"set": self.language, "domain": domain, CAPTIONS: encoded([self.caption])}

    def stored(self) -> bytes:
        return read_image(self.path)

    def where(self) -> str:
        return str(self.path)


def import_xtd10(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`. Raises PackError for a file that is missing, ImportProblems naming all that is wrong.

    subset: take another number of images, the same in every language.
    """
    names = _lines(path, NAMES)
    told = {language: _lines(path, TEXTS.format(language)) for language in LANGUAGES}
    missing = (
        [] if len(names) == IN_LANGUAGES.images else [not_official("{} images", len(names), (IN_LANGUAGES.images,))]
    )
    problems = [
        f"{TEXTS.format(language)}: {len(texts):,} captions of {len(names):,} images"
        for language, texts in told.items()
        if len(texts) != len(names)
    ]
    examples = [
        _Example(path=inside(path / IMAGES_IN, name), language=language, caption=text)
        for language, texts in told.items()
        for name, text in zip(names, texts, strict=False)
    ]
    problems += problems_of({f"{each.language} {each.where()}": [each.caption] for each in examples})
    problems += [] if subset else missing
    if problems or not names:
        raise ImportProblems(path, IN_LANGUAGES.name, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    source = Source(
        name=IN_LANGUAGES.name,
        title=IN_LANGUAGES.title,
        licence="the data set's own terms",
        classes=(),
        domains=tuple(LANGUAGES.values()),
        examples=examples,
        release="subset" if missing else "official",
        official=not missing,
        columns=(COLUMN,),
        once=True,
    )
    return build_or_explain(source, packs, path)


def _lines(root: Path, name: str) -> list[str]:
    found = next((root / place / name for place in PLACES if (root / place / name).is_file()), None)
    if found is None:
        raise PackError(f"{root}: {name} is neither there nor in {', '.join(PLACES[1:])}")
    return read_with(found, str.splitlines)
