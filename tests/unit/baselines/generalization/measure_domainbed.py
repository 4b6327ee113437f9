"""Measure what `domainbed.json` holds by running DomainBed: `python measure_domainbed.py FOLDER > domainbed.json`.

FOLDER is a checkout of https://github.com/facebookresearch/DomainBed (the committed figures are of b93c22a). Nothing of
it is kept here but what it gives. Fishr's gradients of single images are taken one by one here, since the BackPACK that
it asks for does not run with the torch of today.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.generalization import matched

OURS = {
    "class_embeddings": "embeddings",
    "network_f": "featurizer",
    "network_c": "classifier",
    "network_s": "style_classifier",
    "featurizer_label": "featurizer",
    "featurizer_domain": "domain_featurizer",
    "classifier_label_1": "classifier",
    "classifier_label_2": "second_classifier",
    "classifier_domain": "domain_classifier",
    "cdpl": "projection",
    "adv_classifier": "rival",
}


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    algorithms, networks, hparams_registry, misc = imported()
    found: dict[str, Any] = {}
    on_cpu = [mock.patch.object(kind, "cuda", lambda self: self) for kind in (torch.Tensor, nn.Module)]
    # URM asks which network it is.
    ours = mock.patch.multiple(
        networks, Featurizer=lambda shape, _: matched.Network(shape[0]), MNIST_CNN=matched.Network
    )
    algorithms.backpack, algorithms.extend = True, lambda module: module
    algorithms.Fishr._get_grads = gradients_one_by_one
    with ours, on_cpu[0], on_cpu[1], redirect_stdout(sys.stderr):
        for name in (*matched.COMPARED, *matched.TRANSDUCTIVE, *matched.OTHERWISE):
            algorithm = matched.algorithm_of(name)
            hparams = hparams_registry.default_hparams(algorithm, "PACS") | matched.settings(name)
            found[name] = measured(algorithms.get_algorithm_class(algorithm), hparams, misc)
    json.dump(found, sys.stdout, indent=1, sort_keys=True)


def imported() -> tuple[Any, Any, Any, Any]:
    """Its modules; what they import for other algorithms and is not installed is stood in for."""
    for missing in ("timm", "torchvision.models", "wilds"):
        sys.modules.setdefault(missing, ModuleType(missing))
    from domainbed import algorithms, hparams_registry, networks  # type: ignore[import-not-found]
    from domainbed.lib import misc  # type: ignore[import-not-found]

    return algorithms, networks, hparams_registry, misc


def measured(kind: Any, hparams: dict[str, Any], misc: Any) -> dict[str, Any]:
    algorithm = kind(matched.SHAPE, matched.CLASSES, matched.DOMAINS, hparams)
    for name, child in networks_of(algorithm):
        if OURS.get(name, name) in matched.PARTS:
            matched.fill(OURS.get(name, name), child)
    algorithm.sma_start_iter = matched.ANNEAL + 1
    with matched.matched_draws([(np.random, "beta", matched.share), (np.random, "randint", matched.cut)]):
        losses = [algorithm.update(matched.minibatches(step), None) for step in range(matched.STEPS)]
        algorithm.eval()
        with torch.no_grad():
            logits = [matched.digits(algorithm.predict(matched.test_images(n))) for n in matched.PREDICTED]
        accuracies = [misc.accuracy(algorithm, matched.in_batches(*part), None, "cpu") for part in matched.splits()]
    rounded = [{k: float(f"{v:.7g}") for k, v in step.items()} for step in losses]
    return {"losses": rounded, "logits": logits, "accuracies": accuracies}


def gradients_one_by_one(algorithm: Any, logits: torch.Tensor, labels: torch.Tensor) -> dict[str, torch.Tensor]:
    """By the classifier's parameters, [B, size of each]."""
    losses = nn.functional.cross_entropy(logits, labels, reduction="none")
    names, parameters = zip(*algorithm.classifier.named_parameters(), strict=True)
    each = [torch.autograd.grad(loss, parameters, create_graph=True) for loss in losses]
    return {name: torch.stack([of_one[n].flatten() for of_one in each]) for n, name in enumerate(names)}


def networks_of(algorithm: Any) -> Iterator[tuple[str, Any]]:
    """Its networks, also where it keeps them in a list or in one another."""
    yield from algorithm.named_children()
    if hasattr(algorithm, "clist"):
        yield "own_classifiers", nn.ModuleList(algorithm.clist[: matched.DOMAINS])
    if hasattr(getattr(algorithm, "network", None), "net"):
        yield from zip(("featurizer", "classifier"), algorithm.network.net, strict=True)


if __name__ == "__main__":
    main(sys.argv[1])
