"""CLIP_benchmark's linear probe: AdamW with a cosine, and a search for the weight decay along a line of 97.

LAION-AI/CLIP_benchmark 48de38c, metrics/linear_probe.py, with the defaults of its command; the search is that of CLIP
(Radford et al. 2021, arXiv 2103.00020, appendix A.3).
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

Floats = npt.NDArray[np.float64]
LEARNING_RATE, EPOCHS, BATCH = 0.1, 10, 64
DECAYS: tuple[float, ...] = tuple(np.logspace(-6, 2, num=97).tolist())
SPAN = 8  # of the first step beside the best of every 16th


def fit(
    features: npt.NDArray[np.floating], labels: npt.NDArray[np.int64], decay: float, seed: int
) -> tuple[Floats, Floats]:
    """Weight [K, D] and bias [K] after EPOCHS passes over features [N, D], whose labels [N] are 0..K-1."""
    inputs, targets = torch.from_numpy(np.asarray(features, np.float32)), torch.from_numpy(np.asarray(labels, np.int64))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer = torch.nn.Linear(inputs.shape[1], int(targets.max()) + 1)
        optimizer = torch.optim.AdamW(layer.parameters(), lr=LEARNING_RATE, weight_decay=decay)
        loader = DataLoader(TensorDataset(inputs, targets), BATCH, shuffle=True)
        steps, step = EPOCHS * len(loader), 0
        for _ in range(EPOCHS):
            for batch, answers in loader:
                optimizer.param_groups[0]["lr"] = 0.5 * (1 + math.cos(math.pi * step / steps)) * LEARNING_RATE
                optimizer.zero_grad()
                functional.cross_entropy(layer(batch), answers).backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                step += 1
    return layer.weight.detach().double().numpy(), layer.bias.detach().double().numpy()


def chosen_decay(accuracy: Callable[[float], float]) -> float:
    """The decay at which validation is best: of every 16th first, and then beside the best in ever smaller steps."""
    known: dict[int, float] = {}

    def best(places: list[int]) -> int:
        found, most = 0, 0.0
        for place in places:
            known.setdefault(place, accuracy(DECAYS[place]))
            if known[place] > most:
                found, most = place, known[place]
        return found

    coarse = set(np.logspace(-6, 2, num=7).tolist())
    peak, span = best([place for place, decay in enumerate(DECAYS) if decay in coarse]), SPAN
    while span:
        peak = best([max(peak - span, 0), peak, min(peak + span, len(DECAYS) - 1)])
        span //= 2
    return DECAYS[peak]
