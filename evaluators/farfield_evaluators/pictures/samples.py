"""Which test images of a classifier or OOD detector are shown: some that all entries have, and its worst mistakes."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.evaluate import Arrays, Truth, as_tests
from farfield_evaluators.metrics.labelspace import classes_in
from farfield_evaluators.pictures.about import CHANCE, FURTHER, MISTAKE, About
from farfield_evaluators.scoring.classification import LOGITS, PROBABILITIES, labels_of, logits_of
from farfield_evaluators.scoring.detection import OOD, SCORE
from farfield_evaluators.scoring.test import Test

SAME, MISTAKES, MOST_DOMAINS = 3, 2, 12
SCORES = "scores"
OUTSIDE = "out of distribution"
LONGEST_NAME = 120
Floats = npt.NDArray[np.float64]
Words = Callable[[int], str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What a run said of the N examples of a domain; said and truth put that of one, by its row, into words.

    right [N] is None of an OOD detector, values [N] are as in `About`, and wrong [N] says how confidently wrong each
    is: -inf for what is no mistake.
    """

    said: Words = field(repr=False)
    truth: Words = field(repr=False)
    right: npt.NDArray[np.bool_] | None
    values: Floats
    wrong: Floats


def samples_of(benchmark: Benchmark, truth: Truth, arrays: Arrays, names: Sequence[str], key: str) -> Iterator[About]:
    """Up to six test images of a domain, of MOST_DOMAINS domains at most; what is right only where that is shown.

    None where the outputs are not one prediction an example. names: of the pack's classes. key: by which chance
    chooses, the same for every entry.
    """
    if arrays[LOGITS].ndim != 2 or truth.positions is None:
        return
    tests = as_tests(benchmark, truth, arrays)
    known = _scores_of_known(tests) if SCORES in arrays else None
    numbers = [number for number, test in enumerate(tests) if len(test)]
    for number in numbers[:: -(-len(numbers) // MOST_DOMAINS)]:
        test, positions = tests[number], truth.positions[truth.domains == number]
        answers = _classified(test, names) if known is None else _scored(test, names, known)
        order = by_chance(positions.tolist(), key)
        shows_truth = benchmark.shows == "truth"
        for row, why in chosen(order, answers) if shows_truth else [(row, CHANCE) for row in order[:SAME]]:
            about = _about(test.domain, int(positions[row]), row, answers)
            yield replace(about, why=why, **_right(answers, row)) if shows_truth else about


def by_chance(positions: Sequence[int], key: str) -> list[int]:
    """The rows of these examples of a pack, in an order that is chance and the same for everybody."""
    hashes = [hashlib.sha256(f"{key}:{position}".encode()).digest() for position in positions]
    return sorted(range(len(positions)), key=hashes.__getitem__)


def chosen(order: Sequence[int], answers: Answers) -> list[tuple[int, str]]:
    """Pure: of rows in an order that is the same for everybody, those to show, each with why (see `About`)."""
    same = list(order[:SAME])
    further = [] if answers.right is None else _missing(order, answers.right)
    taken = {*same, *further}
    mistakes = [row for row in order if np.isfinite(answers.wrong[row]) and row not in taken]
    mistakes.sort(key=lambda row: -answers.wrong[row])
    return [
        *((row, CHANCE) for row in same),
        *((row, FURTHER) for row in further),
        *((row, MISTAKE) for row in mistakes[:MISTAKES]),
    ]


def _missing(order: Sequence[int], right: npt.NDArray[np.bool_]) -> list[int]:
    """The first row that is right, and the first that is wrong, where none of the SAME first is."""
    firsts = (next((at for at, row in enumerate(order) if bool(right[row]) is wanted), 0) for wanted in (True, False))
    return [order[at] for at in firsts if at >= SAME]


def _about(domain: str, example: int, row: int, answers: Answers) -> About:
    return About(domain=domain, example=example, said=answers.said(row), value=round(float(answers.values[row]), 4))


def _right(answers: Answers, row: int) -> dict[str, Any]:
    right = None if answers.right is None else bool(answers.right[row])
    return {"truth": answers.truth(row), "right": right}


def _classified(test: Test, names: Sequence[str]) -> Answers:
    logits, labels = logits_of(test), labels_of(test)
    outcome, numbers = test.outcome(PROBABILITIES), classes_in(test.space, test.classes)
    confidence, hits = outcome["confidence"], outcome["hit"]
    return Answers(
        said=lambda row: f"{_name(names, numbers[int(logits[row].argmax())])}, confidence {confidence[row]:.2f}",
        truth=lambda row: _name(names, numbers[int(labels[row])]),
        right=hits,
        values=confidence,
        wrong=np.where(hits, -np.inf, confidence),
    )


def _scored(test: Test, names: Sequence[str], known: Floats) -> Answers:
    """known: the scores of all in-distribution images, ascending."""
    scores, labels = _scores(test), test.labels
    below = np.searchsorted(known, scores) / max(1, len(known))
    is_ood = test.role in OOD
    return Answers(
        said=lambda row: f"score {scores[row]:.4g}, above that of {below[row]:.0%} of in-distribution images",
        truth=lambda row: OUTSIDE if is_ood else f"in distribution, {_name(names, int(labels[row]))}",
        right=None,
        values=below,
        wrong=scores if is_ood else -scores,
    )


def _scores_of_known(tests: Sequence[Test]) -> Floats:
    known = [_scores(test) for test in tests if test.role not in OOD]
    return np.sort(np.concatenate(known)) if known else np.zeros(0)


def _scores(test: Test) -> Floats:
    scores: Floats = test.outcome(SCORE)["score"]
    return scores


def _name(names: Sequence[str], number: int) -> str:
    return names[number][:LONGEST_NAME]
