"""Made GlobalWheat: fruit of the shipped drawings on ground of numpy's noise, in the official layout.

A session has a style of drawing and a colour of ground; those of val and test are seen in no picture of training.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.suites.wilds.data.globalwheat import TABLES, UNLABELED_TABLES
from farfield_evaluators.suites.wilds.data.wheat_sessions import UNLABELED_SESSIONS

Pixels = npt.NDArray[np.uint8]
FRUIT = ("lemon", "pear", "red-apple", "green-apple", "peach", "strawberry", "tangerine")
NEAR_WHITE = 235  # of the ground that drawings lie on, each channel
COLUMNS = ("image_name", "BoxesString", "domain")


@dataclass(frozen=True, kw_only=True)
class Session:
    """Where pictures are from: the number of the session, the style of its fruit, and the colour of its ground."""

    number: int
    style: str
    ground: tuple[int, int, int]
    country: str
    stage: str = "Ripening"


TRAIN = (
    Session(number=0, style="noto", ground=(120, 90, 60), country="France"),
    Session(number=12, style="twemoji", ground=(60, 100, 60), country="Switzerland", stage="Filling"),
    Session(number=16, style="fluent-flat", ground=(90, 90, 110), country="UK", stage="Filling"),
)
VAL = (Session(number=25, style="openmoji", ground=(150, 120, 80), country="Sudan"),)
TEST = (
    Session(number=26, style="fluent-3d", ground=(70, 120, 120), country="Australia"),
    Session(number=46, style="noto-blob", ground=(110, 70, 110), country="Canada", stage="multiple"),
)
OF_SPLIT: Mapping[str, Sequence[Session]] = {
    "train": TRAIN,
    "val": VAL,
    "test": TEST,
    "id_val": TRAIN,
    "id_test": TRAIN,
}
OF_UNLABELED = {
    "train_unlabeled": TRAIN[0],
    "val_unlabeled": VAL[0],
    "test_unlabeled": TEST[0],
    "extra_unlabeled": Session(number=99, style="symbola", ground=(160, 150, 120), country="Switzerland"),
}
USUAL = {"train": 6, "val": 3, "test": 4, "id_val": 3, "id_test": 3}


def tree(folder: Path, counts: Mapping[str, int] = USUAL, side: int = 96) -> Path:
    """Write a release with so many pictures of each split, of side x side pixels; the last of each shows nothing."""
    root = folder / "globalwheat_v1.1"
    (root / "images").mkdir(parents=True)
    (root / "RELEASE_v1.1.txt").touch()
    rng = np.random.default_rng(0)
    for split, name in TABLES.items():
        rows = []
        for number in range(counts[split]):
            session = OF_SPLIT[split][number % len(OF_SPLIT[split])]
            fruit = 0 if number == counts[split] - 1 else int(rng.integers(2, 5))
            pixels, boxes = picture(rng, session, side, fruit)
            Image.fromarray(pixels).save(root / "images" / f"{split}{number}.png")
            listed = ";".join(" ".join(map(str, box)) for box in boxes)
            rows.append((f"{split}{number}.png", listed or "no_box", session.number))
        write(root / name, COLUMNS, rows)
    tell(root / "metadata_domain.csv", [*TRAIN, *VAL, *TEST])
    return root


def unlabeled_tree(folder: Path, count: int = 3, side: int = 96) -> Path:
    """Write the release of 2.0: so many pictures of each split, with fruit that no table tells of."""
    root = folder / "globalwheat_unlabeled_v1.0"
    (root / "images").mkdir(parents=True)
    (root / "RELEASE_v1.0.txt").touch()
    rng = np.random.default_rng(1)
    for split, name in UNLABELED_TABLES.items():
        session = OF_UNLABELED[split]
        for number in range(count):
            pixels, _ = picture(rng, session, side, 3)
            Image.fromarray(pixels).save(root / "images" / f"{split}{number}.png")
        rows = [(f"{split}{number}.png", session.number) for number in range(count)]
        write(root / name, ("image_name", "domain"), rows)
    tell(root / "metadata_domain_unlabeled.csv", [*OF_UNLABELED.values()])
    return root


def tell(path: Path, sessions: Sequence[Session]) -> None:
    """Write what is known of sessions, in another order than their numbers'."""
    told = [(UNLABELED_SESSIONS[s.number], s.country, f"Field {s.number}", s.stage) for s in sessions[::-1]]
    write(path, ("name", "country", "location", "development_stage"), told, ";")


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened, delimiter=delimiter).writerows([header, *rows])


def picture(
    rng: np.random.Generator, session: Session, side: int, fruit: int
) -> tuple[Pixels, list[tuple[int, int, int, int]]]:
    """Pixels [side, side, 3] with so much fruit, each in a quarter of its own, and their boxes x1, y1, x2, y2."""
    pixels, boxes = ground(rng, session.ground, side), []
    half = side // 2
    for quarter in rng.permutation(4)[:fruit].tolist():
        size = int(rng.integers(side // 4, side * 2 // 5))
        cut, mask = cut_out(session.style, FRUIT[int(rng.integers(len(FRUIT)))], size)
        height, width = mask.shape
        x = quarter % 2 * half + int(rng.integers(0, half - width + 1))
        y = quarter // 2 * half + int(rng.integers(0, half - height + 1))
        pixels[y : y + height, x : x + width][mask] = cut[mask]
        boxes.append((x, y, x + width, y + height))
    return pixels, boxes


def ground(rng: np.random.Generator, colour: tuple[int, int, int], side: int) -> Pixels:
    """Noise at two scales around a colour."""
    coarse = np.kron(rng.normal(0, 18, (side // 8 + 1, side // 8 + 1, 1)), np.ones((8, 8, 1)))[:side, :side]
    made: Pixels = np.clip(np.array(colour) + coarse + rng.normal(0, 10, (side, side, 3)), 0, 255).astype(np.uint8)
    return made


def cut_out(style: str, concept: str, size: int) -> tuple[Pixels, npt.NDArray[np.bool_]]:
    """A drawing without its white ground, its longer side `size` pixels: the pixels, and which of them are of it."""
    drawing = _drawing(style, concept)
    scale = size / max(drawing.size)
    pixels = np.asarray(drawing.resize([max(1, round(length * scale)) for length in drawing.size]))
    mask = (pixels < NEAR_WHITE).any(axis=2)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    inside = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return pixels[inside], mask[inside]


@cache
def _drawing(style: str, concept: str) -> Image.Image:
    """A shipped drawing, cropped to what is drawn."""
    with Image.open(demo_root() / "images" / style / f"{concept}.webp") as image:
        whole = image.convert("RGB")
    drawn = (np.asarray(whole) < NEAR_WHITE).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return whole.crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
