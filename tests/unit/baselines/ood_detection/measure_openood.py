"""Measure what `openood.json` holds by running OpenOOD: `python measure_openood.py FOLDER [NAME ...]`.

With names those detectors alone are measured anew. The figures are written to `openood.json` beside this file.

FOLDER is a checkout of https://github.com/Jingkang50/OpenOOD (the committed figures are of 3c35632). Each detector has
the settings of its file in `configs/postprocessors`, unswept, but for what `OTHERWISE` says. Faiss is stood in for by
brute force, statsmodels' ECDF by a sort, a GPU by the CPU; what OpenOOD draws are the first of what it draws from.
Nothing of OpenOOD is kept here but what it gives. OpenMax needs `libmr` (measured with 0.1.9's sources).
"""

import importlib
import json
import random
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
from tests.unit.baselines.ood_detection import openood_network

DETECTORS = {
    "adascale-a": ("adascale", "AdaScalePostprocessor"),
    "adascale-l": ("adascale", "AdaScalePostprocessor"),
    "ash": ("ash", "ASHPostprocessor"),
    "cfood": ("cfood", "CFOODPostprocessor"),
    "dice": ("dice", "DICEPostprocessor"),
    "energy": ("ebo", "EBOPostprocessor"),
    "fdbd": ("fdbd", "fDBDPostprocessor"),
    "gen": ("gen", "GENPostprocessor"),
    "gmm": ("gmm", "GMMPostprocessor"),
    "gradnorm": ("gradnorm", "GradNormPostprocessor"),
    "gram": ("gram", "GRAMPostprocessor"),
    "iodin": ("iodin", "IODINPostprocessor"),
    "kl-matching-train": ("kl_matching", "KLMatchingPostprocessor"),
    "knn": ("knn", "KNNPostprocessor"),
    "mahalanobis": ("mds", "MDSPostprocessor"),
    "max-logit": ("maxlogit", "MaxLogitPostprocessor"),
    "mds-ensemble": ("mds_ensemble", "MDSEnsemblePostprocessor"),
    "nci": ("nci", "NCIPostprocessor"),
    "nnguide": ("nnguide", "NNGuidePostprocessor"),
    "odin": ("odin", "ODINPostprocessor"),
    "openmax": ("openmax", "OpenMax"),
    "rankfeat": ("rankfeat", "RankFeatPostprocessor"),
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
INSIDE = ("adascale-a", "adascale-l", "gmm", "gram", "iodin", "mds-ensemble", "odin", "rankfeat")  # look at a network
OTHERWISE = {
    "cfood": {"alpha": 1.0},
    "gmm": {
        "num_clusters_list": [1, 1, 1, 4],
        "feature_type_list": ["mean"] * 4,
        "alpha_list": [0.0, 0.0, 0.0, 1.0],
        "reduce_dim_list": ["none", "none", "none", "pca_4"],
    },
    "mds-ensemble": {"feature_type_list": ["mean", "mean"], "alpha_list": [1.0, 0.5], "reduce_dim_list": ["none"] * 2},
}
WRAPPED = {
    "adascale-a": ("adascale_net", "AdaScaleANet"),
    "adascale-l": ("adascale_net", "AdaScaleLNet"),
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


class Cumulative:
    """The share of values at or below, as statsmodels' ECDF."""

    def __init__(self, values: Any) -> None:
        self.values = np.sort(np.asarray(values))

    def __call__(self, asked: Any) -> Any:
        return np.searchsorted(self.values, np.asarray(asked), side="right") / len(self.values)


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


def main(folder: str, names: list[str]) -> None:
    root = Path(folder) / "openood"
    for name in ("", ".postprocessors", ".preprocessors", ".networks", ".utils", ".utils.comm"):
        name = f"openood{name}"
        sys.modules[name] = module = ModuleType(name)
        module.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
    sys.modules["faiss"] = faiss = ModuleType("faiss")
    faiss.IndexFlatL2, faiss.IndexFlatIP = Index, Products  # type: ignore[attr-defined]
    sys.modules["statsmodels.distributions.empirical_distribution"] = module = ModuleType("empirical_distribution")
    module.ECDF = Cumulative  # type: ignore[attr-defined]
    features, labels = case.training()
    batch = {"data": torch.from_numpy(features), "label": torch.from_numpy(labels)}
    images, numbers = openood_network.training()
    pictures = {"data": images, "data_aux": images, "label": numbers}
    file_of_figures = Path(__file__).with_name("openood.json")
    found = json.loads(file_of_figures.read_text(encoding="utf-8")) if names else {}
    with (
        mock.patch.object(torch.Tensor, "cuda", lambda self: self),
        mock.patch.object(torch.nn.Module, "cuda", lambda self: self),
        mock.patch.object(torch.cuda, "FloatTensor", torch.FloatTensor),
        mock.patch.object(random, "sample", lambda drawn_from, count: list(drawn_from)[:count]),
    ):
        if not names or "grood" in names:
            found["grood"] = by_gradients(batch)
        for name in [name for name in names or DETECTORS if name != "grood"]:
            file, kind = DETECTORS[name]
            inside = name in INSIDE
            net = openood_network.Net() if inside else Net()
            asked = openood_network.test_images() if inside else torch.from_numpy(case.test_features())
            found[name] = scores(name, Path(folder), file, kind, net, pictures if inside else batch, asked)
    file_of_figures.write_text(json.dumps(found, indent=1, sort_keys=True), encoding="utf-8")


def scores(name: str, folder: Path, file: str, kind: str, net: Any, batch: Any, asked: Any) -> list[float]:
    settings = name.replace("-", "_") if file == "adascale" else SETTINGS.get(file, file)
    config = yaml.safe_load((folder / "configs" / "postprocessors" / f"{settings}.yml").read_text(encoding="utf-8"))
    config.setdefault("dataset", {"name": "case"})
    config["postprocessor"].setdefault("postprocessor_args", None)
    config["postprocessor"].setdefault("postprocessor_sweep", None)
    if name in OTHERWISE:
        config["postprocessor"]["postprocessor_args"].update(OTHERWISE[name])
    importlib.import_module("openood.postprocessors.info").num_classes_dict["case"] = len(np.unique(batch["label"]))
    module = importlib.import_module(f"openood.postprocessors.{file}_postprocessor")
    made = getattr(module, kind)(as_namespace(config))
    made.APS_mode = False
    net.eval()
    if name in WRAPPED:
        net = getattr(importlib.import_module(f"openood.networks.{WRAPPED[name][0]}"), WRAPPED[name][1])(net)
    with mock.patch("sys.stdout", sys.stderr):
        made.setup(net, {split: Loader([batch]) for split in ("train", "val", "test")}, {})
        if file == "adascale":
            made.set_hyperparam(made.get_hyperparam())
        _, confidence = made.postprocess(net, asked)
    return [float(f"{float(value):.7g}") for value in confidence]


def by_gradients(batch: dict[str, torch.Tensor]) -> list[float]:
    """GROOD on features; its own set-up wraps a network so that it could mix feature maps, too."""
    kind = importlib.import_module("openood.postprocessors.grood").GrOODPostprocessor
    made, net, features = kind.__new__(kind), Net(), batch["data"]
    flags = ("distance_loss", "no_gradients", "use_pseudo_prototype", "use_grad_norm", "use_direct_grad")
    vars(made).update(dict.fromkeys(flags, False), device="cpu", index=Index(0))
    made.network = lambda data, return_feature_list: (net(data), [data])
    means = [features[batch["label"] == number].mean(dim=0) for number in range(case.CLASSES)]
    made._prototypes_tensors = torch.stack(means)
    made.noise_proto = torch.from_numpy(case.outside()).mean(dim=0)
    made.index.add(made._compute_grad(batch)["grads"])
    _, confidence = made.postprocess(net, torch.from_numpy(case.test_features()))
    return [float(f"{float(value):.7g}") for value in confidence]


def as_namespace(value: Any) -> Any:
    return SimpleNamespace(**{k: as_namespace(v) for k, v in value.items()}) if isinstance(value, dict) else value


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
