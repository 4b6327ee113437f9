"""What a comparison with DomainBed step by step has in common on both sides: a small network, minibatches, and draws.

Both sides get the same first weights, the same minibatches and, in place of chance, the same numbers by their shape.
The network has BatchNorm, so that it shows which images an algorithm looks at together.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import nn

CLASSES, DOMAINS, BATCH, STEPS, SIDE = 3, 3, 8, 6, 12
SHAPE = (3, SIDE, SIDE)
WIDTH = 8
LR, WEIGHT_DECAY = 2e-2, 1e-3
ANNEAL, GRADIENT_PENALTY = 3, 0.3
PREDICTED = (16, 12)  # one batch is two blocks of ARM's, the other none
IN_SPLIT, OUT_SPLIT, EVALUATED = 150, 37, 64
COMPARED = (
    *("ERM", "IRM", "GroupDRO", "Mixup", "MLDG", "CORAL", "MMD", "DANN", "CDANN", "VREx", "RSC", "SagNet", "Fish"),
    *("SD", "ANDMask", "SANDMask", "IGA", "SelfReg", "Fishr", "TRM", "IB_ERM", "IB_IRM", "CAD", "CondCAD", "Transfer"),
    *("CausIRL_CORAL", "CausIRL_MMD", "EQRM", "ERMPlusPlus", "RDM", "ADRMX", "URM"),
)
TRANSDUCTIVE = ("ARM", "MTL")
PARTS = (
    *("featurizer", "classifier", "context_net", "discriminator", "embeddings", "style_classifier"),
    *("domain_featurizer", "second_classifier", "domain_classifier", "projection", "rival", "own_classifiers"),
)
Pairs = list[tuple[torch.Tensor, torch.Tensor]]


def settings(name: str) -> dict[str, Any]:
    """What both sides are set to, by DomainBed's names: all that begins later begins within the few steps."""
    algorithm = algorithm_of(name)
    common = {"lr": LR, "weight_decay": WEIGHT_DECAY, "batch_size": BATCH}
    adversarial = {"lr_g": LR, "lr_d": LR, "weight_decay_g": WEIGHT_DECAY, "grad_penalty": GRADIENT_PENALTY}
    annealed = {f"{algorithm.lower()}_penalty_anneal_iters": ANNEAL}
    return common | adversarial | annealed | _OF_ONE.get(algorithm, {}) | OTHERWISE.get(name, {})


def algorithm_of(name: str) -> str:
    """The algorithm of a case: "CAD" of "CAD, own domain"."""
    return name.partition(", ")[0]


_OF_ONE: dict[str, dict[str, Any]] = {
    "SANDMask": {"tau": 0.3},
    "IGA": {"penalty": 10.0},
    "Fishr": {"penalty_anneal_iters": ANNEAL},
    "TRM": {"iters": ANNEAL, "cos_lambda": 1e-2},
    "IB_ERM": {"ib_penalty_anneal_iters": ANNEAL},
    "IB_IRM": {"ib_penalty_anneal_iters": ANNEAL, "irm_penalty_anneal_iters": 2},
    "Transfer": {"delta": 0.05},
    "EQRM": {"eqrm_burnin_iters": ANNEAL, "eqrm_lr": LR / 2},
    "ERMPlusPlus": {"linear_lr": LR, "linear_steps": 1},
    "RDM": {"rdm_lr": LR / 2, "rdm_lambda": 1.0},
    "URM": {"urm_discriminator_lr": LR},
}


# The cases that are not an algorithm's defaults.
OTHERWISE: dict[str, dict[str, Any]] = {
    "CAD, own domain": {"is_flipped": False, "is_normalized": True},
    "CondCAD, own domain": {"is_flipped": False},
    "Fishr, nonlinear": {"nonlinear_classifier": True},
    "Transfer, gda": {"gda": True},
    "URM, relu": {
        "urm_generator_output": "relu",
        "urm_discriminator_hidden_layers": 2,
        "urm_discriminator_optimizer": "sgd",
    },
}


class Network(nn.Sequential):
    """Images [B, channels, SIDE, SIDE] -> features [B, WIDTH]; DomainBed asks for `n_outputs`, ours for `width`."""

    n_outputs = width = WIDTH

    def __init__(self, channels: int) -> None:
        # Without biases: before BatchNorm their gradient is rounding alone, of which Adam makes whole steps.
        layers: list[nn.Module] = []
        for before, after, stride in ((channels, 6, 2), (6, WIDTH, 1)):
            convolution = nn.Conv2d(before, after, 3, stride=stride, bias=False)
            layers += [convolution, nn.BatchNorm2d(after, momentum=0.6), nn.ReLU()]
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        super().__init__(*layers)


def fill(part: str, module: nn.Module) -> None:
    """First weights that depend on the part's name and on the order of its tensors alone.

    Those of BatchNorm lie about one and its biases about zero: where all images pass a ReLU, a bias before the next
    BatchNorm has no gradient but rounding, whose sign the masks of gradients would look at.
    """
    random = np.random.RandomState(PARTS.index(part))
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            scale = 0.4 if parameter.ndim == 1 else float(np.prod(parameter.shape[1:])) ** -0.5
            drawn = scale * random.standard_normal(tuple(parameter.shape))
            parameter.copy_(torch.from_numpy(drawn + (parameter.ndim == 1 and name.endswith("weight"))))


def minibatches(step: int) -> Pairs:
    """A minibatch of each domain: images in 0..1, each domain and each class of its own brightness, and labels."""
    return [_examples(np.random.RandomState(100 * step + domain), domain, BATCH) for domain in range(DOMAINS)]


def split_of(environment: int, held_out: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """The in- or the out-split of an environment, in the order in which it is evaluated."""
    random = np.random.RandomState(10_000 + 2 * environment + held_out)
    return _examples(random, environment, OUT_SPLIT if held_out else IN_SPLIT)


def splits() -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """All in-splits and then all out-splits, as DomainBed evaluates them."""
    for held_out in (False, True):
        for environment in range(DOMAINS):
            yield split_of(environment, held_out)


def in_batches(images: torch.Tensor, labels: torch.Tensor) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    yield from zip(images.split(EVALUATED), labels.split(EVALUATED), strict=True)


def test_images(count: int) -> torch.Tensor:
    return _examples(np.random.RandomState(9000 + count), 1, count)[0]


def _examples(random: np.random.RandomState, domain: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    labels = random.randint(0, CLASSES, count)
    images = random.uniform(0.0, 0.6, (count, *SHAPE)) + 0.12 * domain
    images[np.arange(count), labels] += 0.16
    return torch.from_numpy(np.round(images * 255).astype(np.uint8)).float() / 255.0, torch.from_numpy(labels).long()


def _normals(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(sum(shape)).standard_normal(shape)).float()


def _uniforms(*shape: Any, **_: Any) -> torch.Tensor:
    shape = tuple(shape[0]) if isinstance(shape[0], tuple) else shape
    return torch.from_numpy(np.random.RandomState(sum(shape)).uniform(size=shape)).float()


def _order(count: int, **_: Any) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(count).permutation(count))


def share(*_: float) -> float:
    """Of mixup's first image."""
    return 0.37


def cut(*count: int) -> int:
    """Of the first `count` numbers one."""
    return count[-1] // 3 + 1


@contextmanager
def matched_draws(more: Iterable[tuple[Any, str, Any]] = ()) -> Iterator[None]:
    """In place of chance, numbers that depend on the shape that is asked for."""
    patches = [
        (torch, "rand", _uniforms),
        (torch, "randperm", _order),
        (torch.Tensor, "normal_", lambda self: self.copy_(_normals(*self.shape))),
        *more,
    ]
    with ExitStack() as stack:
        for owner, name, stand_in in patches:
            stack.enter_context(mock.patch.object(owner, name, stand_in))
        yield


def digits(values: torch.Tensor) -> list[float]:
    """Figures as they are committed."""
    return [float(f"{float(v):.7g}") for v in values.flatten()]
