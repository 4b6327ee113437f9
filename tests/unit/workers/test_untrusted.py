"""What a sandbox wrote is looked at before it is read."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.errors import PredictionsError
from farfield_workers.failures import RunFailure
from farfield_workers.sandbox.base import Stopped
from farfield_workers.untrusted import (
    NotThere,
    load_array,
    open_regular,
    read_json_object,
    reading,
    regular_files,
    take_file,
)


def test_a_named_pipe_does_not_stop_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    done: list[BaseException] = []

    def read() -> None:
        try:
            load_array(tmp_path / "pipe.npy", (1, 1))
        except NotThere as error:
            done.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(5)
    assert len(done) == 1


@pytest.mark.parametrize("make", ["link", "folder", "absent", "socketless"])
def test_only_regular_files_are_opened(tmp_path: Path, make: str) -> None:
    (tmp_path / "real").write_text("secret")
    path = tmp_path / "asked"
    if make == "link":
        path.symlink_to(tmp_path / "real")
    elif make == "folder":
        path.mkdir()
    elif make == "socketless":
        path.symlink_to("/dev/zero")
    with pytest.raises(NotThere, match="asked"):
        open_regular(path)


@pytest.mark.parametrize("text", ["[" * 200_000, "[1]", '{"a": ' * 90_000, "nothing", "", "\xff\xfe"])
def test_json_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text, encoding="latin-1")
    with pytest.raises(PredictionsError, match=r"result\.json"):
        read_json_object(tmp_path / "result.json")


def test_json_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text('{"a": "' + "x" * 2000 + '"}')
    with pytest.raises(PredictionsError, match="longer than 1000 bytes"):
        read_json_object(tmp_path / "result.json", 1000)
    assert len(read_json_object(tmp_path / "result.json")["a"]) == 2000


def test_a_header_that_claims_more_is_not_believed(tmp_path: Path) -> None:
    with (tmp_path / "logits.npy").open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 40, 3)}
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(PredictionsError, match="a row for each example"):
        load_array(tmp_path / "logits.npy", (4, 3))


@pytest.mark.parametrize("dtype", ["U8", "S8", "M8[s]", "?", "complex64", "longdouble"])
def test_only_numbers_are_read(tmp_path: Path, dtype: str) -> None:
    np.save(tmp_path / "logits.npy", np.zeros((2, 2), dtype))
    with pytest.raises(PredictionsError):
        load_array(tmp_path / "logits.npy", (2, 2))


@given(st.binary(max_size=300))
def test_any_bytes_end_as_a_predictions_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "logits.npy"
    path.write_bytes(data)
    for mapped in (False, True):
        with pytest.raises(PredictionsError):
            load_array(path, (2, 2), mapped=mapped)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i8"])
def test_a_mapped_array_is_the_one_that_was_written(tmp_path: Path, order: str, dtype: str) -> None:
    whole = np.asarray(np.arange(12).reshape(4, 3), dtype, order=order)
    np.save(tmp_path / "logits.npy", whole)
    found = load_array(tmp_path / "logits.npy", (4, 3), mapped=True)
    (tmp_path / "logits.npy").unlink()
    np.testing.assert_array_equal(found, whole)


def test_a_file_that_ends_too_early_is_not_mapped(tmp_path: Path) -> None:
    np.save(tmp_path / "logits.npy", np.zeros((400, 3)))
    path = tmp_path / "logits.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(PredictionsError, match="not a plain array"):
        load_array(path, (400, 3), mapped=True)


@pytest.mark.parametrize("link", ["folder", "file", "nothing"])
def test_a_file_is_taken_by_copy_and_never_through_a_link(tmp_path: Path, link: str) -> None:
    """The worker may be root: what it moves or opens must be what was written, not what a link leads to."""
    host = tmp_path / "host"
    host.mkdir()
    (host / "made.whl").write_text("of the host")
    dist = tmp_path / "dist"
    if link == "folder":
        dist.symlink_to(host)
    elif link == "file":
        dist.mkdir()
        (dist / "made.whl").symlink_to(host / "made.whl")
    assert regular_files(dist, ".whl") == []
    with pytest.raises(NotThere, match=r"made\.whl was not written"):
        take_file(dist, "made.whl", tmp_path / "taken")
    assert not (tmp_path / "taken").exists()
    assert (host / "made.whl").read_text() == "of the host"


def test_a_taken_file_is_a_copy(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir(mode=0)
    (tmp_path / "dist").chmod(0o700)
    (tmp_path / "dist" / "made.whl").write_text("a wheel")
    assert regular_files(tmp_path / "dist", ".whl") == ["made.whl"]
    take_file(tmp_path / "dist", "made.whl", tmp_path / "taken")
    (tmp_path / "dist" / "made.whl").write_text("changed afterwards")
    assert (tmp_path / "taken").read_text() == "a wheel"


def header(text: bytes, version: bytes = b"\x01\x00") -> bytes:
    size = len(text).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    return b"\x93NUMPY" + version + size + text


@pytest.mark.parametrize(
    "content",
    [
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': " + b"(" * 2000 + b")" * 2000 + b"}\n"),
        header(b"-" * 4000 + b"1\n"),
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (" + b"9" * 3000 + b",)}\n"),
        header(b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2, 3)}\n"),
        header(b"{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}\n"),
        header(b"{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}\n"),
        header(b"{" * 3000, b"\x02\x00"),
        header(b"\xff" * 100),
        b"PK\x03\x04",
        b"\x93NUMPY\x09\x00",
        b"",
    ],
)
@pytest.mark.parametrize("mapped", [False, True])
def test_a_header_that_recurses_is_the_files_fault_by_its_name(tmp_path: Path, content: bytes, mapped: bool) -> None:
    (tmp_path / "logits.npy").write_bytes(content)
    with pytest.raises(PredictionsError, match=r"logits\.npy") as caught:
        load_array(tmp_path / "logits.npy", (2, 3), mapped=mapped)
    assert caught.value.code == "predictions.invalid"


def test_the_boundary_turns_anything_into_the_files_fault_and_keeps_the_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("of ours")

    for error in (RecursionError, MemoryError, KeyError, AttributeError, OSError, OverflowError):
        with pytest.raises(PredictionsError, match=rf"probes cannot be read \({error.__name__}\)"), reading("probes"):
            raise error
    with pytest.raises(PredictionsError) as caught, reading("result.json", "plugin.bad_spec"):
        broken()
    assert caught.value.code == "plugin.bad_spec"
    assert "in broken" in caplog.text


def test_the_boundary_lets_pass_what_says_itself_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    for error in (PredictionsError("x", code="predictions.shape"), RunFailure("resources.time", "x"), Stopped()):
        with pytest.raises(type(error)) as caught, reading("anything"):
            raise error
        assert caught.value is error
    assert caplog.text == ""
