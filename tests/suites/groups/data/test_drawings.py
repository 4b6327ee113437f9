"""`groups-drawings`: correlated in training, balanced in validation and test, and no concept in two sets."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES as KINDS
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.groups.data.drawings import (
    CLASSES,
    CONCEPTS,
    TECHNIQUES,
    TEST,
    TRAIN,
    VAL,
    Drawing,
    balanced,
    correlated,
    import_drawings,
    read_drawings,
    set_of_concepts,
    split,
)
from farfield_evaluators.suites.groups.drawings import USUALLY

TECHNIQUES_OF = [list(TECHNIQUES).index(USUALLY[label]) for label in CLASSES]
GROUPS = [(label, technique) for label in CLASSES for technique in TECHNIQUES]


@pytest.fixture(scope="module")
def drawings() -> tuple[Drawing, ...]:
    return read_drawings(demo_root())


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_drawings(tmp_path_factory.mktemp("packs"))


def test_classes_and_techniques_cover_every_drawing_once(drawings: tuple[Drawing, ...]) -> None:
    kinds = [kind for members in CLASSES.values() for kind in members]
    assert sorted(kinds) == sorted(KINDS)
    assert len({style for styles in TECHNIQUES.values() for style in styles}) == 10
    assert len(drawings) == 1561  # the index without photographs and without what shows no class


def test_nine_of_ten_training_drawings_are_usual_and_the_others_are_balanced(drawings: tuple[Drawing, ...]) -> None:
    counts = {name: Counter(d.group for d in members) for name, members in split(drawings).items()}
    for label in CLASSES:
        of_class = sum(count for (own, _), count in counts[TRAIN].items() if own == label)
        assert counts[TRAIN][label, USUALLY[label]] / of_class == pytest.approx(0.9, abs=0.005)
    assert [counts[VAL][group] for group in GROUPS] == [47] * 4
    assert [counts[TEST][group] for group in GROUPS] == [100] * 4


def test_no_concept_is_in_two_sets_and_every_kind_is_in_all(drawings: tuple[Drawing, ...]) -> None:
    sets = split(drawings)
    concepts = {name: {d.shown.concept for d in members} for name, members in sets.items()}
    assert all(not concepts[one] & concepts[other] for one, other in combinations(sets, 2))
    assert all({d.shown.label for d in members} == set(KINDS) for members in sets.values())


def test_the_concepts_of_each_kind_are_shared_out_alike(drawings: tuple[Drawing, ...]) -> None:
    parts = set_of_concepts(drawings)
    for kind in KINDS:
        own = [parts[concept] for concept in {d.shown.concept for d in drawings if d.shown.label == kind}]
        for name, share in CONCEPTS.items():
            assert own.count(name) == round(share * len(own))


def test_the_cuts_are_rules_and_not_accidents_of_order(drawings: tuple[Drawing, ...]) -> None:
    backwards = drawings[::-1]
    for cut in (balanced, correlated):
        assert {d.shown.path for d in cut(drawings)} == {d.shown.path for d in cut(backwards)}
    assert set_of_concepts(drawings) == set_of_concepts(backwards)


def test_the_pack_has_the_techniques_as_domains_and_the_synsets_of_its_classes(pack: Pack) -> None:
    assert pack.counts() == {TEST: 400, TRAIN: 304, VAL: 188}
    assert pack.domains == tuple(TECHNIQUES)
    test = pack.members(TEST)
    groups = np.stack([pack.labels[test], pack.domain_numbers[test]])
    assert set(Counter(map(tuple, groups.T.tolist())).values()) == {100}
    aligned = pack.column("bias").values == 0
    usual = np.array([TECHNIQUES_OF[label] for label in pack.labels])
    assert (aligned == (pack.domain_numbers == usual)).all()
    animal, thing = (set(c.synsets) for c in pack.classes)
    assert "n02391049" in animal  # zebra
    assert "n03481172" in thing  # hammer
    assert not animal & thing
