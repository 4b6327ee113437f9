"""A method with several inputs: what is said of each as data, how one is chosen, and what is refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Choice, Features, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, setting
from farfield.choices import became, called, described_for, input_of, plainly
from farfield.config import check_config
from farfield.errors import ConfigError, SpecError
from farfield.registry import words_of
from farfield.testing import check_method

FEATURES = Features(backbone="some-backbone", dim=4)


@dataclass(frozen=True, kw_only=True)
class OnImages:
    rate: float = setting(0.1, ge=0.0, le=1.0, help="A rate.")


@dataclass(frozen=True, kw_only=True)
class OnFeatures:
    width: int = setting(3, ge=1, le=9, help="A width.")


class Flat:
    """Refuses anything but what its configuration is for."""

    def __init__(self, context: RunContext) -> None:
        self.dimensions = 2 if isinstance(context.config, OnFeatures) else 4

    def predict(self, inputs: Any) -> Any:
        assert inputs.ndim == self.dimensions
        return inputs.reshape(len(inputs), -1)[:, :3].astype(np.float32)


def spec(**changes: Any) -> MethodSpec:
    choice = Choice(
        inputs=FEATURES,
        config=OnFeatures,
        claims=TrackClaims(backbone="some-backbone", pretraining=("some-data",)),
        resources=Resources(memory_gib=0.5),
        batch_size=256,
    )
    values: dict[str, Any] = {"choices": {"some": choice}, "config": OnImages, **changes}
    return MethodSpec(
        name="flat",
        family=TaskFamily.CLASSIFICATION,
        summary="Flat.",
        build=Flat,
        inputs=Images(size=16),
        claims=TrackClaims(backbone="none"),
        **values,
    )


@pytest.mark.parametrize("config", [{}, {"input": "images", "rate": 0.5}, {"input": "some", "width": 9}])
def test_the_method_is_given_what_the_setting_chooses(config: dict[str, Any], tmp_path: Path) -> None:
    check_method(spec(), tmp_path, config)


def test_settings_are_those_of_the_chosen_input(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="width.: no such setting"):
        check_method(spec(), tmp_path, {"width": 9})
    with pytest.raises(ConfigError, match="input: 'other' is not one of images, some"):
        check_method(spec(), tmp_path, {"input": "other"})


def test_the_description_says_what_is_so_with_each_input() -> None:
    described = spec().describe()
    assert described["inputs"]["kind"] == "images"
    assert list(described["choices"]) == ["some"]
    chosen = described_for(described, {"input": "some"})
    assert "choices" not in chosen
    assert (chosen["name"], chosen["summary"], chosen["batch_size"]) == ("flat", "Flat.", 256)
    assert chosen["inputs"] == {"kind": "features", "backbone": "some-backbone", "dim": 4}
    assert chosen["claims"]["pretraining"] == ["some-data"]
    assert check_config(chosen["config_schema"], {"input": "some", "width": 2}) == []


def test_an_unknown_input_is_refused_by_the_first_ones_schema() -> None:
    for wanted in ("other", ["some"], None, 3):
        chosen = described_for(spec().describe(), {"input": wanted})
        assert chosen["inputs"]["kind"] == "images"
        assert check_config(chosen["config_schema"], {"input": wanted})


def test_without_choices_nothing_changes() -> None:
    described = spec(choices={}).describe()
    assert not {"choices", "called"} & described.keys()
    assert "input" not in described["config_schema"]["properties"]
    assert described_for(described, {"input": "some"}) == described
    assert input_of(described, {"input": "some"}) == ""


def test_the_first_input_is_not_kept_among_the_settings() -> None:
    described = spec().describe()
    assert plainly(described, {"input": "images", "rate": 0.5}) == {"rate": 0.5}
    assert plainly(described, {"input": "some", "width": 2}) == {"input": "some", "width": 2}
    assert (input_of(described, {}), input_of(described, {"input": "some"})) == ("", "some")


def test_one_word_stands_for_method_and_input() -> None:
    described = spec().describe()
    assert (called(described, {}), called(described, {"input": "some"})) == ("flat", "some-flat")
    assert became([described], "some-flat") == ("flat", "some")
    assert became([described], "flat") is None
    named = spec(called="images-flat").describe()
    assert called(named, {}) == "images-flat"
    assert became([named], "images-flat") == ("flat", "images")
    assert words_of(spec(called="images-flat")) == {"flat", "images-flat", "some-flat"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"choices": {"images": Choice(inputs=FEATURES)}}, "its inputs need names of their own"),
        ({"choices": {"Some": Choice(inputs=FEATURES)}}, "the input 'Some' must be called by a lower-case-name"),
        ({"choices": {"some": Choice(inputs=Features(backbone="b", dim=0))}}, "dim 0 is not a whole number"),
        ({"called": "Not a name"}, "called 'Not a name' is not a lower-case-name"),
        ({"choices": {f"n{i}": Choice(inputs=FEATURES) for i in range(20)}}, "at most 20"),
    ],
)
def test_what_is_unusable_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        spec(**changes)


def test_a_setting_of_ones_own_called_input_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Mine:
        input: int = setting(1, help="Mine.")

    with pytest.raises(SpecError, match="the setting 'input' is what chooses between its inputs"):
        spec(config=Mine)
    assert spec(config=Mine, choices={}).config is Mine
