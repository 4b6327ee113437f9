"""Ten detectors of pytorch-ood on EfficientNet-Lite0 by its own loop: each reads and forwards all images."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from pytorch_ood import detector as peers
from torch.utils.data import DataLoader, Dataset

from farfield import Images, RunContext
from farfield.runtime.images import as_prepared, preprocess
from farfield_baselines.imagenet import ClassMap
from farfield_baselines.networks import lite0
from farfield_baselines.networks.pixels import Normalise
from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.metrics.detection import auroc
from farfield_evaluators.staging import pooled
from farfield_evaluators.suites.mini.detection import OOD_DETECTION_MINI

HOW, BATCH, LOADERS, NEIGHBOURS, SPACE = Images(size=224), 32, 2, 50, 512
TAKEN = ("photographs", "near-photographs", "far-symbols")  # domains: with all of them the row would take too long
BOARD = replace(
    OOD_DETECTION_MINI,
    domains=tuple(each for each in OOD_DETECTION_MINI.domains if each.name in TAKEN),
    columns=tuple(each for each in OOD_DETECTION_MINI.columns if each.domain in {*TAKEN, "id", "near", "far"}),
)
SAME_SCORE = ("msp", "max-logit", "energy", "knn")  # whose settings and classes are the same on both sides
Tensors = Callable[[torch.Tensor], torch.Tensor]


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Images of a pack as a script reads them, with their labels."""

    def __init__(self, pack: Pack, positions: Ints) -> None:
        self._pack, self._positions = pack, positions
        self._sides = pack.prepared_sides(positions)

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, number: int) -> tuple[torch.Tensor, int]:
        position = int(self._positions[number])
        start, end = self._pack.spans[position].tolist()
        with self._pack.blob.open("rb") as blob:
            blob.seek(start)
            pixels = preprocess(blob.read(end - start), as_prepared(HOW, int(self._sides[number])))
        return torch.from_numpy(pixels), int(self._pack.labels[position])


class Network:
    """Lite0 as features, and as logits of the pack's classes."""

    def __init__(self, pack: Pack) -> None:
        self._network, self._pixels = lite0.load(), Normalise(lite0.MEAN, lite0.STD, "cpu")
        names, synsets = tuple(c.name for c in pack.classes), tuple(c.synsets for c in pack.classes)
        self._members = ClassMap(RunContext(class_names=names, class_synsets=synsets)).members
        layer = self._network.get_classifier()
        self.weight, self.bias = layer.weight.detach(), layer.bias.detach()

    @torch.inference_mode()
    def features(self, images: torch.Tensor) -> torch.Tensor:
        maps = self._network.forward_features(self._pixels(images.numpy()))
        features: torch.Tensor = self._network.forward_head(maps, pre_logits=True)
        return features

    def classified(self, features: torch.Tensor) -> torch.Tensor:
        """Also of features as maps of one place, [B, D, 1, 1]."""
        outputs = features.flatten(1) @ self.weight.T + self.bias
        return torch.stack([outputs[:, rows].amax(dim=1) for rows in self._members], dim=1)

    def logits(self, images: torch.Tensor) -> torch.Tensor:
        return self.classified(self.features(images))

    def maps(self, images: torch.Tensor) -> torch.Tensor:
        return self.features(images)[:, :, None, None]


DETECTORS: Mapping[str, Callable[[Network], Any]] = {
    "msp": lambda network: peers.MaxSoftmax(network.logits),
    "max-logit": lambda network: peers.MaxLogit(network.logits),
    "energy": lambda network: peers.EnergyBased(network.logits),
    "gen": lambda network: peers.GEN(network.logits),
    "react-train": lambda network: peers.ReAct(network.maps, network.classified),
    "dice": lambda network: peers.DICE(network.features, network.weight, network.bias, 0.7),
    "mahalanobis": lambda network: peers.Mahalanobis(network.features),
    "rmds": lambda network: peers.RMD(network.features),
    "vim": lambda network: peers.ViM(network.features, SPACE, network.weight, network.bias),
    "knn": lambda network: peers.KNN(network.features, k=NEIGHBOURS),
}


def run(pack: Pack, names: Sequence[str]) -> tuple[float, dict[str, float]]:
    """(seconds of these detectors, AUROC on the first OOD set of those that are to be the same as ours)."""
    began = time.perf_counter()
    network = Network(pack)
    positions, domains = pooled(BOARD, pack)
    lender, learned = pack.training(str(BOARD.train_set))
    parts = Pictures(lender, learned), Pictures(pack, positions)
    train, test = (DataLoader(part, BATCH, num_workers=LOADERS) for part in parts)
    aurocs: dict[str, float] = {}
    for name in names:
        detector = DETECTORS[name](network)
        if detector.requires_fit:
            detector.fit(train)
        scores = -np.concatenate([np.asarray(detector.predict(images)) for images, _ in test])
        if name in SAME_SCORE:
            aurocs[name] = auroc(scores[domains == 0], scores[domains == 1])
    return time.perf_counter() - began, aurocs
