"""Measure what `lftl.json` holds by running Learn from the Learnt's code: `python measure_lftl.py FOLDER > lftl.json`.

FOLDER is a checkout of https://github.com/lyumengyao/lftl (the committed figures are of 19d7b05). Nothing of it is kept
here but what it gives.
"""

import copy
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.adaptation import lftl_case as case


class Items(torch.utils.data.Dataset[Any]):
    """What the authors' `ImageList` is, of rows in the place of images."""

    def __init__(self, items: list[tuple[torch.Tensor, int]], transform: object = None) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int, int]:
        row, label = self._items[place]
        return row, label, place


def main(folder: str) -> None:
    sys.path.insert(0, folder)
    with redirect_stdout(sys.stderr), mock.patch.dict(sys.modules, {"cv2": mock.MagicMock()}):
        found = {"queries": {name: asked(values) for name, values in case.QUERIES.items()}, "training": trained()}
    json.dump(found, sys.stdout, indent=1)
    sys.stdout.write("\n")


def asked(values: dict[str, float]) -> list[list[int]]:
    """The positions that are asked in each round."""
    from mining.contrastive_sampling import CASampling

    count = len(case.probabilities(0))
    strategy = object.__new__(CASampling)
    strategy.args, strategy.prev_pred, strategy.n_pool = SimpleNamespace(**values), None, count
    strategy.idxs_lb, strategy.train_dataset = np.zeros(count, bool), list(range(count))
    found = []
    for number in range(case.ROUNDS):
        said = torch.from_numpy(case.probabilities(number))
        strategy.predict_prob = lambda rows, said=said: said[rows]
        chosen = strategy.query(case.ASKED)
        strategy.update(chosen)
        found.append(chosen.tolist())
    return found


def trained() -> dict[str, Any]:
    """The weights after two rounds of training, and what the pool is said to be."""
    from mining.contrastive_sampling import CASampling

    ours = case.recipe()
    net = theirs(ours)
    rows = [(torch.from_numpy(row), int(label)) for row, label in zip(case.inputs(), case.labels(), strict=True)]
    args = SimpleNamespace(
        batch_size=64, class_num=case.CLASSES, ratio_per_round=0.1, num_round=10, worker=0, max_epoch=case.EPOCHS,
        beta_im=0.9, beta_vpa=1.0, lambda_mixup=0.0, mem_momentum=0.9, lr=case.RATE, lr_decay1=0.1, lr_decay2=1.0,
        out_file=sys.stderr, output_dir="", seed=0,
    )  # fmt: skip
    known = np.zeros(case.POOL, bool)
    strategy = CASampling(rows, known, net, Items, None, None, args, None)
    strategy.use_cuda, strategy.device = False, torch.device("cpu")
    for number, count in enumerate((case.SOONER, case.LABELED)):
        known[:count] = True
        strategy.train_one_round_with_unlabel(number)
    net.eval()
    with torch.no_grad():
        logits, embeddings = net(torch.from_numpy(case.inputs()))
    return {"logits": logits.tolist(), "embeddings": embeddings.tolist()}


def theirs(ours: Any) -> Any:
    """Their network with our weights."""
    from network import ActiveBaseModel, ClassifierHead, FeatureNeck

    net = object.__new__(ActiveBaseModel)
    torch.nn.Module.__init__(net)
    net.netF = copy.deepcopy(ours.featurizer)
    width, bottleneck = ours.featurizer.width, case.SETTINGS["bottleneck"]
    net.netB, net.netC = FeatureNeck(width, bottleneck, "bn"), ClassifierHead(case.CLASSES, bottleneck, "wn")
    net.emb_dim, net.freeze_head = bottleneck, False
    net.netB.bottleneck.load_state_dict(ours.bottleneck[0].state_dict())
    net.netB.bn.load_state_dict(ours.bottleneck[1].state_dict())
    own = ours.classifier.state_dict()
    with torch.no_grad():
        net.netC.fc.weight_g.copy_(own["parametrizations.weight.original0"])
        net.netC.fc.weight_v.copy_(own["parametrizations.weight.original1"])
        net.netC.fc.bias.copy_(own["bias"])
    return net


if __name__ == "__main__":
    main(*sys.argv[1:])
