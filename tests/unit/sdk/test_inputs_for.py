"""A configuration may say which images it takes: the runner and the conformance test ask it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Choice, Features, Images, MethodSpec, RunContext, TaskFamily, TrackClaims, setting
from farfield.choices import BY_SETTINGS, INPUT, described_for
from farfield.errors import SpecError
from farfield.testing import check_method


@dataclass(frozen=True, kw_only=True)
class Config:
    size: int = setting(16, ge=8, le=4096, help="Side of an image.")


class Sided:
    """Refuses images of another size than was configured."""

    def __init__(self, context: RunContext) -> None:
        self.context = context

    def predict(self, images: Any) -> Any:
        assert images.shape[1:] == (self.context.config.size,) * 2 + (3,)
        return images.reshape(len(images), -1)[:, :3].astype(np.float32)


def spec(**changes: Any) -> MethodSpec:
    values: dict[str, Any] = {
        "inputs": Images(size=16),
        "inputs_for": lambda config: Images(size=config.size),
        "claims": TrackClaims(backbone="none"),
        "config": Config,
        **changes,
    }
    return MethodSpec(name="sided", family=TaskFamily.CLASSIFICATION, summary="Sided.", build=Sided, **values)


@pytest.mark.parametrize("size", [16, 24])
def test_images_come_as_the_configuration_wants_them(tmp_path: Path, size: int) -> None:
    check_method(spec(), tmp_path, {"size": size})


def test_without_it_all_configurations_take_the_same() -> None:
    assert spec(inputs_for=None).inputs_of(Config(size=24)) == Images(size=16)


def test_what_is_unusable_is_refused() -> None:
    with pytest.raises(SpecError, match="method 'sided': size 2000 is not a whole number in 8..1024 pixels"):
        spec().inputs_of(Config(size=2000))
    with pytest.raises(SpecError, match="inputs_for gave 3, not Images"):
        spec(inputs_for=lambda _: 3).inputs_of(Config())
    with pytest.raises(SpecError, match="inputs_for is for methods that take images"):
        spec(inputs=Features(backbone="b", dim=2)).inputs_of(Config())


def test_it_is_the_runners_affair_and_only_that_it_is_there_is_described() -> None:
    assert "inputs_for" not in spec().describe()
    assert spec().describe()[BY_SETTINGS] is True
    assert BY_SETTINGS not in spec(inputs_for=None).describe()
    chosen = spec(choices={"other": Choice(inputs=Images(size=8))}).describe()
    assert described_for(chosen, {INPUT: "other"})[BY_SETTINGS] is False
