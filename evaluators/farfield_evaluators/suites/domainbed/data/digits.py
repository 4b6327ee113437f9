"""Import of MNIST and of Fashion-MNIST: packs of 70,000 arrays; the environments are made of them for each trial.

An example's place in the source's order is its place in the training file followed by the test file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from farfield_evaluators.data.packs import ArrayExample, Pack, PackClass, PackError, Source, build
from farfield_evaluators.suites.domainbed.data.idx import FILES, IMAGE_SHAPE, read_digits


@dataclass(frozen=True, kw_only=True)
class Digits:
    """One data set of four idx files; `sums` are the MD5 sums of their contents."""

    name: str
    title: str
    licence: str
    classes: tuple[str, ...]
    sums: Mapping[str, str]


MNIST = Digits(
    name="domainbed/mnist",
    title="MNIST: handwritten digits, for ColoredMNIST and RotatedMNIST",
    licence="none stated by its authors; often given as CC BY-SA 3.0",
    classes=tuple("0123456789"),
    sums=dict(
        zip(
            FILES,
            (
                "6bbc9ace898e44ae57da46a324031adb",
                "a25bea736e30d166cdddb491f175f624",
                "2646ac647ad5339dbf082846283269ea",
                "27ae3e4e09519cfbb04c329615203637",
            ),
            strict=True,
        )
    ),
)
FASHION = Digits(
    name="domainbed/fashion-mnist",
    title="Fashion-MNIST: articles of clothing, under the rules of ColoredMNIST and RotatedMNIST",
    licence="MIT",
    classes=(
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    ),
    sums=dict(
        zip(
            FILES,
            (
                "f4a8712d7a061bf5bd6d2ca38dc4d50a",
                "9018921c3c673c538a1fc5bad174d6f9",
                "8181f5470baa50b63fa0f6fddb340f0a",
                "15d484375f8d13e6eb1aabb0c3f46965",
            ),
            strict=True,
        )
    ),
)


def import_digits(spec: Digits, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the four idx files below `path` as the pack `spec.name`.

    subset: take any files of this form; the pack says that it is not the published data.
    Raises PackError when `path` is no folder, IdxError naming a file that is missing, damaged or another.
    """
    if not path.is_dir():
        raise PackError(f"{path} is no folder; give the one with the four idx files of {spec.name}")
    images, labels = read_digits(path, None if subset else spec.sums)
    examples = tuple(
        ArrayExample(pixels=image.tobytes(), set="digits", label=int(label), order=order)
        for order, (image, label) in enumerate(zip(images, labels, strict=True))
    )
    return build(_source(spec, examples, official=not subset), packs)


def _source(spec: Digits, examples: tuple[ArrayExample, ...], *, official: bool) -> Source:
    return Source(
        name=spec.name,
        title=spec.title,
        licence=spec.licence,
        classes=tuple(PackClass(name=name) for name in spec.classes),
        domains=("digits",),
        examples=examples,
        shape=IMAGE_SHAPE,
        ordered=True,
        release="published" if official else "subset",
        official=official,
    )
