"""The pack of a data set of images with captions: its test split, as a webdataset or as CLIP_benchmark reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from farfield_evaluators.captions import CAPTIONS, COLUMN, encoded, problems_of
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.packs import Pack, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, not_official
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.captions import CaptionSet
from farfield_evaluators.suites.clip_benchmark.data import caption_files, webdataset


class Captioned(Protocol):
    """An image of a split with its captions."""

    @property
    def captions(self) -> tuple[str, ...]: ...
    def stored(self) -> bytes: ...
    def where(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class _Example:
    sample: Captioned

    @property
    def columns(self) -> Mapping[str, Any]:
        return {"set": TEST, CAPTIONS: encoded(self.sample.captions)}

    def stored(self) -> bytes:
        return self.sample.stored()

    def where(self) -> str:
        return self.sample.where()


def import_captions(dataset: CaptionSet, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the folder with the webdataset's `test` in it, or with the images and the file of their captions.

    subset: take other numbers of images and captions than the data set has; its pack says that it is not the official
    data. Raises PackError for a folder of another layout, ImportProblems naming all that is wrong otherwise.
    """
    samples = read_captions(dataset, path)
    held = {"images": len(samples), "captions": sum(len(sample.captions) for sample in samples)}
    official = {"images": dataset.images, "captions": dataset.captions}
    beyond = [not_official(f"{TEST}: {{}} {what}", held[what], (official[what],)) for what in held]
    missing = [text for what, text in zip(held, beyond, strict=True) if held[what] != official[what]]
    problems = problems_of({sample.where(): sample.captions for sample in samples})
    problems += [] if subset else missing
    if problems or not samples:
        raise ImportProblems(path, dataset.name, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    source = Source(
        name=dataset.name,
        title=dataset.title,
        licence="the data set's own terms",
        classes=(),
        domains=(dataset.key,),
        examples=tuple(_Example(sample=sample) for sample in samples),
        release="subset" if missing else "official",
        official=not missing,
        columns=(COLUMN,),
    )
    return build_or_explain(source, packs, path)


def read_captions(dataset: CaptionSet, path: Path) -> Sequence[Captioned]:
    """The images of the test split, in either layout. Raises PackError for another."""
    if (path / TEST / webdataset.SHARDS).is_file():
        return webdataset.read_captioned(path / TEST)
    return caption_files.read_split(path, dataset)
