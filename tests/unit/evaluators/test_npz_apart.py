"""Predictions are unpacked apart: the same arrays and the same refusals as in this process, at a bounded cost."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield.errors import PredictionsError
from farfield_evaluators.npz import ArrayRule, open_npz
from farfield_evaluators.npz_apart import open_npz_apart

RULES = {
    "ids": ArrayRule(types=("|S32", "<U32"), shape=(6,), most_rows=12),
    "logits": ArrayRule(types=("<f4", "<f8", "<f2"), shape=(6, 3)),
}


def arrays(**changes: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {"ids": np.array([f"{i:032}" for i in range(6)], "S32"), "logits": rng.normal(size=(6, 3)), **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ids": np.array([f"{i:032}" for i in range(9)], "U32")},
        {"logits": np.asfortranarray(np.random.default_rng(1).normal(size=(6, 3)))},
        {"logits": np.zeros((6, 3), np.float16)},
    ],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_the_same_arrays_come_out(tmp_path: Path, changes: dict[str, Any], save: Any) -> None:
    save(tmp_path / "p.npz", **arrays(**changes))
    with open_npz(tmp_path / "p.npz", RULES) as here, open_npz_apart(tmp_path / "p.npz", RULES) as apart:
        for name in RULES:
            expected, found = here.read(name), apart.read(name)
            np.testing.assert_array_equal(found, expected)
            assert found.dtype == expected.dtype


def not_a_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + b"0" * 100)


def other_members(path: Path) -> None:
    np.savez(path, ids=arrays()["ids"])


def another_shape(path: Path) -> None:
    np.savez(path, **arrays(logits=np.zeros((6, 4))))


def objects(path: Path) -> None:
    np.savez(path, **arrays(logits=np.array([None] * 18).reshape(6, 3)))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in RULES:
            opened.writestr(f"{name}.npy", b"\0" * (64 << 20))


@pytest.mark.parametrize("write", [not_a_zip, other_members, another_shape, objects, bomb, Path.touch, Path.mkdir])
def test_the_same_refusals_come_out(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "p.npz"
    write(path)
    said = []
    for opener in (open_npz, open_npz_apart):
        with pytest.raises(PredictionsError) as caught, opener(path, RULES) as opened:
            [opened.read(name) for name in RULES]
        said.append((caught.value.code, str(caught.value)))
    assert said[0] == said[1]
    assert said[0][0].startswith("predictions.")
