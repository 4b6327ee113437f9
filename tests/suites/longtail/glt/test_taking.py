"""The order of taking, against the release's own construction, and the properties that the sets must have."""

import hashlib
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suites.longtail.glt import made

from farfield_evaluators.suites.longtail.glt.clusters import ConstructionError
from farfield_evaluators.suites.longtail.glt.taking import (
    SHARES,
    Sizes,
    Stock,
    Taken,
    balanced_sets,
    frequency_of,
    in_shares,
    long_tailed_sets,
    profile_of,
    shares_of,
)

SETS = ("train", "val", "test_lt", "test_bl", "test_bbl")
# Of what GLT's `imagenet_glt_generation.py` (3a26997) makes of made.clusters(): labels and attributes, in its order.
OF_GLT = {
    "lt": "d5352d12bfe42e4ac305ee548135721cf15f6103c0d00c09b8567a11c7204c05",
    "bl": "b4cdf7e50af401d7efc612e23c07ee98357f5ca65a1fa9c5f4cef077b9bf48aa",
}
COUNTS_OF_GLT = {"lt": [1164, 150, 600, 600, 543], "bl": [570, 150, 0, 600, 543]}


@pytest.mark.parametrize("kind", ["lt", "bl"])
def test_the_sets_are_those_of_glts_own_construction(kind: str) -> None:
    document = made.document(kind)
    known = {name: {what: document[name][what] for what in ("label", "attribute")} for name in SETS}
    assert [len(known[name]["label"]) for name in SETS] == COUNTS_OF_GLT[kind]
    assert hashlib.sha256(json.dumps(known).encode()).hexdigest() == OF_GLT[kind]


@pytest.mark.parametrize("kind", ["lt", "bl"])
def test_no_image_is_in_two_sets(kind: str) -> None:
    taken = [each.image for images in made.sets(kind).values() for each in images]
    assert len(taken) == len(set(taken))


@pytest.mark.parametrize("kind", ["lt", "bl"])
def test_test_sets_are_balanced_as_they_say(kind: str) -> None:
    found = made.sets(kind)
    by_class, by_group = counted(found["test_bl"]), counted(found["test_bbl"])
    for label in range(len(made.NAMES)):
        assert [by_class[label, attribute] for attribute in range(3)] == [84, 24, 12]
        assert len({by_group[label, attribute] for attribute in range(3)}) == 1


def counted(taken: list[Taken]) -> dict[tuple[int, int], int]:
    counts: dict[tuple[int, int], int] = {}
    for each in taken:
        counts[each.label, each.attribute] = counts.get((each.label, each.attribute), 0) + 1
    return counts


def test_both_training_sets_are_tested_on_the_same_images() -> None:
    one, other = made.sets("lt"), made.sets("bl")
    for name in ("test_bl", "test_bbl"):
        assert one[name] == other[name]


def test_a_training_set_is_cut_to_its_counts_in_the_shares_of_attributes() -> None:
    found = made.sets("lt")
    before = counted([*found["train"], *found["val"], *found["test_lt"]])
    for label, count in enumerate(made.COUNTS):
        assert all(before[label, attribute] <= share for attribute, share in enumerate(shares_of(count)))
    classes = {each.label for each in made.sets("bl")["train"]}
    left = counted([*made.sets("bl")["train"], *made.sets("bl")["val"]])
    assert {sum(left[label, attribute] for attribute in range(3)) for label in classes} == {sum(shares_of(145))}


def test_the_draw_is_the_seeds() -> None:
    images, names = made.images()
    one, again, other = (long_tailed_sets(images, names, made.SIZES, seed, made.COUNTS) for seed in (25, 25, 26))
    assert one == again
    assert one["val"] != other["val"]
    assert one["test_bbl"] == other["test_bbl"]


def test_a_class_that_does_not_suffice_is_named() -> None:
    images, names = [[["a"] * 50, ["b"] * 3, ["c"] * 3]], ["n07"]
    with pytest.raises(ConstructionError, match=r"attribute 1 of the class n07 has 3 images left, and 12 are to be"):
        balanced_sets(images, names, Sizes())
    with pytest.raises(ConstructionError, match=r"21 images are left, and 600 are to be drawn"):
        Stock([[["a"] * 21, [], []]], names).draw(600, random.Random(0))


@given(st.integers(0, 3000))
def test_shares_are_rounded_down_and_never_more_than_the_whole(images: int) -> None:
    shares = shares_of(images)
    assert all(share <= images * part / sum(SHARES) < share + 1 for share, part in zip(shares, SHARES, strict=True))
    assert sum(shares) <= images


def test_glts_shares() -> None:
    assert (in_shares(20), in_shares(10)) == ([42, 12, 6], [21, 6, 3])
    assert [frequency_of(rank, 1000) for rank in (0, 399, 400, 849, 850, 999)] == [0, 0, 1, 1, 2, 2]
    assert [frequency_of(rank, 20) for rank in (7, 8, 16, 17)] == [0, 1, 1, 2]


@given(st.lists(st.integers(1, 500), min_size=2, max_size=40))
@settings(max_examples=40)
def test_without_counts_a_class_keeps_the_profiles_share_or_what_it_has(left: list[int]) -> None:
    sizes = Sizes(most=200, ratio=20)
    counts = profile_of(left, sizes)
    assert all(count <= own for count, own in zip(counts, left, strict=True))
    assert counts[0] == min(200, left[0])
    assert counts[-1] == min(10, left[-1])
