"""Files of arrays: every format gives the same arrays, and what cannot be scored is refused by name."""

import contextlib
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from farfield_evaluators.arrays import ArraysError, read_arrays

RNG = np.random.default_rng(0)
ARRAYS = {
    "scores": RNG.normal(size=7),
    "logits": RNG.normal(size=(7, 3)).astype(np.float32),
    "label": np.array([0, 1, 2, 0, 1, 2, 2]),
}
Write = Callable[[Path, dict[str, Any]], None]


def as_npz(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, **arrays)


def as_compressed(path: Path, arrays: dict[str, Any]) -> None:
    np.savez_compressed(path, **arrays)


def as_safetensors(path: Path, arrays: dict[str, Any]) -> None:
    save_file(arrays, path)


def table(arrays: dict[str, Any], logits: Callable[[Any], Any] = list) -> pa.Table:
    return pa.table({name: logits(a) if a.ndim == 2 else pa.array(a) for name, a in arrays.items()})


def as_file(path: Path, arrays: dict[str, Any]) -> None:
    found = table(arrays)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, found.schema) as writer:
        writer.write_table(found, max_chunksize=2)


def as_stream(path: Path, arrays: dict[str, Any]) -> None:
    found = table(arrays, pa.FixedShapeTensorArray.from_numpy_ndarray)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, found.schema) as writer:
        writer.write_table(found)


def as_feather(path: Path, arrays: dict[str, Any]) -> None:
    fixed = pa.list_(pa.float32(), 3)
    pyarrow.feather.write_feather(table(arrays, lambda a: pa.array(a.tolist(), fixed)), str(path))


WRITERS: dict[str, tuple[str, Write]] = {
    "npz": (".npz", as_npz),
    "compressed": (".npz", as_compressed),
    "safetensors": (".safetensors", as_safetensors),
    "file": (".arrow", as_file),
    "stream": (".arrow", as_stream),
    "feather": (".feather", as_feather),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_arrays(name: str, tmp_path: Path) -> None:
    suffix, write = WRITERS[name]
    write(tmp_path / f"mine{suffix}", ARRAYS)
    found = read_arrays(tmp_path / f"mine{suffix}", ["scores", "logits", "label"])
    assert set(found) == set(ARRAYS)
    for key, array in ARRAYS.items():
        assert found[key].dtype == array.dtype
        assert (found[key] == array).all()


@pytest.mark.parametrize("name", WRITERS)
def test_only_what_is_there_is_read(name: str, tmp_path: Path) -> None:
    suffix, write = WRITERS[name]
    write(tmp_path / f"mine{suffix}", {"scores": ARRAYS["scores"].astype(np.float32), "extra": ARRAYS["label"]})
    found = read_arrays(tmp_path / f"mine{suffix}", ["scores"])
    assert (list(found), found["scores"].dtype) == (["scores"], np.float64)


def test_two_rules_scores_have_one_name_and_the_former_one_is_read(tmp_path: Path) -> None:
    """Predictions called the array `scores`, `farfield score ood-detection` called it `score`."""
    suffix, write = WRITERS["npz"]
    write(tmp_path / f"former{suffix}", {"score": ARRAYS["scores"]})
    assert (read_arrays(tmp_path / f"former{suffix}", ["scores"])["scores"] == ARRAYS["scores"]).all()


def with_value(name: str, value: Any) -> dict[str, Any]:
    changed = ARRAYS[name].copy()
    changed[3] = value
    return ARRAYS | {name: changed}


SPOILED: list[tuple[str, dict[str, Any], str]] = [
    ("arrays.missing", {"labels": ARRAYS["label"]}, r"lacks scores; it holds 'labels'"),
    ("arrays.missing", {"label": ARRAYS["label"]}, "lacks scores"),
    (
        "arrays.not_finite",
        with_value("scores", np.nan),
        "scores must be finite; 1 of 7 rows are not, .* row 3",
    ),
    ("arrays.not_finite", with_value("logits", np.inf), "logits must be finite; 1 of 7"),
    ("arrays.shape", ARRAYS | {"scores": ARRAYS["scores"][:5]}, "scores 5, logits 7, label 7"),
    ("arrays.shape", {name: a[:0] for name, a in ARRAYS.items()}, r"scores has the shape \[0\], which holds nothing"),
    ("arrays.shape", ARRAYS | {"scores": ARRAYS["logits"]}, r"scores has the shape \[7, 3\]; expected \[N\]"),
    ("arrays.shape", ARRAYS | {"logits": ARRAYS["scores"]}, r"logits has the shape \[7\]; expected \[N, C\]"),
    ("arrays.shape", ARRAYS | {"logits": ARRAYS["logits"][:, :0]}, r"\[7, 0\], which holds nothing"),
    ("arrays.dtype", ARRAYS | {"scores": ARRAYS["label"]}, "scores must be floating point, and is int64"),
    ("arrays.dtype", ARRAYS | {"label": ARRAYS["scores"]}, "label must be whole numbers, and is float64"),
]


@pytest.mark.parametrize(("code", "arrays", "says"), SPOILED)
@pytest.mark.parametrize("name", ["npz", "safetensors"])
def test_arrays_that_do_not_fit(name: str, code: str, arrays: dict[str, Any], says: str, tmp_path: Path) -> None:
    suffix, write = WRITERS[name]
    write(tmp_path / f"mine{suffix}", arrays)
    with pytest.raises(ArraysError, match=says) as caught:
        read_arrays(tmp_path / f"mine{suffix}", ["scores"])
    assert (caught.value.code, f"mine{suffix}" in str(caught.value)) == (code, True)


class Bomb:
    """Unpickled, it leaves a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", ["mine.npz", "mine.pt", "mine.arrow", "mine.safetensors"])
def test_a_pickle_is_refused_whatever_it_is_called(name: str, protocol: int, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(Bomb(tmp_path / "ran"), protocol))
    with pytest.raises(ArraysError, match="pickle, which is never loaded") as caught:
        read_arrays(tmp_path / name, ["scores"])
    assert (caught.value.code, (tmp_path / "ran").exists()) == ("arrays.pickle", False)


@pytest.mark.parametrize("member", ["scores", "logits"])
def test_a_npz_of_python_objects_is_refused(member: str, tmp_path: Path) -> None:
    objects = np.array([Bomb(tmp_path / "ran")] * 7, dtype=object)
    np.savez(tmp_path / "mine.npz", **ARRAYS | {member: objects})
    with pytest.raises(ArraysError, match="pickled Python objects") as caught:
        read_arrays(tmp_path / "mine.npz", ["scores"])
    assert (caught.value.code, (tmp_path / "ran").exists()) == ("arrays.pickle", False)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".arrow", ".feather"])
@pytest.mark.parametrize("content", [b"", b"hello", b"ARROW1", b"PK\x05\x06" + bytes(18), b"\0" * 99, b"\xff" * 99])
def test_what_is_no_such_file(suffix: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / f"mine{suffix}").write_bytes(content)
    with pytest.raises(ArraysError) as caught:
        read_arrays(tmp_path / f"mine{suffix}", ["scores"])
    assert caught.value.code in {"arrays.not_a_file", "arrays.missing"}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_cut_short(name: str, tmp_path: Path) -> None:
    suffix, write = WRITERS[name]
    path = tmp_path / f"mine{suffix}"
    write(path, ARRAYS)
    whole = path.read_bytes()
    for length in (len(whole) // 3, len(whole) - 30):
        path.write_bytes(whole[:length])
        try:
            found = read_arrays(path, ["scores"])  # a stream may have lost no more than its end mark
        except ArraysError as error:
            assert error.code in {"arrays.not_a_file", "arrays.missing"}
        else:
            assert (found["scores"] == ARRAYS["scores"]).all()


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_with_bytes_changed(name: str, tmp_path: Path) -> None:
    """Nothing but ArraysError, wherever a byte is wrong; the file's ends hold most of its structure."""
    suffix, write = WRITERS[name]
    path = tmp_path / f"mine{suffix}"
    write(path, ARRAYS)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for number in range(200):
        changed = bytearray(whole)
        for _ in range(1 + number % 4):
            at = int(rng.integers(len(whole) if number % 2 else min(400, len(whole))))
            changed[at if number % 3 else len(whole) - 1 - at] = rng.integers(256)
        path.write_bytes(changed)
        with contextlib.suppress(ArraysError):
            read_arrays(path, ["scores"])


HEADER = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"


@pytest.mark.parametrize(
    ("good", "bad"),
    [("(1,)", f"({10**15},)"), ("(1,)", f"({10**30},)"), ("(1,)", "('1',)"), ("{", "({"), ("'<f8'", "'<q"), ("}", "")],
)
def test_a_header_that_is_damaged(good: str, bad: str, tmp_path: Path) -> None:
    said = HEADER.replace(good, bad).encode().ljust(117) + b"\n"
    start = b"\x93NUMPY\x01\x00" + len(said).to_bytes(2, "little")
    with zipfile.ZipFile(tmp_path / "mine.npz", "w") as archive:
        archive.writestr("score.npy", start + said + bytes(8))
    with pytest.raises(ArraysError, match=r"mine\.npz cannot be read as \.npz") as caught:
        read_arrays(tmp_path / "mine.npz", ["scores"])
    assert caught.value.code == "arrays.not_a_file"


@pytest.mark.parametrize(("offset", "byte"), [(8, 99), (6, 1)])  # another way to compress, and a password
def test_a_member_that_cannot_be_opened(offset: int, byte: int, tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", score=ARRAYS["scores"])
    changed = bytearray((tmp_path / "mine.npz").read_bytes())
    for mark, more in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        changed[changed.index(mark) + offset + more] = byte
    (tmp_path / "mine.npz").write_bytes(changed)
    with pytest.raises(ArraysError, match=r"mine\.npz cannot be read as \.npz") as caught:
        read_arrays(tmp_path / "mine.npz", ["scores"])
    assert caught.value.code == "arrays.not_a_file"


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    found = pa.table([pa.array([1.0]), pa.array([2.0])], names=["scores", "scores"])
    pyarrow.feather.write_feather(found, str(tmp_path / "mine.feather"))
    with pytest.raises(ArraysError, match='"scores" exists 2 times') as caught:
        read_arrays(tmp_path / "mine.feather", ["scores"])
    assert caught.value.code == "arrays.not_a_file"


def test_a_name_says_the_format(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("score\n1\n")
    with pytest.raises(ArraysError, match=r"must end in one of \.npz, \.safetensors, \.arrow"):
        read_arrays(tmp_path / "mine.csv", ["scores"])
    with pytest.raises(ArraysError, match="there is no file"):
        read_arrays(tmp_path / "absent.npz", ["scores"])


def test_lists_of_several_lengths(tmp_path: Path) -> None:
    found = pa.table({"logits": [[1.0, 2.0], [1.0], [1.0, 2.0, 3.0]], "label": [0, 1, 0]})
    pyarrow.feather.write_feather(found, str(tmp_path / "mine.feather"))
    with pytest.raises(ArraysError, match="must have one length") as caught:
        read_arrays(tmp_path / "mine.feather", ["logits"])
    assert caught.value.code == "arrays.shape"


@pytest.mark.parametrize("column", [[1.0, None, 2.0], [[1.0, None], [2.0, 3.0]], [[1.0, 2.0], None]])
def test_empty_values_are_not_numbers(column: list[Any], tmp_path: Path) -> None:
    name = "logits" if isinstance(column[0], list) else "scores"
    pyarrow.feather.write_feather(pa.table({name: column}), str(tmp_path / "mine.feather"))
    with pytest.raises(ArraysError, match="empty") as caught:
        read_arrays(tmp_path / "mine.feather", [name])
    assert caught.value.code == "arrays.not_finite"


def test_a_type_that_numpy_lacks_is_named(tmp_path: Path) -> None:
    save_tensors({"scores": torch.ones(3, dtype=torch.bfloat16)}, tmp_path / "mine.safetensors")
    with pytest.raises(ArraysError, match="bfloat16") as caught:
        read_arrays(tmp_path / "mine.safetensors", ["scores"])
    assert caught.value.code == "arrays.dtype"


@pytest.mark.parametrize(("package", "name"), [("pyarrow", "file"), ("safetensors", "safetensors")])
def test_a_reader_that_is_not_installed_is_named(
    package: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix, write = WRITERS[name]
    write(tmp_path / f"mine{suffix}", ARRAYS)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ArraysError, match=f"takes the package '{package}'") as caught:
        read_arrays(tmp_path / f"mine{suffix}", ["scores"])
    assert caught.value.code == "arrays.no_reader"


def test_other_members_are_not_read(tmp_path: Path) -> None:
    """A large array beside those that are needed costs nothing, and may be of any type."""
    np.savez(tmp_path / "mine.npz", score=ARRAYS["scores"], notes=np.array([{}], dtype=object))
    with zipfile.ZipFile(tmp_path / "mine.npz") as archive:
        assert "notes.npy" in archive.namelist()
    assert set(read_arrays(tmp_path / "mine.npz", ["scores"])) == {"scores"}
