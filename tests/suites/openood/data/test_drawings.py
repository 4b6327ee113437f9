"""The small boards of OpenOOD's kinds: no thing is learned and tested, and every split leaves out other classes."""

import csv
from itertools import combinations

import pytest

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.drawings import CLASSES, thing
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.openood.data.drawings import (
    LEARNED_STYLES,
    STYLES,
    import_drawings,
    in_splits,
    known_and_validated,
    known_or_shifted,
    parted,
    unknown_classes,
)
from farfield_evaluators.suites.openood.drawings import OOD_DETECTION_DRAWINGS
from farfield_evaluators.suites.openood.splits import SPLITS, known_of, trained_on, unknown_of


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_drawings(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def concepts() -> dict[str, str]:
    with (demo_root() / "index.csv").open(newline="", encoding="utf-8") as table:
        return {row["path"]: thing(row["concept"]) for row in csv.DictReader(table)}


def test_no_concept_is_learned_and_tested(concepts: dict[str, str]) -> None:
    seen: dict[str, set[str]] = {}
    for each in known_or_shifted(demo_root()):
        seen.setdefault(each.set, set()).add(concepts[each.path.relative_to(demo_root()).as_posix()])
    train = seen.pop("train")
    assert {name: of & train for name, of in seen.items()} == {name: set() for name in seen}


def test_no_concept_of_an_outlier_is_tested(concepts: dict[str, str]) -> None:
    """Of `ood-detection/drawings-outliers`: what is learned, what is chosen by and what is tested are other things."""
    seen: dict[str, set[str]] = {}
    for each in (*known_and_validated(demo_root()), *parted(demo_root())):
        seen.setdefault(each.set, set()).add(concepts[each.path.relative_to(demo_root()).as_posix()])
    known = {each.label for each in known_and_validated(demo_root()) if each.set == "id/val"}
    assert len(known) == len(CLASSES)
    assert all(seen[one].isdisjoint(seen[two]) for one, two in combinations(("train", "id/val", "id/test"), 2))
    others = ("outliers", "outliers-val", *(name for name in seen if name.startswith(("near", "far"))))
    assert all(seen[one].isdisjoint(seen[two]) for one, two in combinations(others, 2))
    assert len(others) == 6


def test_every_class_is_learned_and_tested_in_styles_of_its_set(pack: Pack) -> None:
    for name in ("train", "id/test", "shift/fluent", "shift/lines"):
        assert set(pack.labels[pack.members(name)].tolist()) == set(range(len(CLASSES)))
    learned = {STYLES[n] for n in pack.domain_numbers[pack.members("train")]}
    assert learned == set(LEARNED_STYLES)
    others = [domain.set for domain in OOD_DETECTION_DRAWINGS.domains if domain.role in ("near", "far")]
    assert {STYLES[n] for name in others for n in pack.domain_numbers[pack.members(name)]} <= learned


def test_a_splits_unknown_classes_are_never_learned() -> None:
    left_out = {split: unknown_classes(split) for split in SPLITS}
    assert len(set(left_out.values())) == len(SPLITS)
    labels: dict[str, set[int]] = {}
    for each in in_splits(demo_root()):
        labels.setdefault(each.set, set()).add(each.label)
    for split, unknown in left_out.items():
        known = {number for number, name in enumerate(CLASSES) if name not in unknown}
        assert labels[trained_on(split)] == labels[known_of(split)] == known
        assert labels[unknown_of(split)] == {-1}
