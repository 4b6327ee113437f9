"""Measure what `further_trainers.json` holds by running more of OpenOOD: `python measure_further_trainers.py FOLDER`.

FOLDER is a checkout of https://github.com/Jingkang50/OpenOOD (the committed figures are of 3c35632). faiss is stood in
for by an exact search, clusters and what is drawn by what both sides know; nothing of OpenOOD is kept but figures.
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

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.ood_detection.measure_openood import Loader
from tests.unit.baselines.ood_training import trainers_case as case
from tests.unit.baselines.ood_training.measure_trainers import SHOWN, Net, Settings, on_cpu
from tests.unit.baselines.ood_training.trainers_case import CLASSES, EXAMPLES, WIDTH, tensor, unit

TWICE = 2 * EXAMPLES


class Exact:
    """What faiss' flat index says: squared distances to the k nearest, and their places."""

    def add(self, rows: torch.Tensor) -> None:
        self.rows = rows

    def search(self, rows: torch.Tensor, k: int) -> tuple[torch.Tensor, torch.Tensor]:
        nearest = torch.cdist(rows, self.rows).square().topk(k, dim=1, largest=False)
        return nearest.values, nearest.indices


def trainer(name: str) -> Any:
    return importlib.import_module(f"openood.trainers.{name}_trainer")


def of(loss: torch.Tensor, *tensors: torch.Tensor) -> dict[str, Any]:
    return {"loss": float(loss), "gradients": [g.tolist() for g in torch.autograd.grad(loss, tensors)]}


def contrasts() -> dict[str, Any]:
    views = {"data": [torch.zeros(EXAMPLES, 1)] * 2, "label": case.LABELS}
    common = {
        "optimizer": Settings(
            lr=1e-9, momentum=0.9, weight_decay=0.0, num_epochs=1, warm=True, cosine=True, lr_decay_rate=0.1
        ),
        "dataset": Settings(name="cifar10", num_classes=CLASSES, train=Settings(batch_size=TWICE)),
        "num_gpus": 1,
        "num_machines": 1,
    }
    weights = Settings(temp=0.1, m_b=5.0, c_b=4.0, m_w=2.0, c_w=1.0)
    net = Net(tensor(20, TWICE, WIDTH))
    weighted = trainer("reweightood").ReweightOODTrainer(
        net, Loader([views]), Settings(common, trainer=Settings(trainer_args=weights))
    )
    _, metrics = weighted.train_epoch(1)
    found = {"reweight-ood": {"loss": SHOWN * float(metrics["loss"]), "gradients": net.gradients}}

    settings = Settings(proto_m=0.9, n_proto=3, k=2, temp=0.1, nviews=2, epsilon=0.05, sinkhorn_iter=3, lambda_pcon=1)
    net = Net(unit(21, TWICE, WIDTH))
    config = Settings(common, trainer=Settings(trainer_args=settings), network=Settings(feat_dim=WIDTH))
    mixtures = trainer("palm").PALMTrainer(net, Loader([views]), config)
    mixtures.protos = unit(22, 3 * CLASSES, WIDTH).detach()
    _, metrics = mixtures.train_epoch(1)
    found["palm"] = {
        "loss": SHOWN * float(metrics["loss"]),
        "gradients": net.gradients,
        "values": mixtures.protos.tolist(),
    }
    csi, rows = trainer("csi"), unit(23, TWICE, WIDTH)
    found["csi"] = of(csi.Supervised_NT_xent(csi.get_similarity_matrix(rows), case.LABELS, temperature=0.07), rows)
    return found


def heads() -> dict[str, Any]:
    layer = importlib.import_module("openood.networks.arpl_net").ARPLayer(WIDTH, CLASSES, 0.1, 1.0)
    layer.Dist.centers.data, layer.radius.data = tensor(24, CLASSES, WIDTH).detach(), torch.tensor([0.3])
    features = tensor(25, EXAMPLES, WIDTH)
    logits, loss = layer(features, case.LABELS)
    found: dict[str, Any] = {
        "arpl": {**of(loss, features, layer.Dist.centers, layer.radius), "values": logits.tolist()}
    }

    mos, scores = trainer("mos"), importlib.import_module("openood.postprocessors.mos_postprocessor")
    slices = mos.get_group_slices([len(group) for group in case.GROUPS])
    places = torch.tensor(
        [[group.index(y) + 1 if y in group else 0 for group in case.GROUPS] for y in case.LABELS.tolist()]
    )
    outputs = tensor(26, EXAMPLES, CLASSES + len(case.GROUPS))
    loss = mos.calc_group_softmax_loss(torch.nn.CrossEntropyLoss(), outputs, places, slices)
    found["mos"] = {**of(loss, outputs), "values": scores.cal_ood_score(outputs, slices).tolist()}

    linear, features = torch.nn.Linear(20, CLASSES), tensor(27, EXAMPLES, 20).detach().relu().requires_grad_(True)
    linear.weight.data, linear.bias.data = tensor(28, CLASSES, 20).detach(), torch.zeros(CLASSES)
    ish = trainer("ish")
    sharpened = ish.to_ish(SimpleNamespace(fc=linear), "minksample_expscale", 0.85, layer="r1").fc
    loss = torch.nn.functional.cross_entropy(sharpened(features), case.LABELS)
    found["ish"] = of(loss, features, linear.weight, linear.bias)
    return found


def outliers() -> dict[str, Any]:
    ascood, images, gradient = (
        trainer("ascood").ASCOODTrainer,
        tensor(29, 2, 3, 4, 4).detach(),
        tensor(30, 2, 3, 4, 4).detach(),
    )
    settings: Any = SimpleNamespace(p_inv=0.3, alpha=10.0)
    torch.manual_seed(7)
    shuffled = ascood.shuffle_ood(settings, images, gradient)
    standard = importlib.import_module("openood.networks.ascood_net").z_std(tensor(25, EXAMPLES, WIDTH).detach())
    npos, index, rows = trainer("npos"), Exact(), tensor(31, 12, WIDTH).detach()
    index.add(torch.nn.functional.normalize(rows, dim=1))
    gmm = importlib.import_module("openood.postprocessors.gmm_postprocessor")
    maps = lambda _, return_feature_list: (torch.zeros(EXAMPLES, 1), [tensor(32, EXAMPLES, 2, 3, 3).detach()])  # noqa: E731
    directions = tensor(33, 4, 2).detach()
    density = gmm.compute_single_GMM_score(
        maps, None, tensor(34, 3, 2).detach(), torch.eye(2) + 0.5, torch.tensor([0.5, 0.3, 0.2]), directions, 0, "stat"
    )
    return {
        "ascood": {
            "values": [ascood.gradient_ood(settings, images, gradient).tolist(), shuffled.tolist(), standard.tolist()]
        },
        "npos": {"values": sorted(npos.KNN_dis_search_decrease(rows, index, K=3, select=4)[0].tolist())},
        "sae": {"values": density[:, 0].tolist()},
    }


def grouping() -> dict[str, Any]:
    vars(sys.modules["openood.losses"]).update(vars(importlib.import_module("openood.losses.reweight")))
    kind = trainer("udg").UDGTrainer
    labels, clusters = np.array(case.GROUPED), np.array(case.CLUSTERS)
    count = case.NAMED
    self: Any = kind.__new__(kind)
    known = [
        {"index": torch.arange(count), "label": torch.from_numpy(labels[:count]), "data_aux": torch.zeros(count, 1)}
    ]
    others = [{"index": torch.arange(len(labels) - count), "data_aux": torch.zeros(len(labels) - count, 1)}]
    self.train_loader, self.train_unlabeled_loader = Loader(known), Loader(others)
    self.train_loader.dataset = SimpleNamespace()
    self.train_unlabeled_loader.dataset = SimpleNamespace(pseudo_label=labels[count:])
    head = SimpleNamespace(weight=torch.zeros(1), bias=torch.zeros(1))
    net = lambda data, **_: (torch.zeros(len(data), CLASSES), torch.zeros(len(data), 2))  # noqa: E731
    self.net = mock.Mock(side_effect=net, fc_aux=head)
    self.k_means = SimpleNamespace(cluster=lambda _: clusters)
    self.num_clusters, self.purity_ind_thresh, self.purity_ood_thresh, self.oe_enhance_ratio = 4, 0.7, 0.55, 2.0
    self._run_clustering(1)
    data, named = self.train_unlabeled_loader.dataset, self.train_loader.dataset
    evened = [*named.cluster_reweight.tolist(), *data.cluster_reweight.tolist()]
    values = [data.pseudo_label.tolist(), data.ood_conf.tolist(), evened]

    outputs = [tensor(seed, EXAMPLES, CLASSES) for seed in (35, 36, 37, 38)]
    self.lambda_oe, self.lambda_aux = 0.5, 0.1
    self.net = mock.Mock(side_effect=[(outputs[0], outputs[2]), (outputs[1], outputs[3])])
    self.optimizer, self.scheduler = mock.Mock(), mock.Mock()
    part = {
        "data": torch.zeros(1),
        "label": case.LABELS,
        "soft_label": torch.zeros(EXAMPLES, CLASSES),
        "ood_conf": torch.ones(EXAMPLES),
        "cluster_id": case.LABELS,
        "cluster_reweight": torch.linspace(0.5, 1.5, EXAMPLES),
    }
    unlabeled = {
        **part,
        "pseudo_label": torch.tensor([-1, 2, -1, -1, 0, -1]),
        "pseudo_softlabel": torch.full((EXAMPLES, CLASSES), 1 / CLASSES),
        "ood_conf": torch.tensor([1.0, 1.0, 2.0, 1.0, 1.0, 2.0]),
    }
    self.train_loader, self.train_unlabeled_loader = Loader([part]), Loader([unlabeled])
    metrics = self._compute_loss(1)
    gradients = [each.grad.tolist() for each in outputs]
    return {"udg": {"loss": SHOWN * float(metrics["loss"]), "gradients": gradients, "values": values}}


def nearest_class() -> dict[str, Any]:
    module = importlib.import_module("openood.postprocessors.reweightood_postprocessor")
    rows, labels, asked = case.features_of_classes()
    with mock.patch.dict(module.num_classes_dict, {"cifar10": CLASSES}):
        scoring = module.ReweightOODPostprocessor(Settings(dataset=Settings(name="cifar10")))
    net: Any = SimpleNamespace(intermediate_forward=lambda data: data)
    scoring.setup(net, {"train": Loader([{"data": rows, "label": labels}])}, {})
    return {"reweight-ood score": {"values": scoring.postprocess(net, asked)[1].tolist()}}


def main(folder: str) -> None:
    for name in ("faiss", "faiss.contrib", "faiss.contrib.torch_utils", "diffdist", "diffdist.functional"):
        sys.modules[name] = ModuleType(name)
    with on_cpu(folder):
        found = {**contrasts(), **heads(), **outliers(), **grouping(), **nearest_class()}
    text = json.dumps(found, indent=1, sort_keys=True)
    Path(__file__).with_name("further_trainers.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
