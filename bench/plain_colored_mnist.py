"""What a user would write without the platform: ERM on ColoredMNIST as one PyTorch loop.

Run as a process of its own (`python -m bench.plain_colored_mnist DIGITS.npz HELD_OUT STEPS EVERY`), as a script would
be; prints the accuracies of every environment, in- and out-split, at each checkpoint. The rules are DomainBed's
(Gulrajani & Lopez-Paz 2021): network, Adam, minibatches with replacement from each training environment, evaluation on
both splits of all environments. Batches are rows of tensors in memory; with `--loaders N` they come from loaders with N
worker processes each, one for each split that is trained on or evaluated, as in DomainBed's own script, where N is 8.
`--half`: half the channels on every second pixel.
"""

import argparse
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

Part = tuple[torch.Tensor, torch.Tensor]
Batches = Iterator[Part]
FLIPS = (0.1, 0.2, 0.9)
BATCH, EVALUATED = 64, 64


def network(width: int) -> nn.Module:
    """DomainBed's MNIST_CNN with its classifier; there the width is 128."""
    layers: list[nn.Module] = []
    for before, after, stride in ((2, width // 2, 1), (width // 2, width, 2), (width, width, 1), (width, width, 1)):
        layers += [nn.Conv2d(before, after, 3, stride, 1), nn.ReLU(), nn.GroupNorm(8, after)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 2))


def environment(digits: torch.Tensor, labels: torch.Tensor, flip: float) -> Part:
    """Images float32 [n, 2, side, side] in 0..1 and labels [n]: noise of a quarter, the colour flipped with `flip`."""
    noisy = ((labels < 5).long() + (torch.rand(len(labels)) < 0.25).long()) % 2
    colour = (noisy + (torch.rand(len(labels)) < flip).long()) % 2
    images = torch.stack([digits, digits], dim=1)
    images[torch.arange(len(images)), 1 - colour] = 0
    return images.float().div_(255.0), noisy


def drawn(part: Part, workers: int) -> Batches:
    """Minibatches with replacement, without end."""
    images, labels = part
    if workers:
        sampler = BatchSampler(RandomSampler(labels, replacement=True), BATCH, drop_last=True)
        yield from loaded(part, sampler, workers)
    while True:
        chosen = torch.randint(len(labels), (BATCH,))
        yield images[chosen], labels[chosen]


def passes(part: Part, workers: int) -> Iterator[Batches]:
    """All examples of a part in batches, again and again; a loader's workers are started once."""
    images, labels = part
    if not workers:
        while True:
            yield zip(torch.split(images, EVALUATED), torch.split(labels, EVALUATED), strict=True)
    sampler = BatchSampler(RandomSampler(labels), EVALUATED, drop_last=False)
    batches = loaded(part, sampler, workers)
    while True:
        yield (next(batches) for _ in range(len(sampler)))


def loaded(part: Part, sampler: BatchSampler, workers: int) -> Batches:
    """Batches from worker processes, without end."""
    yield from DataLoader(TensorDataset(*part), num_workers=workers, batch_sampler=Again(sampler))


class Again:
    """The batches of a sampler over and over."""

    def __init__(self, sampler: BatchSampler) -> None:
        self._sampler = sampler

    def __iter__(self) -> Iterator[list[int]]:
        while True:
            yield from self._sampler


@torch.no_grad()
def accuracy(model: nn.Module, batches: Batches) -> float:
    """Share of correct answers."""
    model.eval()
    hits = [(model(images).argmax(1) == labels).float() for images, labels in batches]
    model.train()
    return float(torch.cat(hits).mean())


def main(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """One training job."""
    torch.manual_seed(0)
    torch.set_num_threads(2)
    with np.load(asked.digits) as arrays:
        digits, labels = torch.from_numpy(arrays["images"]), torch.from_numpy(arrays["labels"]).long()
    digits = digits[:, ::2, ::2] if asked.half else digits
    order = torch.randperm(len(labels))
    made = [environment(digits[order[i::3]], labels[order[i::3]], flip) for i, flip in enumerate(FLIPS)]
    parts = []
    for images, found in made:
        out = int(0.2 * len(found))
        parts += [(images[out:], found[out:]), (images[:out], found[:out])]
    training = [drawn(parts[2 * i], asked.loaders) for i in range(len(FLIPS)) if i != asked.held_out]
    evaluated = [passes(part, asked.loaders) for part in parts]
    model = network(64 if asked.half else 128)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    checkpoints = []
    for step in range(asked.steps):
        inputs, answers = (torch.cat(each) for each in zip(*map(next, training), strict=True))
        loss = functional.cross_entropy(model(inputs), answers)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % asked.every == 0 or step == asked.steps - 1:
            right = [accuracy(model, next(each)) for each in evaluated]
            checkpoints.append({"step": step, "loss": float(loss), "accuracies": right})
    return checkpoints


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="ERM on ColoredMNIST as one loop.")
    parser.add_argument("digits")
    for name in ("held_out", "steps", "every"):
        parser.add_argument(name, type=int)
    parser.add_argument("--loaders", type=int, default=0, metavar="N")
    parser.add_argument("--half", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(main(parsed())))
