"""`longtail-drawings`: a profile in training, balance in validation and test, and no concept in two sets."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from farfield_evaluators.catalog import find
from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import PHOTOGRAPHS, Shown, read_shown
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.longtail.data.cut import profile
from farfield_evaluators.suites.longtail.data.drawings import (
    LABELS,
    MOST,
    RATIO,
    TEST,
    TRAIN,
    VAL,
    import_drawings,
    labels_of,
    set_of_concepts,
    split,
)
from farfield_evaluators.suites.longtail.shots import BUCKETS, SMALL


@pytest.fixture(scope="module")
def drawings() -> list[Shown]:
    return [shown for shown in read_shown(demo_root()) if shown.style != PHOTOGRAPHS]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_drawings(tmp_path_factory.mktemp("packs"))


def test_training_follows_the_profile_and_the_other_sets_are_balanced(drawings: list[Shown]) -> None:
    sizes = {name: np.bincount(labels_of(own), minlength=len(LABELS)).tolist() for name, own in split(drawings).items()}
    assert sorted(sizes[TRAIN], reverse=True) == list(profile(len(LABELS), MOST, RATIO))
    assert set(sizes[VAL]) == {7}
    assert set(sizes[TEST]) == {20}


def test_no_concept_is_in_two_sets(drawings: list[Shown]) -> None:
    concepts = {name: {shown.concept for shown in own} for name, own in split(drawings).items()}
    assert all(not concepts[one] & concepts[other] for one, other in combinations(concepts, 2))


def test_the_cut_is_a_rule_and_not_an_accident_of_order(drawings: list[Shown]) -> None:
    backwards = drawings[::-1]
    assert set_of_concepts(drawings) == set_of_concepts(backwards)
    forth, back = split(drawings), split(backwards)
    assert {name: {shown.path for shown in own} for name, own in forth.items()} == {
        name: {shown.path for shown in own} for name, own in back.items()
    }


def test_every_image_says_the_bucket_of_its_class_and_every_bucket_is_tested(pack: Pack) -> None:
    train, test = pack.members(TRAIN), pack.members(TEST)
    counts = Counter(pack.labels[train].tolist())
    buckets = pack.column(SMALL.column).values
    for position, label in enumerate(pack.labels.tolist()):
        shots = counts[label]
        assert BUCKETS[buckets[position]] == ("many" if shots >= 20 else "few" if shots <= 8 else "medium")
    assert set(buckets[test].tolist()) == {0, 1, 2}


def test_the_pack_fits_its_benchmark(pack: Pack) -> None:
    benchmark = find("longtail/drawings")
    assert benchmark.pack == pack.name
    assert pack.counts() == {TRAIN: 272, VAL: 98, TEST: 280}
    assert set(benchmark.learned_from().values()) | {d.set for d in benchmark.domains} == set(pack.sets)
    assert benchmark.groups == tuple(column.name for column in pack.columns)
    assert "n02391049" in pack.classes[LABELS.index("hoofed animal")].synsets  # zebra
