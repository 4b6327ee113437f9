"""The packs of drawings: the shipped pictures written in CLIP_benchmark's layout, and imported from there.

Multi-label pictures are four fields of which up to four hold a drawing, each of another class, drawn from a fixed seed.
They are made smaller by means of blocks in whole numbers, so that every copy has the same bytes.
"""

import io
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield.runtime.images import as_rgb, open_image
from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, Shown, read_shown
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.data import names, webdataset
from farfield_evaluators.suites.clip_benchmark.data.importer import TRAIN, import_data_set
from farfield_evaluators.suites.clip_benchmark.drawings import (
    DRAWN,
    PICTURES,
    PROMPTS,
    SEVERAL,
    TEST_STYLES,
    TRAIN_STYLES,
)

Pixels = npt.NDArray[np.uint8]
Labelled = tuple[str, bytes, bytes]
"""The ending of an image's name, the image, and its label as a member of a tar file."""
SIDE = 80  # pixels of a field; the shipped drawings have twice as many
SEED = 0
NAMES = tuple(CLASSES)


def import_drawings(packs: Path) -> Pack:
    """Build the pack `clip-benchmark/drawings`. Raises PackError when the images are not installed."""
    shown = read_shown(demo_root())
    with tempfile.TemporaryDirectory() as folder:
        _write_names(Path(folder))
        for split, styles in ((TEST, TEST_STYLES), (TRAIN, TRAIN_STYLES)):
            chosen = sorted((each for each in shown if each.style in styles), key=lambda each: each.rank(DRAWN.name))
            write_split(Path(folder) / split, map(_single, chosen))
        return import_data_set(DRAWN, Path(folder), packs)


def import_several(packs: Path) -> Pack:
    """Build the pack `clip-benchmark/drawings-multilabel`. Raises PackError when the images are not installed."""
    shown = [each for each in read_shown(demo_root()) if each.style in TEST_STYLES]
    with tempfile.TemporaryDirectory() as folder:
        _write_names(Path(folder))
        samples = _composed(sorted(shown, key=lambda each: each.rank(SEVERAL.name)))
        write_split(Path(folder) / TEST, samples, webdataset.LABELS)
        return import_data_set(SEVERAL, Path(folder), packs)


def write_split(folder: Path, samples: Iterator[Labelled], kind: str = webdataset.LABEL) -> None:
    """A split of one tar file, as CLIP_benchmark's clip_benchmark_export_wds writes it, with labels of this kind."""
    folder.mkdir(parents=True)
    (folder / webdataset.SHARDS).write_text("1\n", encoding="utf-8")
    with tarfile.open(folder / "0.tar", "w") as archive:
        for number, (ending, image, label) in enumerate(samples):
            for name, content in ((ending, image), (kind, label)):
                member = tarfile.TarInfo(f"s{number:07}.{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def _write_names(folder: Path) -> None:
    for name, lines in ((names.NAMES_FILE, NAMES), (names.PROMPTS_FILE, PROMPTS)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _single(shown: Shown) -> Labelled:
    return shown.path.suffix[1:], shown.path.read_bytes(), str(NAMES.index(shown.label)).encode()


def _composed(shown: Sequence[Shown]) -> Iterator[Labelled]:
    rng = np.random.default_rng(SEED)
    for _ in range(PICTURES):
        classes = rng.permutation(len(NAMES))[: rng.integers(1, 5)]
        places = rng.permutation(4)
        canvas = np.full((2 * SIDE, 2 * SIDE, 3), 255, np.uint8)
        for place, label in zip(places, classes, strict=False):
            of_class = [each for each in shown if each.label == NAMES[label]]
            top, left = divmod(int(place), 2)
            field = halved(of_class[rng.integers(len(of_class))].path)
            canvas[top * SIDE : (top + 1) * SIDE, left * SIDE : (left + 1) * SIDE] = field
        yield "png", _png(canvas), _one_hot(classes)


def halved(path: Path) -> Pixels:
    """A drawing of 2 SIDE x 2 SIDE pixels with the mean of each block of four, rounded down: uint8 [SIDE, SIDE, 3]."""
    with open_image(path.read_bytes()) as image:
        blocks = np.asarray(as_rgb(image), np.uint16).reshape(SIDE, 2, SIDE, 2, 3)
    small: Pixels = (blocks.sum(axis=(1, 3)) // 4).astype(np.uint8)
    return small


def _png(pixels: Pixels) -> bytes:
    """Not compressed: what a compressor makes of it depends on its version, and so would the fingerprint."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


def _one_hot(classes: npt.NDArray[np.int64]) -> bytes:
    file = io.BytesIO()
    np.save(file, np.isin(np.arange(len(NAMES)), classes).astype(np.float32))
    return file.getvalue()
