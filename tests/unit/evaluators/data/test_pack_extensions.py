"""What DomainBed added to packs, and that the packs of before are the same packs."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.packs import (
    ArrayExample,
    Example,
    PackClass,
    PackError,
    Source,
    build,
    list_packs,
    open_pack,
    verify,
)


def arrays(**changed: object) -> Source:
    rng = np.random.default_rng(0)
    examples = tuple(
        ArrayExample(pixels=rng.bytes(12), set="digits", label=n % 2, domain=n % 3, order=9 - n) for n in range(10)
    )
    given = {
        "name": "some/arrays",
        "title": "Arrays",
        "licence": "CC0",
        "classes": (PackClass(name="a"), PackClass(name="b")),
        "domains": ("x", "y", "z"),
        "examples": examples,
        "shape": (3, 4),
        "ordered": True,
        "release": "one",
    }
    return Source(**{**given, **changed})


def test_the_fingerprint_of_the_demo_pack_is_what_it_was_before_domainbed(tmp_path: Path) -> None:
    pack = import_demo(tmp_path)
    assert pack.fingerprint == "2496ef1f94209b826732d9a8d772d3dc"
    assert (pack.release, pack.official, pack.shape, pack.notes) == ("", True, (), ())
    verify(pack)


def test_a_pack_of_arrays_gives_back_pixels_and_order(tmp_path: Path) -> None:
    source = arrays()
    pack = build(source, tmp_path)
    assert pack.pixels.shape == (10, 3, 4)
    for domain in range(3):
        wanted = sorted((e for e in source.examples if e.domain == domain), key=lambda e: e.order)
        found = pack.environment(domain)
        assert [pack.pixels[i].tobytes() for i in found] == [e.stored() for e in wanted]
        assert pack.labels[found].tolist() == [e.label for e in wanted]
    verify(pack)


def test_an_environment_can_be_asked_for_one_set(tmp_path: Path) -> None:
    examples = [
        ArrayExample(pixels=bytes([n]), set="seen" if n % 2 else "unseen", label=0, order=9 - n) for n in range(10)
    ]
    pack = build(arrays(examples=tuple(examples), shape=(1,)), tmp_path)
    assert pack.pixels[pack.environment(0, "seen")].ravel().tolist() == [9, 7, 5, 3, 1]
    with pytest.raises(PackError, match="has no set 'test'; it has seen, unseen"):
        pack.environment(0, "test")


def test_a_name_may_hold_a_slash(tmp_path: Path) -> None:
    build(arrays(), tmp_path)
    build(arrays(name="plain"), tmp_path)
    assert [p.name for p in list_packs(tmp_path)] == ["plain", "some/arrays"]
    assert open_pack(tmp_path, "some/arrays").release == "one"


@pytest.mark.parametrize(
    "changed",
    [{"official": False}, {"release": "two"}, {"ordered": False}, {"shape": (4, 3)}, {"name": "other"}],
    ids=lambda changed: next(iter(changed)),
)
def test_what_makes_results_incomparable_changes_the_fingerprint(tmp_path: Path, changed: dict[str, object]) -> None:
    plain = build(arrays(), tmp_path / "p").fingerprint
    assert build(arrays(**changed), tmp_path / "q").fingerprint != plain


def test_notes_and_the_order_of_import_do_not_change_it(tmp_path: Path) -> None:
    plain = build(arrays(), tmp_path / "p").fingerprint
    assert build(arrays(notes=("three duplicates left out",)), tmp_path / "q").fingerprint == plain
    assert build(arrays(examples=arrays().examples[::-1]), tmp_path / "r").fingerprint == plain


def test_damage_to_the_order_is_found(tmp_path: Path) -> None:
    pack = build(arrays(), tmp_path)
    path = pack.folder / "hidden" / "order.npy"
    np.save(path, np.load(path)[::-1])
    with pytest.raises(PackError, match="is damaged"):
        verify(pack)


def test_encoded_images_are_no_arrays(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "x.png")
    source = arrays(examples=(Example(path=tmp_path / "x.png", set="a", label=0),), shape=())
    with pytest.raises(PackError, match="holds encoded images, not arrays"):
        _ = build(source, tmp_path / "packs").pixels
