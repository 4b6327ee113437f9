"""CRLNet's base phase: pairs of base images, half of them of one class, whose vectors are to say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torchvision.transforms import v2  # type: ignore[import-untyped]

from farfield import RunContext, TrainingSet
from farfield_baselines.few_shot_classification.config import SmallConfig
from farfield_baselines.few_shot_classification.maps import AT_ONCE, Maps
from farfield_baselines.networks.conditional import Conditional, alike_loss
from farfield_baselines.networks.seeding import seeded
from farfield_baselines.trained.sampling import shuffled

Ints = npt.NDArray[np.int64]
VIEWS, PAIRS, TRAINING = 1, 2, 3  # what tells the chance of one from that of another


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Places in the base set, int64 [B] each, and whether a pair is of one class, float32 [B]."""

    query: Ints
    support: Ints
    same: npt.NDArray[np.float32]


def pairs(labels: Ints, batch: int, seed: tuple[int, ...]) -> Iterator[Pairs]:
    """Endless: every image is a query in turn, in a new order each time. Those at even places get another image of
    their class, where it has one, and the others one of a class that is drawn among the other classes."""
    chance = np.random.default_rng(seed)
    members = {int(label): np.flatnonzero(labels == label) for label in np.unique(labels)}
    for query in chain.from_iterable(shuffled(len(labels), batch, chance) for _ in count()):
        same = query % 2 == 0
        support = [_partner(int(q), bool(s), labels, members, chance) for q, s in zip(query, same, strict=True)]
        yield Pairs(query=query, support=np.array(support, np.int64), same=same.astype(np.float32))


def _partner(query: int, same: bool, labels: Ints, members: dict[int, Ints], chance: np.random.Generator) -> int:
    own = int(labels[query])
    if same:
        others = members[own][members[own] != query]
        return int(chance.choice(others)) if len(others) else query
    return int(chance.choice(members[int(chance.choice([label for label in members if label != own]))]))


def learn(network: Conditional, maps: Maps, base: TrainingSet, config: SmallConfig, context: RunContext) -> None:
    """Train the network in place, with AdamW, on the squared error of the cosine (Guo et al. 2025)."""
    images = _Images(maps, base, config.views, (context.seed, VIEWS), context.device)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    network.train()
    with seeded(context.device, context.seed, TRAINING):
        drawn = pairs(base.labels, config.batch, (context.seed, PAIRS))
        for step, pair in zip(range(config.steps), drawn, strict=False):
            support, query = network(images.plain(pair.support), images.augmented(pair.query))
            loss = alike_loss(support, query, torch.from_numpy(pair.same).to(context.device))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            context.progress(step + 1, config.steps)
    network.eval()


class _Images:
    """The maps of base images as they are, and of augmented ones: a few views of each, made once, or ever new ones."""

    def __init__(self, maps: Maps, base: TrainingSet, views: int, seed: tuple[int, int], device: str) -> None:
        self._maps, self._base, self._device = maps, base, device
        self._chance = np.random.default_rng(seed)
        side = base.take(np.zeros(1, np.int64)).inputs.shape[1]
        self._augment = v2.Compose(
            [v2.RandomResizedCrop(side, antialias=True), v2.AutoAugment(v2.AutoAugmentPolicy.IMAGENET)]
        )
        self._views = [self._all(augmented=number > 0) for number in range(views + 1)] if views else []

    def plain(self, places: Ints) -> torch.Tensor:
        """The maps of the images at these places."""
        return self._views[0][places].to(self._device) if self._views else self._made(places, augmented=False)

    def augmented(self, places: Ints) -> torch.Tensor:
        """Those of a view of each."""
        if not self._views:
            return self._made(places, augmented=True)
        chosen = self._chance.integers(1, len(self._views), len(places))
        return torch.stack([self._views[v][p] for v, p in zip(chosen, places, strict=True)]).to(self._device)

    def _all(self, *, augmented: bool) -> torch.Tensor:
        places = np.arange(len(self._base.labels))
        parts = [places[start : start + AT_ONCE] for start in range(0, len(places), AT_ONCE)]
        return torch.cat([self._made(part, augmented=augmented).cpu() for part in parts])

    def _made(self, places: Ints, *, augmented: bool) -> torch.Tensor:
        images = self._base.take(places).inputs
        return self._maps.once(self._changed(images) if augmented else images)

    def _changed(self, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Each image by itself, as in the release: a crop of any size, and one of AutoAugment's policies."""
        with seeded("cpu", int(self._chance.integers(2**31))):
            tensors = [self._augment(torch.from_numpy(each).permute(2, 0, 1).contiguous()) for each in images]
        return np.stack([each.permute(1, 2, 0).numpy() for each in tensors])
