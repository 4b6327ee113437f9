"""Kind: fast code that is wrong at its edges. Texts checked many at once are as a plain reading finds each alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from farfield_evaluators.scoring.coco.rle import LONGEST_NUMBER, checked


def runs_in(text: bytes) -> list[int] | None:
    """As COCO's own code reads a text (maskApi.c, rleFrString); None for one that it would read beyond its end."""
    runs: list[int] = []
    number = length = 0
    for code in (character - 48 for character in text):
        if not 0 <= code <= 63 or length == LONGEST_NUMBER:
            return None
        number |= (code & 31) << (5 * length)
        length += 1
        if not code & 32:
            number -= (1 << (5 * length)) if code & 16 else 0
            runs.append(number + (runs[-2] if len(runs) > 2 else 0))
            number = length = 0
    return runs if runs and not length else None


def judged(text: bytes, pixels: int) -> tuple[bool, int]:
    """Whether it is a mask of so many pixels, and its area."""
    runs = runs_in(text)
    fine = runs is not None and min(runs) >= 0 and sum(runs) == pixels
    return fine, sum(runs[1::2]) if runs and fine else 0


def written(runs: list[int]) -> bytes:
    """As rleToString has it."""
    codes: list[int] = []
    for place, run in enumerate(runs):
        number, more = run - (runs[place - 2] if place > 2 else 0), True
        while more:
            code, number = number & 31, number >> 5
            more = number != (-1 if code & 16 else 0)
            codes.append((code | 32 if more else code) + 48)
    return bytes(codes)


RUNS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 1 << 20)), min_size=1, max_size=9)
TEXTS = st.one_of(
    RUNS.map(written),
    st.binary(max_size=6),
    st.lists(st.integers(48, 111), max_size=12).map(bytes),
    st.tuples(RUNS.map(written), st.integers(48, 111)).map(lambda both: both[0][:-1] + bytes([both[1]])),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(texts=st.lists(TEXTS, min_size=1, max_size=6), other=st.integers(1, 40))
def test_many_texts_are_judged_as_each_alone(texts: list[bytes], other: int) -> None:
    pixels = [abs(sum(runs_in(text) or [])) or other for text in texts]  # so that many are right
    read = checked(texts, np.array(pixels))
    assert list(zip(read.fine.tolist(), read.areas.tolist(), strict=True)) == list(map(judged, texts, pixels))
