"""Columns by name: groups, numbers and boxes go into a pack, come back, are part of what it is, and stay hidden."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data.columns import PackColumn, from_json
from farfield_evaluators.data.packs import (
    ArrayExample,
    Example,
    Pack,
    PackClass,
    PackError,
    Source,
    UnreadableFiles,
    build,
    open_pack,
    verify,
)
from farfield_evaluators.data.repair import chosen_by, remove, repair
from farfield_evaluators.staging import stage

PLACE = PackColumn(name="place", kind="group", values=("land", "water"))
WEALTH = PackColumn(name="wealth", kind="number")
BOXES = PackColumn(name="boxes", kind="rows", width=4)
OF_BOXES = PackColumn(name="box-labels", kind="rows", dtype="int64")
MASKS = PackColumn(name="masks", kind="rows", dtype="uint8")
COLUMNS = (PLACE, WEALTH, BOXES, OF_BOXES, MASKS)


def values(number: int) -> dict[str, Any]:
    """Image n has n boxes."""
    boxes = [[number, i, 1.5, 2.5] for i in range(number)]
    masks = b"\n".join(b"0" * i for i in range(number))
    labels = list(range(number))
    return {"place": number % 2, "wealth": number / 3, "boxes": boxes, "box-labels": labels, "masks": masks}


def source(folder: Path, *, columns: tuple[PackColumn, ...] = COLUMNS, count: int = 5, **changed: Any) -> Source:
    folder.mkdir(exist_ok=True)
    examples = []
    for number in range(count):
        path = folder / f"{number}.png"
        Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(path)
        more = {name: value for name, value in values(number).items() if name in {c.name for c in columns}}
        examples.append(Example(path=path, set="train" if number % 2 else "test", label=number % 2, more=more))
    classes = (PackClass(name="cat"), PackClass(name="dog"))
    made = Source(
        name="own/toy",
        title="Toy",
        licence="CC0",
        classes=classes,
        domains=("a",),
        examples=tuple(examples),
        columns=columns,
    )
    return replace(made, **changed)


def numbers(pack: Pack) -> list[int]:
    """Which image lies where: its value in the column of numbers tells."""
    return [round(3 * float(value)) for value in pack.column("wealth").values]


def test_every_kind_of_column_comes_back_with_its_image(tmp_path: Path) -> None:
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    for position, number in enumerate(numbers(pack)):
        expected = values(number)
        assert int(pack.column("place").of(position)) == expected["place"]
        assert pack.column("boxes").of(position).tolist() == expected["boxes"]
        assert pack.column("box-labels").of(position).ravel().tolist() == expected["box-labels"]
        assert pack.column("masks").of(position).tobytes() == expected["masks"]
    assert pack.columns == COLUMNS
    verify(pack)
    with pytest.raises(PackError, match="no column 'age'; besides set, label, domain, order it has place, wealth"):
        pack.column("age")


def test_some_examples_are_taken_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    where = {number: position for position, number in enumerate(numbers(pack))}
    chosen = np.array([where[3], where[0], where[2]])
    taken = pack.targets(chosen)
    assert taken["boxes-rows"].tolist() == [3, 0, 2]
    assert taken["boxes"].tolist() == values(3)["boxes"] + values(2)["boxes"]
    assert pack.attributes(chosen)["place"].numbers.tolist() == [1, 0, 0]
    assert pack.attributes(chosen)["place"].values == ("land", "water")
    assert pack.attributes(chosen)["domain"].values == ("a",)


def test_a_pack_without_columns_is_what_it_was(tmp_path: Path) -> None:
    plain = source(tmp_path / "src", columns=())
    pack = build(plain, tmp_path / "packs")
    assert pack.columns == ()
    assert "columns" not in (pack.folder / "manifest.json").read_text()
    assert not (pack.folder / "hidden" / "columns").exists()
    assert build(source(tmp_path / "src"), tmp_path / "q").fingerprint != pack.fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        {"place": 0},
        {"wealth": 1.0000000000000002},
        {"boxes": [[1.0, 0.0, 1.5, 2.500001]]},
        {"box-labels": [7]},
        {"masks": b"1"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_value_that_changes_is_another_pack(tmp_path: Path, changed: Mapping[str, Any]) -> None:
    plain = source(tmp_path / "src")
    example = plain.examples[1]
    other = replace(example, more={**example.more, **changed})
    examples = (*plain.examples[:1], other, *plain.examples[2:])
    assert (
        build(plain, tmp_path / "p").fingerprint != build(replace(plain, examples=examples), tmp_path / "q").fingerprint
    )


def test_equal_images_lie_in_an_order_that_depends_on_their_columns_only(tmp_path: Path) -> None:
    made = tuple(
        ArrayExampleWith(pixels=b"same", set="a", label=0, number=number, boxes=[[number, 0, 1, 1]])
        for number in (2, 0, 1)
    )
    columns = (WEALTH, BOXES)
    forwards = source(tmp_path / "src", columns=columns, examples=made, shape=(4,))
    one, two = build(forwards, tmp_path / "p"), build(replace(forwards, examples=made[::-1]), tmp_path / "q")
    assert one.fingerprint == two.fingerprint
    assert one.column("boxes").values.tolist() == two.column("boxes").values.tolist()


class ArrayExampleWith(ArrayExample):
    """An array with a number and boxes."""

    def __init__(self, *, number: int, boxes: list[list[float]], **given: Any) -> None:
        super().__init__(**given)
        object.__setattr__(self, "more", {"wealth": number / 7, "boxes": boxes})

    @property
    def columns(self) -> Mapping[str, Any]:
        return {**super().columns, **self.more}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"place": 2}, "2 is none of the 2 values of 'place'"),
        ({"wealth": float("nan")}, "the column 'wealth' holds finite numbers only"),
        ({"wealth": "much"}, "the column 'wealth' cannot hold 'much'"),
        ({"boxes": [[1, 2, 3]]}, "the column 'boxes' cannot hold"),
        ({"box-labels": [1 << 70]}, "the column 'box-labels' cannot hold"),
    ],
    ids=["group", "nan", "word", "shape", "large"],
)
def test_a_value_that_does_not_fit_is_named_with_its_file(tmp_path: Path, changed, says: str) -> None:
    plain = source(tmp_path / "src")
    example = plain.examples[3]
    examples = (*plain.examples[:3], replace(example, more={**example.more, **changed}), *plain.examples[4:])
    with pytest.raises(UnreadableFiles) as caught:
        build(replace(plain, examples=examples), tmp_path / "packs")
    assert f"3.png: {says}" in caught.value.problems[0]


def test_a_value_that_is_missing_is_named(tmp_path: Path) -> None:
    plain = source(tmp_path / "src", columns=(PLACE,))
    with pytest.raises(UnreadableFiles, match="it has no value in the column 'wealth'"):
        build(replace(plain, columns=(PLACE, WEALTH)), tmp_path / "packs")


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (PackColumn(name="label", kind="number"), "every pack has that"),
        (PackColumn(name="a/b", kind="number"), "'a/b' is not"),
        (PackColumn(name="boxes-rows", kind="number"), "'boxes-rows' is not"),
        (PackColumn(name="x", kind="group"), "has no names of values"),
        (PackColumn(name="x", kind="rows", dtype="object"), "holds float64, int64, uint8"),
        (replace(PLACE, values=("a", "a")), "or one twice"),
    ],
    ids=["base", "name", "rows", "values", "dtype", "twice"],
)
def test_a_column_that_cannot_be_is_refused_by_builder_and_by_reader(tmp_path: Path, column, says: str) -> None:
    with pytest.raises(PackError, match=says):
        build(source(tmp_path / "src", columns=(column,)), tmp_path / "packs")
    with pytest.raises(ValueError, match=says):
        from_json(column.as_json())


@pytest.mark.parametrize("victim", ["place", "boxes", "boxes-rows", "masks"])
def test_damage_to_a_column_is_found_repaired_and_removed(tmp_path: Path, victim: str) -> None:
    packs = tmp_path / "packs"
    pack = build(source(tmp_path / "src"), packs)
    path = pack.folder / "hidden" / "columns" / f"{victim}.npy"
    data = bytearray(path.read_bytes())
    data[-8] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(PackError, match=rf"hidden/columns/{victim}\.npy is changed"):
        verify(open_pack(packs, "own/toy"))
    assert repair(packs, "own/toy", tmp_path, lambda _: build(source(tmp_path / "src"), packs)).endswith("repaired")
    path.unlink()
    with pytest.raises(PackError, match=f"{victim}.npy is missing"):
        open_pack(packs, "own/toy")
    remove(packs, chosen_by(packs, "own/toy"), "own/toy")
    assert not (packs / "own").exists()


def test_columns_never_enter_the_inputs_and_reach_the_truth(tmp_path: Path) -> None:
    pack = build(source(tmp_path / "src"), tmp_path / "packs")
    truth = stage(_toy(), pack, tmp_path / "inputs", None)
    names = {path.relative_to(tmp_path / "inputs").as_posix() for path in (tmp_path / "inputs").rglob("*.*")}
    assert names == {"test/images.bin", "test/spans.npy"}
    assert truth.positions is not None
    which = [numbers(pack)[position] for position in truth.positions]
    assert truth.attributes["place"].numbers.tolist() == [n % 2 for n in which]
    assert truth.targets["wealth"].tolist() == [n / 3 for n in which]
    assert truth.targets["boxes-rows"].tolist() == which


def _toy() -> Benchmark:
    mini = find("imagenet-ood/mini")
    test = replace(mini.domains[0], set="test")
    columns = tuple(column for column in mini.columns if column.domain == "id")
    return replace(mini, pack="own/toy", train_set=None, domains=(test,), columns=columns)
