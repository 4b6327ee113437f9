"""Whatever a file holds, reading it raises PredictionsError or gives every example exactly once."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as any_array
from hypothesis.extra.numpy import floating_dtypes
from tests.smallpack import small_pack

from farfield import TaskFamily
from farfield.errors import PredictionsError
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.predictions import official_ids, read_arrays, score_predictions

COUNT, CLASSES = 12, 3
FAMILY = TaskFamily.OOD_DETECTION
IDS = np.unique(np.array([hashlib.sha256(bytes([i])).hexdigest()[:32] for i in range(COUNT)], "S32"))
CODES = {"not_a_file", "too_large", "members", "dtype", "shape", "not_finite"}
CODES |= {"missing_ids", "unknown_ids", "duplicate_ids"}
thorough = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
brief = settings(thorough, max_examples=12)


@pytest.fixture(scope="module")
def file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "fuzzed.npz"


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"))


def good() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"ids": IDS, "logits": rng.normal(size=(COUNT, CLASSES)).astype("f4"), "scores": rng.normal(size=COUNT)}


def npz(arrays: dict[str, Any], compressed: bool) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(buffer, **arrays)
    return buffer.getvalue()


def npy(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def complete_or_refused(file: Path) -> bool:
    """Whether the file was read; then it is complete."""
    try:
        found = read_arrays(file, FAMILY, IDS, CLASSES)
    except PredictionsError as error:
        assert error.code.removeprefix("predictions.") in CODES
        return False
    assert found["ids"].tolist() == IDS.tolist()
    assert (found["logits"].shape, found["scores"].shape) == ((COUNT, CLASSES), (COUNT,))
    assert all(np.isfinite(found[name]).all() for name in ("logits", "scores"))
    return True


def mutated(data: bytes, draw: Any) -> bytes:
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(changed) - 1)))
        kind = draw(st.sampled_from(["set", "cut", "insert", "drop", "copy"]))
        if kind == "set" and changed:
            changed[at] = draw(st.integers(0, 255))
        elif kind == "cut":
            del changed[at:]
        elif kind == "insert":
            changed[at:at] = draw(st.binary(min_size=1, max_size=40))
        elif kind == "drop":
            del changed[at : at + draw(st.integers(1, 40))]
        else:
            source = draw(st.integers(0, max(0, len(changed) - 1)))
            changed[at : at + 8] = changed[source : source + 8]
    return bytes(changed)


@thorough
@given(data=st.data(), compressed=st.booleans())
def test_corrupted_bytes(file: Path, data: st.DataObject, compressed: bool) -> None:
    file.write_bytes(mutated(npz(good(), compressed), data.draw))
    complete_or_refused(file)


@thorough
@given(data=st.data())
def test_corrupted_records_of_the_zip(file: Path, data: st.DataObject) -> None:
    """The last bytes are the directory, which random places in the whole file would seldom hit."""
    whole = npz(good(), True)
    directory = whole.index(b"PK\x01\x02")
    file.write_bytes(whole[:directory] + mutated(whole[directory:], data.draw))
    complete_or_refused(file)


@thorough
@given(data=st.data(), name=st.sampled_from(["ids", "logits", "scores"]))
def test_corrupted_members_with_right_checksums(file: Path, data: st.DataObject, name: str) -> None:
    members = {key: npy(array) for key, array in good().items()}
    head, body = members[name][:128], members[name][128:]
    in_head = data.draw(st.booleans())
    members[name] = mutated(head, data.draw) + body if in_head else head + mutated(body, data.draw)
    with zipfile.ZipFile(file, "w") as archive:
        for key, content in members.items():
            archive.writestr(f"{key}.npy", content)
    complete_or_refused(file)


@thorough
@given(content=st.binary(max_size=400), start=st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY\x01\0"]))
def test_anything_else(file: Path, content: bytes, start: bytes) -> None:
    file.write_bytes(start + content)
    assert not complete_or_refused(file)


@thorough
@given(rows=st.lists(st.integers(0, COUNT - 1), max_size=2 * COUNT) | st.permutations(range(COUNT)))
def test_only_a_permutation_of_all_rows_is_complete(file: Path, rows: list[int]) -> None:
    chosen = np.array(rows, np.int64)
    file.write_bytes(npz({name: array[chosen] for name, array in good().items()}, False))
    assert complete_or_refused(file) == (sorted(rows) == list(range(COUNT)))


@thorough
@given(ids=any_array(st.sampled_from(["S32", "U32", "S3", "i8"]), st.integers(0, COUNT + 3)))
def test_any_ids(file: Path, ids: Any) -> None:
    file.write_bytes(npz(good() | {"ids": ids}, False))
    assert not complete_or_refused(file)


@brief
@given(data=st.data())
def test_any_finite_values_are_scored_without_a_warning(file: Path, pack: Pack, data: st.DataObject) -> None:
    benchmark = find("ood-detection/mini")
    ids = official_ids(benchmark, pack)
    kinds = floating_dtypes(endianness="<", sizes=(16, 32, 64))
    logits = data.draw(any_array(kinds, (len(ids), 4)))
    scores = data.draw(any_array(kinds, len(ids)))
    assume(np.isfinite(logits).all() and np.isfinite(scores).all())
    file.write_bytes(npz({"ids": ids, "logits": logits, "scores": scores}, False))
    found = score_predictions(benchmark, pack, file)
    assert all(0 <= s.value <= 1 for s in found)


@brief
@given(dropped=st.sets(st.integers(0, 55), min_size=1))
def test_an_incomplete_file_has_no_scores(file: Path, pack: Pack, dropped: set[int]) -> None:
    benchmark = find("ood-detection/mini")
    ids = np.delete(official_ids(benchmark, pack), list(dropped))
    arrays = {"ids": ids, "logits": np.ones((len(ids), 4)), "scores": np.ones(len(ids))}
    file.write_bytes(npz(arrays, True))
    with pytest.raises(PredictionsError) as caught:
        score_predictions(benchmark, pack, file)
    assert caught.value.code == "predictions.missing_ids"
