"""The pack `imagenet/mini-c`: the demo's test photographs under eight corruptions of ImageNet-C, made at import.

A photograph is resized to 256 pixels on its shorter side, cropped to 224 x 224, corrupted and stored as JPEG at quality
85, as the release was made. The noise is seeded by the photograph's content, the corruption and the severity.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from farfield.method import Images
from farfield.runtime.images import preprocess
from farfield_evaluators.data.contents import Item
from farfield_evaluators.data.demo import demo_root, demo_source
from farfield_evaluators.data.encoded import clean, read_image
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Example, Pack, Placed, Source, build
from farfield_evaluators.suites.imagenet.data.corruptions import CORRUPTIONS, SEVERITIES, as_jpeg, as_picture, corrupted

NAME = "imagenet/mini-c"
PREPARATION = Images(size=224, resize=256, interpolation="bilinear")
QUALITY = 85
KEPT = ("id/train", "id/test")


@dataclass(frozen=True, kw_only=True)
class Corrupted(Placed):
    """A photograph under a corruption; the severity is its domain."""

    path: Path
    corruption: str
    label: int
    domain: int
    order: int = 0

    @property
    def set(self) -> str:
        return f"c/{self.corruption}"

    def stored(self) -> bytes:
        encoded = read_image(self.path)
        pixels = preprocess(encoded, PREPARATION)
        seed = hashlib.sha256(encoded + f"{self.corruption} {self.domain}".encode()).digest()[:4]
        draws = np.random.RandomState(int.from_bytes(seed, "big"))
        return clean(as_jpeg(as_picture(corrupted(pixels, self.corruption, self.domain, draws)), QUALITY))

    def where(self) -> str:
        return f"{self.path}, {self.corruption} at severity {self.domain}"


def import_mini_c(packs: Path) -> Pack:
    """Make the pack, or return it when it is there. Raises PackError when the demo's images are not installed."""
    return build(mini_c_source(demo_root()), packs)


def mini_c_source(root: Path) -> Source:
    """The source made of the photographs in `root`."""
    demo = demo_source(root)
    photographs = [e for i in range(len(demo.examples)) if isinstance(e := demo.examples[i], Example) and e.set in KEPT]
    tested = [e for e in photographs if e.set == "id/test"]
    return Source(
        name=NAME,
        title="Photographs under eight corruptions at five severities",
        licence="GPL-2.0-only, as the photographs; see the distribution's LICENSES.md",
        classes=demo.classes,
        domains=("photographs", *(f"severity {s}" for s in SEVERITIES)),
        examples=Joined([[replace(e, domain=0) for e in photographs], list(_all_corrupted(tested))]),
        prepared=tuple((f"c/{name}", PREPARATION.size) for name in sorted(CORRUPTIONS)),
    )


def _all_corrupted(photographs: Sequence[Example]) -> Iterator[Item]:
    for name in CORRUPTIONS:
        for severity in SEVERITIES:
            for photograph in photographs:
                yield Corrupted(path=photograph.path, corruption=name, label=photograph.label, domain=severity)
