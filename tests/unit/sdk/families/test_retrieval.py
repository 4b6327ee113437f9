"""The loop of retrieval: captions first and all at once, then images batch by batch, and what is checked of both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Features, Images, MethodSpec, RunContext, TaskFamily, TrackClaims, families
from farfield.errors import JobError, ProtocolError
from farfield.families.family import Schedule
from farfield.families.retrieval import MOST_DIMENSIONS
from farfield.families.toys import CAPTIONS, EXAMPLES, Toys
from farfield.runtime.probes import REORDERED, REPEAT
from farfield.runtime.rows import Out
from farfield.runtime.rules import most_bytes
from farfield.testing import check_method

FAMILY = families.of("retrieval")


class Letters:
    """A caption is how often it has some letters, an image its first pixels; keeps what it was asked for, in order."""

    def __init__(self, context: RunContext | None = None) -> None:
        self.asked: list[Any] = []

    def embed_texts(self, texts: Any) -> Any:
        self.asked.append(list(texts))
        return np.array([[text.count(letter) for letter in "aeo"] for text in texts], np.float64)

    def embed_images(self, images: Any) -> Any:
        self.asked.append(len(images))
        return images.reshape(len(images), -1)[:, :3].astype(np.float32)


def spec(build: Callable[..., Any], **changes: Any) -> MethodSpec:
    good: dict[str, Any] = {"inputs": Images(size=8), "claims": TrackClaims(backbone="none")} | changes
    return MethodSpec(name="toy", family=TaskFamily.RETRIEVAL, summary="A toy.", build=build, **good)


class Built:
    """As the conformance test has a method."""

    def __init__(self, **changes: Any) -> None:
        self.spec = spec(Letters, **changes)
        self.inputs = self.spec.inputs

    def __call__(self) -> Any:
        return Letters()


def test_captions_come_first_and_all_at_once_and_arrays_are_of_one_width(tmp_path: Path) -> None:
    method, toys = Letters(), Toys(Built(batch_size=3))
    out = Out(tmp_path, lambda *_: None)
    FAMILY.run(method, toys, out, Schedule())
    assert method.asked == [list(CAPTIONS), 3, 3, 1]
    arrays = {name: np.load(tmp_path / f"{name}.npy") for name in out.names}
    assert list(arrays) == list(FAMILY.outputs(toys.size))
    assert arrays["dimensions"].tolist() == [3]
    assert (arrays["texts"].shape, arrays["images"].shape) == ((len(CAPTIONS), 3), (EXAMPLES, 3))
    assert arrays["texts"].dtype == arrays["images"].dtype == np.float32
    assert arrays["texts"][1].tolist() == [3, 1, 2]
    rules, known = FAMILY.outputs(toys.size), dict[str, np.ndarray]()
    for name, rule in rules.items():
        assert not rule.problem(name, arrays[name], known)
        known[name] = arrays[name]


def test_what_a_rule_refuses_follows_from_the_dimensions_that_were_said() -> None:
    rules = FAMILY.outputs(families.Size(examples=2, texts=3))
    known = {"dimensions": np.array([4])}
    assert rules["texts"].shape_given(known) == (3, 4)
    assert "has the shape (2, 3); expected (2, 4)" in rules["images"].problem("images", np.zeros((2, 3)), known)
    for wrong in (0, MOST_DIMENSIONS + 1):
        assert "must lie in 1..4096" in rules["dimensions"].problem("dimensions", np.array([wrong]), {})
    assert most_bytes(rules) == 8 * (1 + (3 + 2) * MOST_DIMENSIONS)


def test_images_are_probed_and_captions_are_not(tmp_path: Path) -> None:
    FAMILY.run(Letters(), Toys(Built()), Out(tmp_path, lambda *_: None), Schedule(probe=True))
    images = np.load(tmp_path / "images.npy")
    for name in (REPEAT, REORDERED):
        assert np.array_equal(np.load(tmp_path / f"{name}.npy"), images)


def test_a_run_without_captions_is_no_run(tmp_path: Path) -> None:
    class Without(Toys):
        captions = ()

    with pytest.raises(JobError, match="needs captions"):
        FAMILY.run(Letters(), Without(Built()), Out(tmp_path, lambda *_: None), Schedule())


@pytest.mark.parametrize("inputs", [Images(size=8), Images(crop="none"), Features(backbone="toy", dim=3)])
def test_a_good_method_passes(tmp_path: Path, inputs: Any) -> None:
    check_method(spec(Letters, inputs=inputs), tmp_path)


def _changed(**members: Any) -> type:
    return type("Bad", (Letters,), members)


def _by_company(self: Any, texts: Any) -> Any:
    return Letters.embed_texts(self, texts) + np.arange(len(texts))[:, None]


WRONG: dict[str, tuple[type, str]] = {
    "no texts": (_changed(embed_texts=None), "misses `embed_texts`"),
    "no images": (_changed(embed_images=None), "misses `embed_images`"),
    "flat": (_changed(embed_texts=lambda _, t: np.zeros(len(t))), r"shape \(5, D\) with D from 1 to 4096, got \(5,\)"),
    "wide": (_changed(embed_texts=lambda _, t: np.zeros((len(t), 5000))), r"got \(5, 5000\)"),
    "few": (_changed(embed_texts=lambda _, t: np.zeros((2, 3))), r"must have the shape \(5, 3\), got \(2, 3\)"),
    "whole": (_changed(embed_texts=lambda _, t: np.zeros((len(t), 3), int)), "must be floating point"),
    "nan": (_changed(embed_texts=lambda _, t: np.full((len(t), 3), np.nan)), "finite float32 numbers; 15 of 15"),
    "apart": (_changed(embed_images=lambda _, x: np.zeros((len(x), 2))), r"embed_images: .* shape \(4, 3\), got"),
    "inf": (_changed(embed_images=lambda _, x: np.full((len(x), 3), 1e300)), "finite float32 numbers"),
    "company": (_changed(embed_texts=_by_company), "changes with those beside it"),
    "batch": (_changed(embed_images=lambda _, x: np.full((len(x), 3), float(len(x)))), "change with the batch size"),
}


@pytest.mark.parametrize(("build", "says"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_with_a_method_is_said(build: type, says: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=says):
        check_method(spec(build), tmp_path)


def test_a_method_may_declare_that_captions_depend_on_one_another(tmp_path: Path) -> None:
    check_method(spec(_changed(embed_texts=_by_company), transductive=True), tmp_path)
