"""Folders that `datasets` saved: Arrow and Parquet, with images inside, are one's own data as any other."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from tests.unit.evaluators.own.made import HEAD, installed, picture

from farfield.cli import main
from farfield_evaluators.catalog import catalog
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.packs import PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_text

TEXT = f"""{HEAD}
[data]
kind = "datasets"
label = "label"
groups = ["place"]
[train]
where = {{ split = "train" }}
[[tests]]
name = "test"
where = {{ split = "test" }}
[[columns]]
metric = "accuracy"
on = "test"
worst_over = ["place"]
"""
NAMES = ["dog", "cat"]
FEATURES = {
    "image": {"_type": "Image"},
    "label": {"names": NAMES, "_type": "ClassLabel"},
    "place": {"dtype": "string", "_type": "Value"},
}
SCHEMA = pa.schema(
    {"image": pa.struct({"bytes": pa.binary(), "path": pa.string()}), "label": pa.int64(), "place": pa.string()}
)


def encoded(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), (number, number // 2, 77)).save(buffer, "PNG")
    return buffer.getvalue()


def table(first: int, count: int) -> pa.Table:
    rows = [
        {"image": {"bytes": encoded(n), "path": None}, "label": n % 2, "place": f"p{n % 3}"}
        for n in range(first, first + count)
    ]
    return pa.Table.from_pylist(rows, SCHEMA)


def saved(root: Path, *, parts: dict[str, pa.Table] | None = None) -> Path:
    """As `DatasetDict.save_to_disk` lays it out: a folder of a split, with a stream of Arrow and its description."""
    for split, part in (parts or {"train": table(0, 6), "test": table(6, 4)}).items():
        folder = root / split
        folder.mkdir(parents=True)
        with (
            pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as sink,
            pa.ipc.new_stream(sink, part.schema) as out,
        ):
            out.write_table(part, max_chunksize=2)
        (folder / "dataset_info.json").write_text(json.dumps({"features": FEATURES}))
        (folder / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}))
    (root / "dataset_dict.json").write_text(json.dumps({"splits": list(parts or ("train", "test"))}))
    return root


def parquet(root: Path) -> Path:
    """As the hub has it: data/<split>-<n>-of-<m>.parquet, which say in their metadata what the columns are."""
    said = {b"huggingface": json.dumps({"info": {"features": FEATURES}}).encode()}
    (root / "data").mkdir(parents=True)
    for name, part in {
        "train-00000-of-00002": table(0, 3),
        "train-00001-of-00002": table(3, 3),
        "test-00000-of-00001": table(6, 4),
    }.items():
        pq.write_table(part.replace_schema_metadata(said), root / "data" / f"{name}.parquet", row_group_size=2)
    return root


def imported(path: Path, packs: Path, text: str = TEXT) -> Pack:
    pack = import_own(read_text(text, "toys", "toys.toml"), path, packs)
    verify(pack)
    return pack


def test_a_saved_folder_and_the_hubs_parquet_are_the_same_pack(tmp_path: Path) -> None:
    pack = imported(saved(tmp_path / "a"), tmp_path / "p")
    assert pack.counts() == {"test/test": 4, "train": 6}
    assert [c.name for c in pack.classes] == NAMES
    assert sorted(pack.labels.tolist()) == [0] * 5 + [1] * 5
    assert pack.column("place").spec.values == ("p0", "p1", "p2")
    assert imported(parquet(tmp_path / "b"), tmp_path / "q").fingerprint == pack.fingerprint


def test_the_labels_are_those_of_their_images(tmp_path: Path) -> None:
    pack = imported(parquet(tmp_path / "b"), tmp_path / "q")
    blob = pack.blob.read_bytes()
    for (start, end), label in zip(pack.spans.tolist(), pack.labels.tolist(), strict=True):
        number = Image.open(io.BytesIO(blob[start:end])).getpixel((0, 0))[0]  # type: ignore[index]
        assert label == number % 2


def test_images_that_are_only_named_lie_in_the_folder(tmp_path: Path) -> None:
    picture(tmp_path / "d" / "far" / "x.png")
    rows = [
        {"image": {"bytes": None, "path": "far/x.png"}, "label": 0, "place": "p"},
        {"image": {"bytes": encoded(9), "path": "made.png"}, "label": 1, "place": "p"},
    ]
    saved(tmp_path / "d", parts={"train": pa.Table.from_pylist(rows), "test": table(20, 2)})
    assert imported(tmp_path / "d", tmp_path / "packs").counts() == {"test/test": 2, "train": 2}


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ({"bytes": b"no image", "path": None}, "unreadable: not an image of a known kind"),
        ({"bytes": None, "path": "/etc/passwd"}, "unreadable: the row holds neither an image nor the path of one"),
        ({"bytes": None, "path": "../x.png"}, "unreadable: the row holds neither an image nor the path of one"),
        ({"bytes": None, "path": None}, "unreadable: the row holds neither an image nor the path of one"),
    ],
)
def test_a_row_without_an_image_is_named_by_its_number(tmp_path: Path, image: dict[str, object], says: str) -> None:
    rows = [*table(0, 2).to_pylist(), {"image": image, "label": 0, "place": "p"}]
    saved(tmp_path / "d", parts={"train": pa.Table.from_pylist(rows, SCHEMA), "test": table(20, 2)})
    with pytest.raises(ImportProblems) as caught:
        imported(tmp_path / "d", tmp_path / "packs")
    [problem] = caught.value.problems
    assert problem.startswith(f"train/data-00000-of-00001.arrow, row 3: {says}")


def test_what_is_damaged_or_of_another_shape(tmp_path: Path) -> None:
    root = saved(tmp_path / "d")
    with pytest.raises(PackError, match="has no column 'site'; it has image, label, place"):
        imported(root, tmp_path / "packs", TEXT.replace('"place"', '"site"'))
    file = root / "test" / "data-00000-of-00001.arrow"
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(PackError, match="cannot be read"):
        imported(root, tmp_path / "packs")
    with pytest.raises(PackError, match=r"holds no \.arrow and no \.parquet"):
        imported(tmp_path, tmp_path / "packs")


def test_a_new_file_fits_what_it_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, root in (("arrow", saved(tmp_path / "a")), ("parquet", parquet(tmp_path / "b"))):
        with installed(tmp_path / "var"):
            assert main(["benchmark", "new", name, "--data", str(root)]) == 0
            catalog.cache_clear()
            assert main(["data", "import", name, str(root)]) == 0
            assert "10 images, 2 classes" in capsys.readouterr().out
