"""The pictures of one run, made outside the sandbox after it was scored. The same test images for every entry."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from farfield.runtime.images import open_image
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.pictures.drawing import layer, scale_of, scaled, webp
from farfield_evaluators.pictures.objects import Arrays, Shown, detected, there

IMAGE, SAID, TRUTH = "image", "said", "truth"
LAYERS = (IMAGE, SAID, TRUTH)
PICTURES = 6


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A layer of a picture, which is called by its place from 0 on: WebP, its size in pixels, and what it shows."""

    place: int
    layer: str
    content: bytes = field(repr=False)
    width: int
    height: int
    words: str


def pictures_of(benchmark: Benchmark, pack: Pack, truth: Truth, arrays: Arrays) -> Iterator[Picture]:
    """Up to PICTURES test images with what a run detected, and what is there where the benchmark shows that.

    None of a benchmark that shows no images. arrays: the outputs of the run, in the order of `truth`.
    """
    if not benchmark.shows or truth.positions is None:
        return
    rows = {int(position): row for row, position in enumerate(truth.positions)}
    names = [each.name for each in pack.classes]
    for place, position in enumerate(_chosen(pack, list(rows))):
        yield from _picture(benchmark, pack, arrays, names, (place, position, rows[position]))


def _chosen(pack: Pack, positions: Sequence[int]) -> list[int]:
    """Which test images are shown: chance, and the same for every run on the pack."""
    order = sorted(positions, key=lambda at: hashlib.sha256(f"{pack.fingerprint}:{at}".encode()).digest())
    return order[:PICTURES]


def _picture(
    benchmark: Benchmark, pack: Pack, arrays: Arrays, names: Sequence[str], which: tuple[int, int, int]
) -> Iterator[Picture]:
    place, position, row = which
    with pack.blob.open("rb") as blob:
        start, end = pack.spans[position].tolist()
        blob.seek(start)
        image = open_image(blob.read(end - start)).convert("RGB")
    shown, scale = scaled(image), scale_of(*image.size)
    (width, height), size = image.size, shown.size
    yield _made(place, IMAGE, webp(shown), size, "test image")
    said = detected(arrays, row, height, width)
    yield _made(place, SAID, webp(layer(size, scale, said, names), lossless=True), size, in_words(said, names))
    if benchmark.shows == TRUTH:
        right = there(pack, position, height, width)
        yield _made(place, TRUTH, webp(layer(size, scale, right, names), lossless=True), size, in_words(right, names))


def _made(place: int, name: str, content: bytes, size: tuple[int, int], words: str) -> Picture:
    return Picture(place=place, layer=name, content=content, width=size[0], height=size[1], words=words)


def in_words(objects: Sequence[Shown], names: Sequence[str]) -> str:
    """What a layer shows, for whoever does not see it: classes with how many of each, or their scores.

    >>> in_words([Shown(box=(0, 0, 1, 1), label=1), Shown(box=(0, 0, 1, 1), label=1)], ["cat", "dog"])
    '2 dog'
    >>> in_words([Shown(box=(0, 0, 1, 1), label=0, score=0.5)], ["cat", "dog"])
    'cat 0.50'
    >>> in_words([], [])
    'nothing'
    """
    scored = [f"{names[each.label]} {each.score:.2f}" for each in objects if each.score is not None]
    counted = Counter(names[each.label] for each in objects if each.score is None)
    return ", ".join([*scored, *(f"{count} {name}" for name, count in counted.items())]) or "nothing"
