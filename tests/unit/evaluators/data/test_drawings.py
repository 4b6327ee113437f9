"""The shipped pictures by style, concept and class."""

from pathlib import Path

import pytest

from farfield_evaluators.data.demo import demo_root, demo_source
from farfield_evaluators.data.drawings import CLASSES, Shown, read_shown, synsets_of, thing


@pytest.mark.parametrize(
    ("concept", "same"),
    [("dog-face", "dog"), ("guide-dog", "dog"), ("black-cat", "cat"), ("striped-fish", "fish"), ("zebra", "zebra")],
)
def test_two_views_of_a_thing_are_one_concept(concept: str, same: str) -> None:
    assert thing(concept) == same


def test_every_picture_of_a_class_is_read_and_lies_where_it_says() -> None:
    shown, source = read_shown(demo_root()), demo_source(demo_root())
    assert {s.path for s in shown} == {e.path for e in source.examples if e.label >= 0}
    assert {s.style for s in shown} == {source.domains[e.domain] for e in source.examples if e.label >= 0}
    assert {s.label for s in shown} == CLASSES.keys()


def test_the_synsets_of_all_classes_are_those_of_the_demo_pack_each_once() -> None:
    synsets = synsets_of(demo_root(), CLASSES)
    assert sorted(synsets) == sorted(s for c in demo_source(demo_root()).classes for s in c.synsets)
    apart = [synsets_of(demo_root(), [name]) for name in CLASSES]
    assert sum(map(len, apart)) == len(synsets)


def test_an_order_by_chance_depends_on_no_folder() -> None:
    here, there = (
        Shown(path=Path(root) / "images" / "noto" / "cat.webp", style="noto", label="carnivore", concept="cat")
        for root in ("/a", "/b/c")
    )
    assert here.rank("seed") == there.rank("seed") != here.rank("another")
