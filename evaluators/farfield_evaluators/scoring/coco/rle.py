"""COCO's compressed run lengths, as pycocotools writes masks: many texts checked at once, and their masks' areas."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.columns import Ints

LONGEST_NUMBER = 7  # characters of five bits: a run has less than 2 ** 32 pixels


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Of each text [N] whether it is a mask of so many pixels, and the mask's area; 0 where it is none."""

    fine: npt.NDArray[np.bool_]
    areas: Ints


def checked(texts: Sequence[bytes], pixels: Ints) -> Checked:
    """What texts [N] say that are to be masks of so many pixels [N].

    Five bits a character, lowest first; a number but the first three is the difference to the one before the last.

    >>> both = checked([b"041", b"04"], np.array([5, 5]))
    >>> both.fine.tolist(), both.areas.tolist()
    ([True, False], [4, 0])
    """
    lengths = np.array([len(text) for text in texts], np.int64)
    codes = np.frombuffer(b"".join(texts), np.uint8) - np.uint8(48)  # what is below 48 comes out above 63
    if not len(texts) or not lengths.all():  # none of no characters: those are looked at without the others
        return _without_empty(texts, pixels, lengths > 0)
    lasts = np.cumsum(lengths)
    ends = codes & 32 == 0
    broken = ~ends[lasts - 1]  # it breaks off within a number
    ends[lasts - 1] = True
    stops = np.flatnonzero(ends)
    counts = np.diff(np.searchsorted(stops, lasts), prepend=0)  # of numbers
    numbers, long = _numbers(codes, stops)
    totals, areas, least = _sums(numbers, counts)
    firsts = np.cumsum(counts) - counts
    wrong = broken | (totals != pixels) | (least < 0) | np.logical_or.reduceat(long, firsts)
    wrong |= np.maximum.reduceat(codes, lasts - lengths) > 63
    return Checked(fine=~wrong, areas=np.where(wrong, 0, areas))


def _without_empty(texts: Sequence[bytes], pixels: Ints, some: npt.NDArray[np.bool_]) -> Checked:
    fine, areas = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.int64)
    if some.any():
        others = checked([text for text in texts if text], pixels[some])
        fine[some], areas[some] = others.fine, others.areas
    return Checked(fine=fine, areas=areas)


def _numbers(codes: npt.NDArray[np.uint8], stops: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The numbers [M] that end at these characters, as they are written, and which are too long to be one."""
    lengths = np.diff(stops, prepend=-1)
    starts = stops - lengths + 1
    numbers = (codes[starts] & 31).astype(np.int64)
    for place in range(1, min(int(lengths.max()), LONGEST_NUMBER)):
        longer = np.flatnonzero(lengths > place)
        numbers[longer] += (codes[starts[longer] + place] & 31).astype(np.int64) << (5 * place)
    negative = np.flatnonzero(codes[stops] & 16)
    numbers[negative] -= 1 << (5 * np.minimum(lengths[negative], LONGEST_NUMBER))
    return numbers, lengths > LONGEST_NUMBER


def _sums(numbers: Ints, counts: Ints) -> tuple[Ints, Ints, Ints]:
    """Of the run lengths of each mask, of so many numbers [N], the sum, that of every second one, and the least.

    The first is as it is written; the others add up in turn: in two columns, each mask from a row of its own.
    """
    rows = (counts + 1) // 2
    starts = np.cumsum(rows) - rows
    table = np.zeros(2 * int(rows.sum()), np.int64)
    table[np.arange(len(numbers)) + np.repeat(2 * starts - (np.cumsum(counts) - counts), counts)] = numbers
    turns = table.reshape(-1, 2)
    firsts = turns[starts, 0]
    turns[starts, 0] = 0
    sums = np.cumsum(turns, axis=0)
    before = np.concatenate([np.zeros((1, 2), np.int64), sums])[starts]
    runs = sums - np.repeat(before, rows, axis=0)
    runs[starts, 0] = firsts
    runs[(starts + rows - 1)[counts % 2 == 1], 1] = 0  # there is no such number
    both = np.add.reduceat(runs, starts)
    least = np.minimum.reduceat(np.minimum(runs[:, 0], runs[:, 1]), starts)
    return both[:, 0] + both[:, 1], both[:, 1], least
