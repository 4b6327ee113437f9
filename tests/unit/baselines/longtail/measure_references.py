"""Measure what `references.json` holds: `python measure_references.py FOLDER > references.json`.

FOLDER has checkouts, each in a folder of its name: facebookresearch/classifier-balancing f162ade,
KaihuaTang/Long-Tailed-Recognition.pytorch 5c916d0, KaihuaTang/Generalized-Long-Tailed-Benchmarks.pytorch 3a26997,
jiawei-ren/BalancedMetaSoftmax-Classification 34a61e4, yxymessi/H2E-Framework a2969de. One definition at a time is run
out of them, as most of their modules read files or want a GPU at import. Nothing of them is kept but what it gives.
"""

import ast
import json
import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import torch
from sklearn.preprocessing import MinMaxScaler
from torch import autograd, nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.longtail import reference_inputs as given

TANG = "Generalized-Long-Tailed-Benchmarks.pytorch"


class Scaler(MinMaxScaler):  # type: ignore[misc]
    """scikit-learn's, with a vector as its answer: a float is no longer made of an array of one."""

    def fit_transform(self, values: Any) -> Any:
        return super().fit_transform(values).ravel()


KNOWN: dict[str, Any] = {
    "torch": torch,
    "nn": nn,
    "F": functional,
    "np": np,
    "math": math,
    "autograd": autograd,
    "MinMaxScaler": Scaler,
    "device": "cpu",
    "tqdm": lambda values: values,
}


def main(folder: Path) -> None:
    with (
        mock.patch.object(torch.Tensor, "cuda", lambda self: self),
        mock.patch.object(nn.Module, "cuda", lambda self: self),
    ):
        figures = {
            "balanced softmax": balanced_softmax(folder),
            "tau-norm": tau_norm(folder),
            "causal": causal(folder),
            "difficulty": difficulty(folder),
            "centre loss": centre_loss(folder),
            "invariance penalty": invariance_penalty(folder),
            "trust": trust(folder),
        }
    json.dump(figures, sys.stdout, indent=1, sort_keys=True)


def defined(path: Path, name: str, **more: Any) -> Any:
    """One function or class of a file, `Class.method` for a method, without running the rest."""
    wanted, _, method = name.partition(".")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node = next(n for n in tree.body if getattr(n, "name", "") == wanted)
    scope = KNOWN | more
    exec(compile(ast.Module([node], []), str(path), "exec"), scope)
    return getattr(scope[wanted], method) if method else scope[wanted]


def balanced_softmax(folder: Path) -> Any:
    path = folder / "BalancedMetaSoftmax-Classification/loss/BalancedSoftmaxLoss.py"
    loss = defined(path, "balanced_softmax_loss")
    logits, counts = given.tensor(0, given.BATCH, given.CLASSES), torch.tensor(given.COUNTS)
    return given.rounded(loss(given.targets(), logits, counts, "mean"))


def tau_norm(folder: Path) -> Any:
    norm = defined(folder / "classifier-balancing/tau_norm.py", "pnorm")
    weight = given.tensor(0, given.CLASSES, given.WIDTH)
    return {f"{tau:g}": given.rounded(norm(weight, tau)) for tau in (0.0, 0.7, 2.0)}


def causal(folder: Path) -> Any:
    """Some steps of the original classifier on fixed features, then its test logits."""
    path = folder / "Long-Tailed-Recognition.pytorch/classification/models/CausalNormClassifier.py"
    kind = defined(path, "Causal_Norm_Classifier")
    head = kind(given.CLASSES, given.WIDTH, True, given.HEADS, given.TAU, given.ALPHA, given.GAMMA)
    head.weight.data = given.tensor(0, given.CLASSES, given.WIDTH)
    optimizer = torch.optim.SGD(head.parameters(), lr=given.RATE, momentum=given.MOMENTUM)
    mean = np.zeros(given.WIDTH, np.float32)
    for step in range(given.STEPS):
        features = given.tensor(10 + step, given.BATCH, given.WIDTH) + 1.0
        mean = given.MEAN_MOMENTUM * mean + features.mean(0).numpy()
        loss = functional.cross_entropy(head(features, None, None)[0], given.targets(step))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    head.eval()
    logits = head(given.tensor(30, given.BATCH, given.WIDTH), None, mean.astype(np.float32))[0]
    return {"loss": given.rounded(loss), "logits": given.rounded(logits)}


def difficulty(folder: Path) -> Any:
    method = defined(folder / TANG / "train_center_dual.py", "train_center_dual.generate_intra_weight")
    scores, numbers = given.probabilities(), given.labels(3, 200)
    by_class: dict[int, dict[int, float]] = {int(c): {} for c in np.unique(numbers)}
    for position, (score, number) in enumerate(zip(scores, numbers, strict=True)):
        by_class[int(number)][position] = float(score)
    itself = SimpleNamespace(logger=SimpleNamespace(info=lambda _: None))
    return given.rounded(method(itself, by_class, len(scores), tg_scale=4.0))


def centre_loss(folder: Path) -> Any:
    """Some steps of a linear map of the inputs and of the centres, as the training loop of the method takes them."""
    loss_of = defined(folder / TANG / "utils/training_utils.py", "CenterLoss")(given.CLASSES, given.WIDTH, False)
    loss_of.centers.data = given.tensor(1, given.CLASSES, given.WIDTH)
    linear = nn.Parameter(given.tensor(0, given.WIDTH, given.WIDTH))
    optimizer = torch.optim.SGD([linear], lr=given.RATE)
    of_centres = torch.optim.SGD(loss_of.parameters(), lr=given.CENTRE_RATE)
    for step in range(given.STEPS):
        optimizer.zero_grad()
        of_centres.zero_grad()
        loss = loss_of(given.tensor(10 + step, given.BATCH, given.WIDTH) @ linear, given.targets(step))
        (loss * given.CENTRE_WEIGHT).backward()
        optimizer.step()
        for centres in loss_of.parameters():
            centres.grad.data *= 1.0 / (given.CENTRE_WEIGHT + 1e-12)
        of_centres.step()
    return {"loss": given.rounded(loss), "centres": given.rounded(loss_of.centers), "map": given.rounded(linear)}


def invariance_penalty(folder: Path) -> Any:
    penalty = defined(folder / "H2E-Framework/eccv_github/noise_longtail/code/utils.py", "penalty")
    logits = given.tensor(0, given.BATCH, given.CLASSES)
    return given.rounded(penalty(logits, given.targets(), functional.cross_entropy))


def trust(folder: Path) -> Any:
    path = folder / "H2E-Framework/eccv_github/noise_longtail/code/stage1.py"
    logits, numbers = 2.0 * given.tensor(0, given.BATCH, given.CLASSES), given.targets()
    adjustment = torch.log(torch.tensor(given.COUNTS) / sum(given.COUNTS) + 1e-12)
    weights = defined(path, "get_weight_dict", classfier=nn.Identity())
    loader = [(logits, numbers, [str(position) for position in range(given.BATCH)])]
    by_name = weights(loader, nn.Identity(), nn.Identity(), adjustment)
    return given.rounded([by_name[str(position)] for position in range(given.BATCH)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
