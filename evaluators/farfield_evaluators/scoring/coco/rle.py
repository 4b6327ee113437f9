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
    codes = np.frombuffer(b"".join(texts), np.uint8).astype(np.int64) - 48
    if not len(codes):
        return Checked(fine=np.zeros(len(texts), np.bool_), areas=np.zeros(len(texts), np.int64))
    owners = np.repeat(np.arange(len(texts)), lengths)
    wrong = _any((codes < 0) | (codes > 63), owners, len(texts)) | (lengths == 0)
    last = np.cumsum(lengths)[lengths > 0] - 1
    wrong[owners[last[codes[last] & 32 != 0]]] = True  # it breaks off within a number
    ends = codes & 32 == 0
    ends[last] = True
    numbers, owner, short = _numbers(codes, ends, owners)
    runs, place = _runs(numbers, owner, len(texts))
    wrong |= _any(~short | (runs < 0), owner, len(texts))
    wrong |= _sums(runs, owner, len(texts)) != pixels
    areas = _sums(np.where(place % 2, runs, 0), owner, len(texts))
    return Checked(fine=~wrong, areas=np.where(wrong, 0, areas))


def _numbers(codes: Ints, ends: npt.NDArray[np.bool_], owners: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """The numbers [M] as they are written, whose they are, and which are short enough."""
    stops = np.flatnonzero(ends)
    starts = np.concatenate([[0], stops[:-1] + 1])
    lengths = stops - starts + 1
    short = lengths <= LONGEST_NUMBER
    places = np.minimum(np.arange(len(codes)) - np.repeat(starts, lengths), LONGEST_NUMBER)
    numbers = np.add.reduceat((codes & 31) << (5 * places), starts)
    numbers -= np.where(codes[stops] & 16, 1 << (5 * np.minimum(lengths, LONGEST_NUMBER)), 0)
    return numbers, owners[starts], short


def _runs(numbers: Ints, owner: Ints, count: int) -> tuple[Ints, Ints]:
    """The run lengths [M], and the place of each in its mask: the first is as written, others add up in turn."""
    firsts = np.searchsorted(owner, np.arange(count))
    place = np.arange(len(numbers)) - firsts[owner]
    runs = np.where(place == 0, numbers, 0)
    for parity in (0, 1):
        turn = (place % 2 == parity) & (place > 0)
        sums = np.cumsum(np.where(turn, numbers, 0))
        before = np.concatenate([[0], sums])[firsts[owner]]
        runs = np.where(turn, sums - before, runs)
    return runs, place


def _sums(values: Ints, owner: Ints, count: int) -> Ints:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, owner, values)
    return sums


def _any(marks: npt.NDArray[np.bool_], owner: Ints, count: int) -> npt.NDArray[np.bool_]:
    return np.bincount(owner[marks], minlength=count) > 0
