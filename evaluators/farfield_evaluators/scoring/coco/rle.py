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
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer(b"".join(texts), np.uint8) - np.uint8(48)  # what is below 48 comes out above 63
    if not len(texts) or not lengths.all():  # none of no characters: those are looked at without the others
        return _without_empty(texts, pixels, lengths > 0)
    ends = np.cumsum(lengths)
    more = codes & 32 != 0  # the number goes on
    broken = more[ends - 1]  # a text that breaks off within one
    more[ends - 1] = False
    places = np.flatnonzero(more)  # few: most numbers are of one character
    counts = lengths - np.diff(np.searchsorted(places, ends), prepend=0)  # of numbers
    numbers, long = _numbers(codes, more, places)
    starts = np.cumsum(counts) - counts
    turns = _turns(numbers, starts, counts)
    wrong = broken | (turns.sums.sum(axis=0) != pixels) | (turns.least < 0) | (turns.most > pixels)
    wrong[np.searchsorted(starts, long, side="right") - 1] = True
    wrong |= np.maximum.reduceat(codes, ends - lengths) > 63
    return Checked(fine=~wrong, areas=np.where(wrong, 0, turns.sums[1]))


def _without_empty(texts: Sequence[bytes], pixels: Ints, some: npt.NDArray[np.bool_]) -> Checked:
    fine, areas = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.int64)
    if some.any():
        others = checked([text for text in texts if text], pixels[some])
        fine[some], areas[some] = others.fine, others.areas
    return Checked(fine=fine, areas=areas)


def _numbers(codes: npt.NDArray[np.uint8], more: npt.NDArray[np.bool_], places: Ints) -> tuple[Ints, Ints]:
    """The numbers [M] as they are written, and which of them are too long to be one.

    `places` [P] are those of `more`, the characters after which their number goes on.
    """
    numbers = ((codes[~more] & 31 ^ 16).astype(np.int8) - np.int8(16)).astype(np.int64)  # the last five bits, signed
    if not len(places):
        return numbers, places
    firsts = np.flatnonzero(np.diff(places, prepend=-2) != 1)  # of each number of several characters
    before = np.diff(firsts, append=len(places))  # characters before its last one
    longer = places[firsts] - firsts  # its number: so many characters before it are the last of one
    shifts = 5 * np.minimum(np.arange(len(places)) - np.repeat(firsts, before), LONGEST_NUMBER)
    lower = np.add.reduceat((codes[places] & 31).astype(np.int64) << shifts, firsts)
    numbers[longer] = (numbers[longer] << 5 * np.minimum(before, LONGEST_NUMBER)) + lower
    return numbers, longer[before >= LONGEST_NUMBER]


@dataclass(frozen=True, kw_only=True)
class _Turns:
    """Of the run lengths of each mask [N] the sums [2, N] of zeros and of ones, and the least and the most of all."""

    sums: Ints
    least: Ints
    most: Ints


def _turns(numbers: Ints, starts: Ints, counts: Ints) -> _Turns:
    """The first run is as it is written, before it there is none; each later one adds to the one before the last.

    So runs are the running sums of every second number, less what those are before the mask: masks lie at even places
    and at odd ones, as it happens.
    """
    firsts = numbers[starts]
    rest = numbers.copy()
    rest[starts] = 0
    odd = starts % 2
    lanes = [_lane(rest[lane::2], (starts + 1 - lane) // 2, (counts + (odd == lane)) // 2) for lane in (0, 1)]
    sums = np.stack([lane.sums[0] for lane in lanes])
    of_first = np.take_along_axis(sums, odd[None], axis=0)[0] + firsts
    of_second = np.take_along_axis(sums, 1 - odd[None], axis=0)[0]
    least = np.minimum(np.minimum(lanes[0].least, lanes[1].least), firsts)
    most = np.maximum(np.maximum(lanes[0].most, lanes[1].most), firsts)
    return _Turns(sums=np.stack([of_first, of_second]), least=least, most=most)


def _lane(numbers: Ints, starts: Ints, counts: Ints) -> _Turns:
    """Of one of both lanes, in which each mask has so many numbers from a place on; zeros where it has none."""
    sums, least, most = np.zeros((3, len(starts)), np.int64)
    some = np.flatnonzero(counts)
    if len(some):
        firsts, running = starts[some], np.cumsum(numbers)
        before = np.where(firsts > 0, running[firsts - 1], 0)
        sums[some] = np.add.reduceat(running, firsts) - counts[some] * before
        least[some] = np.minimum.reduceat(running, firsts) - before
        most[some] = np.maximum.reduceat(running, firsts) - before
    return _Turns(sums=sums[None], least=least, most=most)
