"""Measure what `openood.json` holds by running OpenOOD: `python measure_openood.py FOLDER > openood.json`.

FOLDER is a checkout of https://github.com/Jingkang50/OpenOOD (the committed figures are of 3c35632). Each detector has
the settings of its file in `configs/postprocessors`, unswept. Faiss is stood in for by brute force, a GPU by the CPU;
nothing of OpenOOD is kept here but what it gives. OpenMax needs `libmr` (measured with 0.1.9's sources).
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import torch
import yaml

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.ood_detection import openood_case as case

DETECTORS = {
    "ash": ("ash", "ASHPostprocessor"),
    "dice": ("dice", "DICEPostprocessor"),
    "energy": ("ebo", "EBOPostprocessor"),
    "fdbd": ("fdbd", "fDBDPostprocessor"),
    "gen": ("gen", "GENPostprocessor"),
    "gradnorm": ("gradnorm", "GradNormPostprocessor"),
    "kl-matching-train": ("kl_matching", "KLMatchingPostprocessor"),
    "knn": ("knn", "KNNPostprocessor"),
    "mahalanobis": ("mds", "MDSPostprocessor"),
    "max-logit": ("maxlogit", "MaxLogitPostprocessor"),
    "nci": ("nci", "NCIPostprocessor"),
    "nnguide": ("nnguide", "NNGuidePostprocessor"),
    "openmax": ("openmax", "OpenMax"),
    "react-train": ("react", "ReactPostprocessor"),
    "relation": ("relation", "RelationPostprocessor"),
    "residual": ("residual", "ResidualPostprocessor"),
    "rmds": ("rmds", "RMDSPostprocessor"),
    "scale": ("scale", "ScalePostprocessor"),
    "she": ("she", "SHEPostprocessor"),
    "vim": ("vim", "VIMPostprocessor"),
    "vra-train": ("vra", "VRAPostprocessor"),
}
SETTINGS = {"maxlogit": "mls", "kl_matching": "klm"}  # where the file of settings is called otherwise
WRAPPED = {
    "ash": ("ash_net", "ASHNet"),
    "react-train": ("react_net", "ReactNet"),
    "scale": ("scale_net", "ScaleNet"),
}


class Loader(list[dict[str, torch.Tensor]]):
    """Batches, and what OpenOOD asks a loader of batches for; it asks how long its iterator is, too."""

    batch_size = case.TRAINING
    dataset = range(case.TRAINING)

    def __iter__(self) -> Any:
        return Iterator(super().__iter__(), len(self))


class Iterator:
    def __init__(self, items: Any, length: int) -> None:
        self.items, self.length = items, length

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return next(self.items)

    def __len__(self) -> int:
        return self.length


class Index:
    """Faiss's exact index of squared distances."""

    def __init__(self, _: int) -> None:
        self.rows: Any = None

    def add(self, rows: Any) -> None:
        self.rows = rows.astype(np.float64)

    def search(self, asked: Any, k: int) -> tuple[Any, None]:
        squared = np.square(asked[:, None].astype(np.float64) - self.rows).sum(axis=2)
        return np.sort(squared, axis=1)[:, :k], None


class Products(Index):
    """Faiss's exact index of inner products."""

    def search(self, asked: Any, k: int) -> tuple[Any, None]:
        return -np.sort(-(asked.astype(np.float64) @ self.rows.T), axis=1)[:, :k], None


class Net(torch.nn.Module):
    """A network whose features are its input."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(case.WIDTH, case.CLASSES)
        weight, bias = case.layer()
        self.fc.weight.data, self.fc.bias.data = torch.from_numpy(weight), torch.from_numpy(bias)

    def forward(self, x: torch.Tensor, return_feature: bool = False, _: bool = False) -> Any:
        logits = self.fc(x)
        return (logits, x.clone()) if return_feature else logits

    def get_fc(self) -> Any:
        return self.fc.weight.detach().numpy(), self.fc.bias.detach().numpy()

    def get_fc_layer(self) -> torch.nn.Module:
        return self.fc


def main(folder: str) -> None:
    root = Path(folder) / "openood"
    for name in ("openood", "openood.postprocessors", "openood.networks", "openood.utils", "openood.utils.comm"):
        sys.modules[name] = module = ModuleType(name)
        module.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    sys.modules["faiss"] = faiss = ModuleType("faiss")
    faiss.IndexFlatL2, faiss.IndexFlatIP = Index, Products  # type: ignore[attr-defined]
    features, labels = case.training()
    batch = {"data": torch.from_numpy(features), "label": torch.from_numpy(labels)}
    found = {}
    with (
        mock.patch.object(torch.Tensor, "cuda", lambda self: self),
        mock.patch.object(torch.nn.Module, "cuda", lambda self: self),
    ):
        for name, (file, kind) in DETECTORS.items():
            found[name] = scores(name, Path(folder), file, kind, batch)
    json.dump(found, sys.stdout, indent=1, sort_keys=True)


def scores(name: str, folder: Path, file: str, kind: str, batch: dict[str, torch.Tensor]) -> list[float]:
    config = yaml.safe_load(
        (folder / "configs" / "postprocessors" / f"{SETTINGS.get(file, file)}.yml").read_text(encoding="utf-8")
    )
    config.setdefault("dataset", {"name": "cifar10"})
    config["postprocessor"].setdefault("postprocessor_args", None)
    config["postprocessor"].setdefault("postprocessor_sweep", None)
    module = importlib.import_module(f"openood.postprocessors.{file}_postprocessor")
    made = getattr(module, kind)(as_namespace(config))
    made.APS_mode = False
    net: Any = Net()
    if name in WRAPPED:
        net = getattr(importlib.import_module(f"openood.networks.{WRAPPED[name][0]}"), WRAPPED[name][1])(net)
    with mock.patch("sys.stdout", sys.stderr):
        made.setup(net, {split: Loader([batch]) for split in ("train", "val", "test")}, {})
        _, confidence = made.postprocess(net, torch.from_numpy(case.test_features()))
    return [float(f"{float(value):.7g}") for value in confidence]


def as_namespace(value: Any) -> Any:
    return SimpleNamespace(**{k: as_namespace(v) for k, v in value.items()}) if isinstance(value, dict) else value


if __name__ == "__main__":
    main(sys.argv[1])
