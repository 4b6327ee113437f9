"""The shipped pictures as a DomainBed data set: families as domains, concepts kept apart."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from farfield_evaluators.data.demo import demo_root, demo_source
from farfield_evaluators.data.drawings import CLASSES
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.domainbed.data.styles import (
    FAMILIES,
    SEEN,
    UNSEEN,
    Picture,
    import_styles,
    read_pictures,
    unseen_concepts,
)


@pytest.fixture(scope="module")
def pictures() -> tuple[Picture, ...]:
    return read_pictures(demo_root())


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_styles(tmp_path_factory.mktemp("packs"))


def test_fourteen_classes_and_seven_families_cover_the_index(pictures: tuple[Picture, ...]) -> None:
    assert (len(CLASSES), len(FAMILIES)) == (14, 7)
    source = demo_source(demo_root())
    merged = [fine for members in CLASSES.values() for fine in members]
    assert len(merged) == len(set(merged)) == len(source.classes)
    assert len(pictures) == sum(e.label >= 0 for e in source.examples) == 1745


def test_every_class_is_seen_and_unseen_in_every_domain(pack: Pack) -> None:
    for domain in range(len(pack.domains)):
        for name in (SEEN, UNSEEN):
            labels = pack.labels[pack.environment(domain, name)]
            assert set(labels.tolist()) == set(range(14)), (pack.domains[domain], name)


def test_no_unseen_concept_is_ever_seen(pictures: tuple[Picture, ...], pack: Pack) -> None:
    unseen = unseen_concepts(pictures)
    side = {p.path: p.concept in unseen for p in pictures}
    by_concept = {p.concept: {side[q.path] for q in pictures if q.concept == p.concept} for p in pictures}
    assert all(len(sides) == 1 for sides in by_concept.values())
    assert 0.25 < len(unseen) / len(by_concept) < 0.4
    assert pack.counts() == {SEEN: sum(not s for s in side.values()), UNSEEN: sum(side.values())}


def test_no_picture_is_on_both_sides_nor_in_two_domains(pack: Pack) -> None:
    blob = pack.blob.read_bytes()
    hashed = np.array([hashlib.sha256(blob[start:end]).hexdigest() for start, end in pack.spans.tolist()])
    assert not set(hashed[pack.members(SEEN)]) & set(hashed[pack.members(UNSEEN)])
    for one in range(7):
        others = np.concatenate([pack.environment(d) for d in range(7) if d != one])
        assert not set(hashed[pack.environment(one)]) & set(hashed[others])


def test_the_split_is_a_rule_and_not_an_accident_of_order(pictures: tuple[Picture, ...]) -> None:
    assert unseen_concepts(pictures[::-1]) == unseen_concepts(pictures)


def test_the_pack_is_pinned(pack: Pack, tmp_path: Path) -> None:
    assert pack.fingerprint == "05eb6e5a01897c3f514510bd6686ff93"
    assert import_styles(tmp_path / "again").fingerprint == pack.fingerprint
    assert pack.official
