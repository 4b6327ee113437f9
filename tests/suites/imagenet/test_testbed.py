"""The standard models that are shipped are those through which the testbed's lines go."""

import pytest

from farfield_evaluators.metrics.robustness import TESTBED, Line, fit_line
from farfield_evaluators.suites.imagenet.reported import REPORTED, standard_models


@pytest.mark.parametrize("name", ["v2", "sketch"])
def test_the_line_through_the_standard_models_is_the_testbeds(name: str) -> None:
    """Of the sets whose ID accuracy is that of the whole validation set."""
    points = [(one["val"] / 100, one[name] / 100) for one in standard_models().values() if name in one]
    line, known = fit_line(points), TESTBED[name]
    assert line is not None
    assert isinstance(known, Line)
    assert (line.slope, line.intercept) == pytest.approx((known.slope, known.intercept), abs=3e-3)


def test_every_standard_model_is_reported_once() -> None:
    reported = [each for each in REPORTED if each.benchmark == "imagenet-ood/imagenet"]
    assert len({each.method for each in reported}) == len(reported)
    listed = [each for each in reported if "ImageNet testbed" in each.source]
    assert len(listed) == len(standard_models())
    (resnet,) = (each for each in listed if each.method == "ResNet-50 (torchvision)")
    theirs = standard_models()["resnet50"]
    assert {name: resnet.figures["accuracy", name] for name in theirs} == pytest.approx(
        {name: value / 100 for name, value in theirs.items()}, abs=6e-5
    )
