"""What a user would write without the platform: ERM on ColoredMNIST as one PyTorch loop over tensors in memory.

Run as a process of its own (`python -m bench.plain_colored_mnist DIGITS.npz HELD_OUT STEPS EVERY`), as a script would
be; prints the accuracies of every environment, in- and out-split, at each checkpoint. The rules are DomainBed's
(Gulrajani & Lopez-Paz 2021): network, Adam, minibatches with replacement from each training environment, evaluation on
both splits of all environments.
"""

import json
import sys
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

FLIPS = (0.1, 0.2, 0.9)
BATCH, EVALUATED = 64, 64


def network() -> nn.Module:
    """DomainBed's MNIST_CNN with its classifier."""
    layers: list[nn.Module] = []
    for before, after, stride in ((2, 64, 1), (64, 128, 2), (128, 128, 1), (128, 128, 1)):
        layers += [nn.Conv2d(before, after, 3, stride, 1), nn.ReLU(), nn.GroupNorm(8, after)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 2))


def environment(digits: torch.Tensor, labels: torch.Tensor, flip: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Images float32 [n, 2, 28, 28] in 0..1 and labels [n]: noise of a quarter, the colour flipped with `flip`."""
    noisy = ((labels < 5).long() + (torch.rand(len(labels)) < 0.25).long()) % 2
    colour = (noisy + (torch.rand(len(labels)) < flip).long()) % 2
    images = torch.stack([digits, digits], dim=1)
    images[torch.arange(len(images)), 1 - colour] = 0
    return images.float().div_(255.0), noisy


@torch.no_grad()
def accuracies(model: nn.Module, parts: list[tuple[torch.Tensor, torch.Tensor]]) -> list[float]:
    """Share of correct answers on each part."""
    model.eval()
    found = []
    for images, labels in parts:
        hits = [
            (model(x).argmax(1) == y).float()
            for x, y in zip(images.split(EVALUATED), labels.split(EVALUATED), strict=True)
        ]
        found.append(float(torch.cat(hits).mean()))
    model.train()
    return found


def main(path: str, held_out: int, steps: int, every: int) -> list[dict[str, Any]]:
    """One training job."""
    torch.manual_seed(0)
    torch.set_num_threads(2)
    with np.load(path) as arrays:
        digits, labels = torch.from_numpy(arrays["images"]), torch.from_numpy(arrays["labels"]).long()
    order = torch.randperm(len(labels))
    made = [environment(digits[order[i::3]], labels[order[i::3]], flip) for i, flip in enumerate(FLIPS)]
    parts = []
    for images, found in made:
        out = int(0.2 * len(found))
        parts += [(images[out:], found[out:]), (images[:out], found[:out])]
    training = [parts[2 * i] for i in range(len(FLIPS)) if i != held_out]
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    checkpoints = []
    for step in range(steps):
        drawn = [(images, y, torch.randint(len(y), (BATCH,))) for images, y in training]
        inputs = torch.cat([images[chosen] for images, _, chosen in drawn])
        loss = functional.cross_entropy(model(inputs), torch.cat([y[chosen] for _, y, chosen in drawn]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % every == 0 or step == steps - 1:
            checkpoints.append({"step": step, "loss": float(loss), "accuracies": accuracies(model, parts)})
    return checkpoints


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:5]))))
