"""Measure what `domainbed.json` holds by running DomainBed: `python measure_domainbed.py FOLDER > domainbed.json`.

FOLDER is a checkout of https://github.com/facebookresearch/DomainBed (the committed figures are of b93c22a). Nothing of
it is kept here but what it gives.
"""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.generalization import matched

OURS = {
    "class_embeddings": "embeddings",
    "network_f": "featurizer",
    "network_c": "classifier",
    "network_s": "style_classifier",
}


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    algorithms, networks, hparams_registry, misc = imported()
    found: dict[str, Any] = {}
    with mock.patch.object(networks, "Featurizer", lambda shape, _: matched.Network(shape[0])):
        for name in (*matched.COMPARED, *matched.TRANSDUCTIVE):
            hparams = hparams_registry.default_hparams(name, "PACS") | settings(name)
            found[name] = measured(algorithms.get_algorithm_class(name), hparams, misc)
    json.dump(found, sys.stdout, indent=1, sort_keys=True)


def imported() -> tuple[Any, Any, Any, Any]:
    """Its modules; what they import for other algorithms and is not installed is stood in for."""
    for missing in ("backpack", "backpack.extensions", "torchvision.models", "wilds"):
        sys.modules.setdefault(missing, ModuleType(missing))
    from domainbed import algorithms, hparams_registry, networks  # type: ignore[import-not-found]
    from domainbed.lib import misc  # type: ignore[import-not-found]

    return algorithms, networks, hparams_registry, misc


def settings(name: str) -> dict[str, Any]:
    adversarial = {"lr_g": matched.LR, "lr_d": matched.LR, "weight_decay_g": matched.WEIGHT_DECAY}
    anneal = {f"{name.lower()}_penalty_anneal_iters": matched.ANNEAL}
    common = {"lr": matched.LR, "weight_decay": matched.WEIGHT_DECAY, "batch_size": matched.BATCH}
    return common | adversarial | anneal | {"grad_penalty": matched.GRADIENT_PENALTY}


def measured(kind: Any, hparams: dict[str, Any], misc: Any) -> dict[str, Any]:
    algorithm = kind(matched.SHAPE, matched.CLASSES, matched.DOMAINS, hparams)
    for name, child in algorithm.named_children():
        if OURS.get(name, name) in matched.PARTS:
            matched.fill(OURS.get(name, name), child)
    with matched.matched_draws([(np.random, "beta", matched.share)]):
        losses = [algorithm.update(matched.minibatches(step), None) for step in range(matched.STEPS)]
        algorithm.eval()
        with torch.no_grad():
            logits = [matched.digits(algorithm.predict(matched.test_images(n))) for n in matched.PREDICTED]
        accuracies = [misc.accuracy(algorithm, matched.in_batches(*part), None, "cpu") for part in matched.splits()]
    rounded = [{k: float(f"{v:.7g}") for k, v in step.items()} for step in losses]
    return {"losses": rounded, "logits": logits, "accuracies": accuracies}


if __name__ == "__main__":
    main(sys.argv[1])
