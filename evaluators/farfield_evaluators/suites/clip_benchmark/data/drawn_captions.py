"""The pack of drawings with captions: shipped pictures of three techniques, written in CLIP_benchmark's layout.

A caption is made of what the index calls a picture and of how its artists draw.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import Shown, read_shown
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.data import webdataset
from farfield_evaluators.suites.clip_benchmark.data.captions import import_captions
from farfield_evaluators.suites.clip_benchmark.data.drawings import Labelled, write_split
from farfield_evaluators.suites.clip_benchmark.drawings import DESCRIBED, TECHNIQUES


def import_described(packs: Path) -> Pack:
    """Build the pack `clip-benchmark/drawings-captions`. Raises PackError when the images are not installed."""
    shown = [each for each in read_shown(demo_root()) if each.style in TECHNIQUES]
    with tempfile.TemporaryDirectory() as folder:
        samples = _samples(sorted(shown, key=lambda each: each.rank(DESCRIBED.name)))
        write_split(Path(folder) / TEST, samples, webdataset.LINES)
        return import_captions(DESCRIBED, Path(folder), packs)


def captions_of(style: str, concept: str) -> tuple[str, ...]:
    """Those of a drawing of this style, which the index calls so.

    >>> captions_of("openmoji-outline", "black-cat")
    ('a line drawing of a black cat', 'a black outline of a black cat')
    """
    name = concept.replace("-", " ")
    article = "an" if name[0] in "aeiou" else "a"
    return tuple(text.format(f"{article} {name}") for text in TECHNIQUES[style])


def _samples(shown: list[Shown]) -> Iterator[Labelled]:
    for each in shown:
        lines = "\n".join(captions_of(each.style, each.path.stem))
        yield each.path.suffix[1:], each.path.read_bytes(), lines.encode()
