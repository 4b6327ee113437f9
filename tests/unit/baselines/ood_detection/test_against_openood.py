"""The detectors with their default settings against what `measure_openood.py` measured of OpenOOD itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.baselines.ood_detection import openood_case as case

from farfield_baselines.ood_detection import ash, energy, gradnorm, knn, mahalanobis, max_logit, react, vim
from farfield_baselines.ood_detection.core import Head, Known, Seen, each_its_own
from farfield_baselines.ood_detection.declare import Detector

MEASURED: Mapping[str, Any] = json.loads(Path(__file__).with_name("openood.json").read_text(encoding="utf-8"))
DETECTORS: Mapping[str, Detector] = {
    module.DETECTOR.name: module.DETECTOR for module in (ash, energy, gradnorm, knn, mahalanobis, max_logit, react, vim)
}
# Theirs of ours where only the scale differs: a squared distance, and a sum over classes in place of a mean.
SAME_RANKS = {"knn": lambda score: -np.square(score), "gradnorm": lambda score: case.CLASSES * score}


def scores(name: str) -> Any:
    weight, bias = case.layer()
    head = Head(weight=weight, bias=bias, members=each_its_own(case.CLASSES))
    features, labels = case.training()
    known = Known(head=head, seen=Seen(features=features, logits=head(features)), labels=labels)
    asked = case.test_features()
    rule, config = DETECTORS[name].rule, DETECTORS[name].config
    return rule.make(known, config())(Seen(features=asked, logits=head(asked)))


@pytest.mark.parametrize("name", MEASURED)
def test_a_detectors_default_is_openoods(name: str) -> None:
    ours = SAME_RANKS.get(name, lambda score: score)(np.asarray(scores(name)))
    np.testing.assert_allclose(ours, MEASURED[name], rtol=2e-3, atol=2e-3)


def test_every_detector_with_settings_that_openood_has_too_is_compared() -> None:
    assert set(DETECTORS) == set(MEASURED)
