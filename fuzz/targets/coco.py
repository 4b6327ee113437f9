"""COCO's annotations and results as JSON, which `farfield score coco-fewshot` reads."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from farfield import FarfieldError
from farfield_evaluators.scoring.coco.files import score_files
from fuzz import mutate, nonsense
from fuzz.case import Case, Wrong, refused

SIDE, IMAGES, CATEGORIES = 8, (3, 5), (1, 2, 4)
WHOLE = {"size": [SIDE, SIDE], "counts": "0P2"}  # every pixel of an image
BOX = [1, 1, 4, 4]


class Coco:
    """Figures are shares, or the files are refused; boxes and masks in turn."""

    name = "coco"
    seconds = 60.0

    def make(self, rng: Random) -> Case:
        truth, results = _truth(), [_detection(rng) for _ in range(rng.choice((0, 1, 3, 600)))]
        files = {"truth.json": _document(rng, truth, 0.1), "results.json": _document(rng, results, 0.6)}
        if rng.random() < 0.3:
            files["results.json"] = mutate.damaged(rng, files["results.json"])
        return Case(words=(rng.choice(("bbox", "segm")),), files=files)

    def run(self, case: Case, folder: Path) -> str:
        try:
            files = (folder / "truth.json", folder / "results.json")
            scored = score_files(*files, lambda ids: {"": ids}, masks=case.words == ("segm",))
        except FarfieldError as error:
            return refused(error.code)
        strange = [figure for figure in scored.scores if not 0 <= figure.value <= 1]
        if strange:
            raise Wrong(f"a figure is no share: {strange[0]}")
        return "scored"


def _truth() -> dict[str, Any]:
    outline = [[1, 1, 5, 1, 5, 5, 1, 5]]
    usual = {"bbox": BOX, "area": 16, "iscrowd": 0, "segmentation": outline}
    return {
        "images": [{"id": number, "height": SIDE, "width": SIDE} for number in IMAGES],
        "annotations": [{"id": n, "image_id": IMAGES[n % 2], "category_id": CATEGORIES[n], **usual} for n in range(3)],
        "categories": [{"id": number, "name": f"category {number}"} for number in CATEGORIES],
    }


def _detection(rng: Random) -> dict[str, Any]:
    ids = {"image_id": rng.choice(IMAGES), "category_id": rng.choice(CATEGORIES)}
    return {**ids, "bbox": BOX, "score": rng.choice((0, 0.5, 0.5, 1)), "segmentation": _mask(rng)}


def _mask(rng: Random) -> object:
    """Mostly a whole one; else run lengths of any numbers, damaged text, another size, or another form of outline."""
    return rng.choice(MASKS)(rng) if rng.random() < 0.3 else WHOLE


def _run_lengths(rng: Random) -> str:
    """Numbers in COCO's text of run lengths, five bits a character: fitting ones, huge ones, negative ones, or none."""
    usual = [*range(SIDE * SIDE + 1)] if rng.random() < 0.5 else [-1, 0, 2**31, 2**62, -(2**62), 2**70]
    return "".join(map(_as_text, rng.choices(usual, k=rng.choice((0, 1, 2, 3, 64, 3000)))))


def _as_text(number: int) -> str:
    text = ""
    while True:
        low, number = number & 0x1F, number >> 5
        more = number != (-1 if low & 0x10 else 0)
        text += chr((low | 0x20 if more else low) + 48)
        if not more:
            return text


def _damaged_text(rng: Random) -> str:
    return mutate.damaged(rng, _run_lengths(rng).encode() or b"0P2").decode("latin-1")


MASKS: tuple[Callable[[Random], object], ...] = (
    lambda rng: {**WHOLE, "counts": _run_lengths(rng)},
    lambda rng: {**WHOLE, "counts": _damaged_text(rng)},
    lambda rng: {**WHOLE, "size": [rng.choice(nonsense.NUMBERS), rng.choice(nonsense.NUMBERS)]},
    lambda rng: {**WHOLE, "counts": [rng.choice(nonsense.NUMBERS) for _ in range(3)]},
    lambda rng: [[1, 1, 5, 1, 5, 5]],
    lambda rng: {"size": [SIDE, SIDE]},
    nonsense.value,
)


def _document(rng: Random, values: Any, share: float) -> bytes:
    if rng.random() < 0.05:
        return nonsense.json_text(rng).encode(errors="surrogatepass")
    changed = mutate.document(rng, values) if rng.random() < share else values
    return json.dumps(changed).encode(errors="surrogatepass")
