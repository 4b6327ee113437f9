"""`pruning-drawings`: what is trained on and tested on shares no concept, and repeats are left as they are."""

from collections import Counter

import pytest

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import Shown, read_shown
from farfield_evaluators.suites.pruning.data.drawings import LABELS, split
from farfield_evaluators.suites.pruning.drawings import KNOWN, KNOWN_STYLES, OTHER, OTHER_STYLES, TRAIN


@pytest.fixture(scope="module")
def pictures() -> tuple[Shown, ...]:
    return read_shown(demo_root())


def test_no_concept_is_trained_and_tested_on_and_other_artists_are_seen_in_the_test_alone(
    pictures: tuple[Shown, ...],
) -> None:
    sets = split(pictures)
    concepts = {name: {d.concept for d in members} for name, members in sets.items()}
    assert not concepts[TRAIN] & (concepts[KNOWN] | concepts[OTHER])
    styles = {name: {d.style for d in members} for name, members in sets.items()}
    assert styles == {TRAIN: set(KNOWN_STYLES), KNOWN: set(KNOWN_STYLES), OTHER: set(OTHER_STYLES)}
    assert all({d.label for d in members} == set(LABELS) for members in sets.values())
    every = [d.path for members in sets.values() for d in members]
    assert len(every) == len(set(every))


def test_the_training_set_repeats_itself(pictures: tuple[Shown, ...]) -> None:
    """Nine of ten show what four others or more show, and the largest class has several times the smallest."""
    train = split(pictures)[TRAIN]
    times = Counter(d.concept for d in train)
    assert sum(times[d.concept] >= 5 for d in train) > 0.9 * len(train)
    sizes = Counter(d.label for d in train).values()
    assert max(sizes) > 4 * min(sizes)


def test_the_rules_depend_on_no_order(pictures: tuple[Shown, ...]) -> None:
    assert split(pictures[::-1]) == split(pictures)
