"""The pictures of one run, made outside the sandbox after it was scored."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from farfield.runtime.images import open_image
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.pictures.about import About
from farfield_evaluators.pictures.drawing import layer, scale_of, scaled, small, webp
from farfield_evaluators.pictures.objects import Arrays, Shown, detected, there
from farfield_evaluators.pictures.samples import by_chance, samples_of
from farfield_evaluators.scoring.classification import LOGITS

if TYPE_CHECKING:
    from PIL.Image import Image

IMAGE, SAID, TRUTH = "image", "said", "truth"
LAYERS = (IMAGE, SAID, TRUTH)
PICTURES = 6


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A layer of a picture, which is called by its place from 0 on: WebP, its size in pixels, and what it shows.

    `about` is of the image itself, and None of what lies over it.
    """

    place: int
    layer: str
    content: bytes = field(repr=False)
    width: int
    height: int
    words: str
    about: About | None = None


def pictures_of(benchmark: Benchmark, pack: Pack, truth: Truth, arrays: Arrays) -> Iterator[Picture]:
    """Test images with what a run said of them, and with what is right where the benchmark shows that.

    Of detectors up to PICTURES, the same for every entry, with layers; of others see `samples_of`. None of a benchmark
    that shows no images. arrays: the outputs of the run, in the order of `truth`.
    """
    if not benchmark.shows or truth.positions is None:
        return
    names = [each.name for each in pack.classes]
    if LOGITS not in arrays:
        yield from _of_objects(benchmark, pack, truth, arrays, names)
        return
    for place, about in enumerate(samples_of(benchmark, truth, arrays, names, pack.fingerprint)):
        yield _image(place, small(_read(pack, about.example)), about)


def _of_objects(
    benchmark: Benchmark, pack: Pack, truth: Truth, arrays: Arrays, names: Sequence[str]
) -> Iterator[Picture]:
    positions: list[int] = truth.positions.tolist() if truth.positions is not None else []
    for place, row in enumerate(by_chance(positions, pack.fingerprint)[:PICTURES]):
        domain = benchmark.domains[int(truth.domains[row])].name
        image, position = _read(pack, positions[row]), positions[row]
        (width, height), scale = image.size, scale_of(*image.size)
        shown = scaled(image)
        yield _image(place, shown, About(domain=domain, example=position))
        layers = {SAID: detected(arrays, row, height, width)}
        if benchmark.shows == TRUTH:
            layers[TRUTH] = there(pack, position, height, width)
        for name, objects in layers.items():
            drawn = webp(layer(shown.size, scale, objects, names), lossless=True)
            yield _picture(place, name, drawn, shown.size, in_words(objects, names))


def _read(pack: Pack, position: int) -> "Image":
    with pack.blob.open("rb") as blob:
        start, end = pack.spans[position].tolist()
        blob.seek(start)
        return open_image(blob.read(end - start)).convert("RGB")


def _image(place: int, image: "Image", about: About) -> Picture:
    return replace(_picture(place, IMAGE, webp(image), image.size, "test image"), about=about)


def _picture(place: int, name: str, content: bytes, size: tuple[int, int], words: str) -> Picture:
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
