"""The detectors with their default settings against what `measure_openood.py` measured of OpenOOD itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.ood_detection import openood_case as case
from tests.unit.baselines.ood_detection import openood_network

from farfield_baselines.ood_detection import (
    adascale,
    ash,
    cfood,
    dice,
    energy,
    fdbd,
    gen,
    gmm,
    gradnorm,
    gram,
    grood,
    iodin,
    kl_matching,
    knn,
    mahalanobis,
    max_logit,
    mds_ensemble,
    nci,
    nnguide,
    odin,
    openmax,
    rankfeat,
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
from farfield_baselines.ood_detection.inside import Looking
from farfield_baselines.ood_detection.models import Body, Network

MEASURED: Mapping[str, Any] = json.loads(Path(__file__).with_name("openood.json").read_text(encoding="utf-8"))
MODULES = (
    ash,
    cfood,
    dice,
    energy,
    fdbd,
    gen,
    gmm,
    gradnorm,
    gram,
    grood,
    iodin,
    kl_matching,
    knn,
    mahalanobis,
    max_logit,
)
MODULES += (nci, nnguide, odin, openmax, rankfeat, react, relation, residual, rmds, scale, she, vim, vra)
DETECTORS: Mapping[str, Detector] = {
    **{module.DETECTOR.name: module.DETECTOR for module in MODULES},
    **{of.name: of for of in (adascale.OF_ACTIVATIONS, adascale.OF_LOGITS)},
}
# What OpenOOD has otherwise: the images of NNGuide and CFOOD are its loader's first batches, or drawn, here all of
# them; it takes 512 dimensions also where they are more than half of the width; and the mixture of its file is too
# large for eighty images.
OTHERWISE: Mapping[str, Mapping[str, Any]] = {
    "cfood": {"share": 1.0},
    "gmm": {"stage": 4, "statistic": "mean", "dim": 4, "components": 4},
    "nnguide": {"share": 1.0},
    "residual": {"dim": 512},
}
# EM stops near the optimum, and the first centres are others.
TOLERANCE: Mapping[str, float] = {"gmm": 1e-2}
# Theirs of ours where only the scale differs: a squared distance, and a sum over classes in place of a mean.
SAME_RANKS = {
    "knn": lambda score: -np.square(score),
    "gradnorm": lambda score: case.CLASSES * score,
}


def of_features(name: str) -> Any:
    weight, bias = case.layer()
    head = Head(weight=weight, bias=bias, members=each_its_own(case.CLASSES))
    features, labels = case.training()
    outside = Seen(features=case.outside(), logits=head(case.outside()))
    known = Known(head=head, seen=Seen(features=features, logits=head(features)), labels=labels, outside=outside)
    asked = case.test_features()
    rule, config = DETECTORS[name].rule, DETECTORS[name].config
    return rule.make(known, config(**OTHERWISE.get(name, {})))(Seen(features=asked, logits=head(asked)))


def small_network() -> Network:
    """The network of the case; its inputs are pixels already, divided by what OpenOOD takes for unknown data."""
    net = openood_network.Net().requires_grad_(False)
    weight, bias = net.fc.weight.numpy(), net.fc.bias.numpy()
    body = Body(
        network=net,
        stages=tuple(f"layer{number}" for number in range(1, 5)),
        maps=lambda pixels: net.maps(pixels)[-1],
        pooled=net.pooled,
    )
    return Network(
        pixels=torch.from_numpy,
        trunk=lambda pixels: net.pooled(net.maps(pixels)[-1]),
        head=Head(weight=weight, bias=bias, members=each_its_own(openood_network.CLASSES)),
        std=(0.5, 0.5, 0.5),
        body=body,
    )


def of_images(name: str) -> Any:
    config = DETECTORS[name].config(**OTHERWISE.get(name, {}))
    rule = DETECTORS[name].rule
    assert rule.look is not None
    model = Looking(network=small_network(), look=rule.look, config=config)
    images, labels = openood_network.training()
    known = Known(head=model.head, seen=model.see(images.numpy()), labels=labels.numpy())
    return rule.make(known, config)(model.see(openood_network.test_images().numpy()))


@pytest.mark.parametrize("name", sorted(DETECTORS))
def test_a_detector_says_what_openoods_says(name: str) -> None:
    scores = of_features(name) if DETECTORS[name].rule.look is None else of_images(name)
    ours = SAME_RANKS.get(name, lambda score: score)(np.asarray(scores))
    tolerance = TOLERANCE.get(name, 2e-3)
    np.testing.assert_allclose(ours, MEASURED[name], rtol=tolerance, atol=tolerance)


def test_mahalanobis_at_several_stages_says_what_openoods_says(labeled: Any) -> None:
    config = mds_ensemble.Config()
    method = mds_ensemble.MDSEnsemble(small_network(), (1.0, 0.5), config)
    images, labels = openood_network.training()
    method.fit(labeled(images.numpy(), labels.numpy()))
    ours, _ = method.score(openood_network.test_images().numpy())
    np.testing.assert_allclose(ours, MEASURED["mds-ensemble"], rtol=2e-3)


def test_every_detector_with_settings_that_openood_has_too_is_compared() -> None:
    assert {*DETECTORS, "mds-ensemble"} == set(MEASURED)
