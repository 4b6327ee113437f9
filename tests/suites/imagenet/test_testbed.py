"""The standard models that are shipped are those through which the testbed's lines go."""

import pytest

from farfield_evaluators.metrics.robustness import LEAST_ID, TESTBED, Line, fit_line
from farfield_evaluators.suites.imagenet.reported import REPORTED, standard_models


@pytest.mark.parametrize("name", ["v2", "sketch", "r", "objectnet"])
def test_the_line_through_the_standard_models_is_the_testbeds(name: str) -> None:
    """Against val on the shift's classes, of models that reach enough on all of them; that of A is in two pieces."""
    good = [one for one in standard_models().values() if name in one and one["val"] >= 100 * LEAST_ID]
    line = fit_line([(one.get(f"val-of-{name}", one["val"]) / 100, one[name] / 100) for one in good])
    known = TESTBED[name]
    assert line is not None
    assert isinstance(known, Line)
    assert (line.slope, line.intercept) == pytest.approx((known.slope, known.intercept), abs=3e-3)


def test_every_standard_model_is_reported_once() -> None:
    reported = [each for each in REPORTED if each.benchmark == "imagenet-ood/imagenet"]
    assert len({each.method for each in reported}) == len(reported)
    listed = [each for each in reported if "ImageNet testbed" in each.source]
    assert len(listed) == len(standard_models())
    (resnet,) = (each for each in listed if each.method == "ResNet-50 (torchvision)")
    assert resnet.figures["accuracy", "shifts"] == pytest.approx(
        (0.6321 + 0.36173 + 0.0 + 0.24092 + 0.35751) / 5, abs=1e-5
    )
    assert resnet.figures["id-subset-accuracy", "v2"] == resnet.figures["accuracy", "id"]
    assert resnet.figures["id-subset-accuracy", "a"] != resnet.figures["accuracy", "id"]
