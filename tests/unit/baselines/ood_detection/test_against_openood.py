"""The detectors with their default settings against what `measure_openood.py` measured of OpenOOD itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.baselines.ood_detection import openood_case as case

from farfield_baselines.ood_detection import (
    ash,
    dice,
    energy,
    fdbd,
    gen,
    gradnorm,
    kl_matching,
    knn,
    mahalanobis,
    max_logit,
    nci,
    nnguide,
    openmax,
    react,
    relation,
    residual,
    rmds,
    scale,
    she,
    vim,
    vra,
)
from farfield_baselines.ood_detection.core import Head, Known, Seen, each_its_own
from farfield_baselines.ood_detection.declare import Detector

MEASURED: Mapping[str, Any] = json.loads(Path(__file__).with_name("openood.json").read_text(encoding="utf-8"))
MODULES = (ash, dice, energy, fdbd, gen, gradnorm, kl_matching, knn, mahalanobis, max_logit)
MODULES += (nci, nnguide, openmax, react, relation, residual, rmds, scale, she, vim, vra)
DETECTORS: Mapping[str, Detector] = {module.DETECTOR.name: module.DETECTOR for module in MODULES}
# What OpenOOD has otherwise: NNGuide's images are its loader's first batches, here all of them; and it takes 512
# dimensions also where they are more than half of the width.
OTHERWISE: Mapping[str, Mapping[str, Any]] = {"nnguide": {"share": 1.0}, "residual": {"dim": 512}}
# Theirs of ours where only the scale differs: a squared distance, and a sum over classes in place of a mean.
SAME_RANKS = {
    "knn": lambda score: -np.square(score),
    "gradnorm": lambda score: case.CLASSES * score,
}


def scores(name: str) -> Any:
    weight, bias = case.layer()
    head = Head(weight=weight, bias=bias, members=each_its_own(case.CLASSES))
    features, labels = case.training()
    known = Known(head=head, seen=Seen(features=features, logits=head(features)), labels=labels)
    asked = case.test_features()
    rule, config = DETECTORS[name].rule, DETECTORS[name].config
    return rule.make(known, config(**OTHERWISE.get(name, {})))(Seen(features=asked, logits=head(asked)))


@pytest.mark.parametrize("name", MEASURED)
def test_a_detector_says_what_openoods_says(name: str) -> None:
    ours = SAME_RANKS.get(name, lambda score: score)(np.asarray(scores(name)))
    np.testing.assert_allclose(ours, MEASURED[name], rtol=2e-3, atol=2e-3)


def test_every_detector_with_settings_that_openood_has_too_is_compared() -> None:
    assert set(DETECTORS) == set(MEASURED)
