"""`adaptation-drawings`: families of artists held out, no concept in two parts, and other labels in each trial."""

from collections import Counter
from itertools import combinations

import pytest

from farfield_evaluators.catalog import find
from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import Shown, read_shown
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.plans.places import placed
from farfield_evaluators.suites.adaptation.data.drawings import (
    LABELS,
    SOURCE_STYLES,
    STYLES,
    TARGET,
    TARGET_STYLES,
    TEST,
    TRAIN,
    VAL,
    codes_of,
    import_drawings,
    part_of_concepts,
    split,
)
from farfield_evaluators.suites.adaptation.drawings import SHOTS, SHOTS_TO_SELECT, TRIALS

FAMILIES = ("openmoji", "symbola", "fluent", "noto", "twemoji", "emojione", "photographs")


@pytest.fixture(scope="module")
def drawings() -> tuple[Shown, ...]:
    return tuple(shown for shown in read_shown(demo_root()) if shown.style in STYLES)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_drawings(tmp_path_factory.mktemp("packs"))


def family(style: str) -> str:
    (name,) = (name for name in FAMILIES if style.startswith(name))
    return name


def test_no_family_of_artists_is_on_both_sides() -> None:
    assert not {family(style) for style in SOURCE_STYLES} & {family(style) for style in TARGET_STYLES}


def test_no_concept_is_in_two_parts_and_every_class_is_in_all(drawings: tuple[Shown, ...]) -> None:
    members: dict[str, list[Shown]] = {}
    for name, own in split(drawings).items():
        members.setdefault({VAL: TRAIN}.get(name, name.partition("-")[0]), []).extend(own)
    assert members.keys() == {TRAIN, TARGET, TEST}
    concepts = {name: {d.concept for d in own} for name, own in members.items()}
    assert all(not concepts[one] & concepts[other] for one, other in combinations(concepts, 2))
    assert all({d.label for d in own} == set(LABELS) for own in members.values())
    assert {d.style for d in members[TRAIN]} == set(SOURCE_STYLES)
    assert {d.style for name in (TARGET, TEST) for d in members[name]} == set(TARGET_STYLES)


def test_each_trial_has_so_many_of_each_class_to_learn_from_and_to_select_by(pack: Pack) -> None:
    benchmark = find("adaptation/drawings")
    drawn: list[tuple[frozenset[int], frozenset[int]]] = []
    for trial in range(TRIALS):
        parts = placed(benchmark, {"trial": trial}).parts
        target, selected = (pack.members(parts[name]) for name in ("target", "target_val"))
        assert set(Counter(pack.labels[target].tolist()).values()) == {SHOTS}
        assert set(Counter(pack.labels[selected].tolist()).values()) == {SHOTS_TO_SELECT}
        assert len(set(pack.labels[target])) == len(set(pack.labels[selected])) == len(LABELS)
        drawn.append((frozenset(target.tolist()), frozenset(selected.tolist())))
        assert not drawn[-1][0] & drawn[-1][1]
    assert len(set(drawn)) == TRIALS
    with_test = set(pack.members("test").tolist())
    assert all(not with_test & (target | selected) for target, selected in drawn)


def test_the_rules_depend_on_no_order(drawings: tuple[Shown, ...]) -> None:
    backwards = drawings[::-1]
    assert part_of_concepts(drawings) == part_of_concepts(backwards)
    assert codes_of(drawings) == codes_of(backwards)
    assert split(drawings) == split(backwards)


def test_the_sizes_are_those_of_the_card(pack: Pack) -> None:
    counts = pack.counts()
    assert (counts[TRAIN], counts[VAL], counts[TEST]) == (358, 40, 192)
    assert sum(count for name, count in counts.items() if name in pack.sets and name.startswith(TARGET)) == 137
    assert pack.domains == STYLES
