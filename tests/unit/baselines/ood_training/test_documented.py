"""docs/ood-detectors.md says of trained detectors what the code says."""

import pytest
from tests.unit.baselines.documented import cells, own_settings, setting_rows
from tests.unit.baselines.ood_detection.test_documented import section

from farfield import MethodSpec
from farfield_baselines.clip_methods import TrainConfig
from farfield_baselines.ood_training import clip_cma
from farfield_baselines.ood_training.core import DetectorConfig
from farfield_baselines.ood_training.listed import SPECS
from farfield_baselines.trained.config import on_features, on_images

ROWS = [line for line in section("Detectors that are trained") if line.startswith("| `")]


def papers(spec: MethodSpec) -> str:
    return "; ".join((spec.with_input("images") if spec.choices else spec).papers)


def common(spec: MethodSpec) -> type:
    """The settings that are not its own."""
    if spec is clip_cma.SPEC:
        return TrainConfig
    return (on_features if spec.choices else on_images)(DetectorConfig)


@pytest.mark.parametrize("number", range(len(SPECS)), ids=lambda number: SPECS[number].name)
def test_every_trained_detector_has_its_row_in_order(number: int) -> None:
    spec, (name, says, own, of) = SPECS[number], cells(ROWS[number])
    assert (name, own, of) == (f"`{spec.name}`", own_settings(spec, common(spec)), papers(spec))
    assert "Score: " in says
    assert says.endswith(".")


def test_the_settings_of_all_are_listed() -> None:
    assert ROWS[len(SPECS) :] == setting_rows(DetectorConfig)
