"""mCE on errors made by hand equals the formula of the paper."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.metrics import corruption
from farfield_evaluators.metrics.corruption import (
    ALEXNET,
    EXTRA,
    MAIN,
    Place,
    mce,
    place_of,
    relative_mce,
)

ERRORS = st.fixed_dictionaries({name: st.lists(st.floats(0, 1), min_size=5, max_size=5) for name in MAIN})


def test_the_numbers_are_those_of_the_release() -> None:
    assert (len(ALEXNET), len(MAIN), len(EXTRA)) == (19, 15, 4)
    assert ALEXNET["gaussian_noise"] == 0.886428
    assert ALEXNET["jpeg_compression"] == 0.606500
    assert ALEXNET["saturate"] == 0.658248
    assert sum(ALEXNET.values()) == pytest.approx(14.843152, abs=1e-9)


@given(ERRORS)
def test_mce_equals_the_formula(errors: dict[str, list[float]]) -> None:
    by_hand = 0.0
    for name in MAIN:
        by_hand += sum(errors[name]) / (5 * ALEXNET[name]) / 15
    assert mce(errors) == pytest.approx(by_hand, abs=1e-12)


@given(ERRORS, st.floats(0, 1))
def test_relative_mce_equals_the_formula(errors: dict[str, list[float]], clean: float) -> None:
    by_hand = np.mean([sum(e - clean for e in errors[n]) / sum([ALEXNET[n] - 0.435] * 5) for n in MAIN])
    assert relative_mce(errors, clean) == pytest.approx(by_hand, abs=1e-9)


def test_alexnet_is_one() -> None:
    errors = {name: [error] * 5 for name, error in ALEXNET.items()}
    assert mce(errors) == pytest.approx(1, abs=1e-12)
    assert relative_mce(errors, 0.435) == pytest.approx(1, abs=1e-12)


def test_the_extra_corruptions_do_not_count() -> None:
    """The trap of an unnormalised mean over all 19."""
    errors = {name: [0.5] * 5 for name in MAIN}
    assert mce(errors | {name: [1.0] * 5 for name in EXTRA}) == mce(errors)
    assert mce(errors) == pytest.approx(np.mean([0.5 / ALEXNET[name] for name in MAIN]))


def test_a_missing_corruption_is_no_zero() -> None:
    errors = {name: [0.5] * 5 for name in MAIN if name not in ("fog", "snow")}
    with pytest.raises(ValueError, match="missing: snow, fog"):
        mce(errors)
    with pytest.raises(ValueError, match="missing: fog"):
        relative_mce(errors | {"snow": [0.5], "fog": []}, 0.2)


@pytest.mark.parametrize("name", ALEXNET)
@pytest.mark.parametrize("written", ["{}", "c/{}", "c-{}", "corruption/{}", "imagenet-c/{}", "C/{}"])
def test_every_way_to_name_a_set(name: str, written: str) -> None:
    for spelled in (name, name.replace("_", "-"), name.title()):
        assert place_of(written.format(spelled)) == Place(corruption=name, severity=None)
        assert place_of(f"{written.format(spelled)}/5") == Place(corruption=name, severity=5)


@pytest.mark.parametrize("name", ["openmoji", "val", "c", "c/fog/x", "noise", "", "fog-1-2"])
def test_other_names_are_no_corruption(name: str) -> None:
    assert place_of(name) is None


@pytest.mark.parametrize("name", ["fog/6", "fog/0", "c-fog-12", "imagenet-c/gaussian_noise/6"])
def test_a_severity_that_there_is_not(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: a severity is 1 to 5"):
        place_of(name)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(corruption).failed == 0
