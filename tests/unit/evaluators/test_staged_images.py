"""The images of a training split, laid out without the others of their pack."""

import errno
from pathlib import Path

import numpy as np
import pytest

from farfield_evaluators.staged_images import write_images

CONTENT = [b"zero", b"", b"two-two", b"3", b"four", b"five"]
ENDS = np.cumsum([len(part) for part in CONTENT])
SPANS = np.stack([ENDS - [len(part) for part in CONTENT], ENDS], axis=1)


@pytest.fixture
def blob(tmp_path: Path) -> Path:
    path = tmp_path / "pack.bin"
    path.write_bytes(b"".join(CONTENT))
    return path


def staged(blob: Path, positions: list[int], *, alone: bool = True) -> Path:
    folder = blob.parent / "train"
    folder.mkdir()
    write_images(blob, SPANS[positions], folder, alone=alone)
    return folder


def read(folder: Path) -> list[bytes]:
    data = (folder / "images.bin").read_bytes()
    return [data[start:stop] for start, stop in np.load(folder / "spans.npy")]


@pytest.mark.parametrize("positions", [[0], [5, 0], [2, 3, 4], [4, 4, 1, 2], [5, 3, 1]])
def test_the_file_holds_those_images_and_no_byte_more(blob: Path, positions: list[int]) -> None:
    folder = staged(blob, positions)
    assert read(folder) == [CONTENT[position] for position in positions]
    assert (folder / "images.bin").stat().st_size == sum(len(CONTENT[position]) for position in set(positions))


def test_a_pack_that_holds_nothing_else_is_linked(blob: Path) -> None:
    folder = staged(blob, [5, 4, 3, 2, 1, 0])
    assert read(folder) == CONTENT[::-1]
    assert (folder / "images.bin").samefile(blob)


def test_what_no_run_sees_is_linked_with_all_that_lies_beside_it(blob: Path) -> None:
    folder = staged(blob, [5, 2], alone=False)
    assert read(folder) == [b"five", b"two-two"]
    assert (folder / "images.bin").samefile(blob)


def test_across_file_systems_what_is_needed_is_copied(blob: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr("os.link", refuse)
    folder = staged(blob, [5, 2], alone=False)
    assert read(folder) == [b"five", b"two-two"]
    assert (folder / "images.bin").read_bytes() == b"two-twofive"


def test_without_the_kernels_help_it_is_copied(blob: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError("not here")

    monkeypatch.setattr("os.copy_file_range", refuse, raising=False)
    assert read(staged(blob, [5, 2])) == [b"five", b"two-two"]


def test_a_pack_that_is_cut_short_is_an_error(blob: Path) -> None:
    blob.write_bytes(b"zer")
    with pytest.raises(OSError, match="end before byte"):
        staged(blob, [0, 2])
