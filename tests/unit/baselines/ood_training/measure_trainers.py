"""Measure what `trainers.json` holds by running OpenOOD's trainers for a step: `python measure_trainers.py FOLDER`.

FOLDER is a checkout of https://github.com/Jingkang50/OpenOOD (the committed figures are of 3c35632). Networks are stood
in for by tensors, a GPU by the CPU, and what is drawn by what both sides know. Of each trainer its loss and the
gradients of its tensors are written, of a head or a score its values; nothing of OpenOOD is kept but these.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import torch

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.ood_detection.measure_openood import Loader
from tests.unit.baselines.ood_training import trainers_case as case
from tests.unit.baselines.ood_training.trainers_case import CLASSES, EXAMPLES, FREEDOM, WIDTH, tensor, unit

PACKAGES = ("", ".trainers", ".networks", ".postprocessors", ".utils", ".losses", ".preprocessors")
SHOWN = 5  # a trainer keeps a fifth of the loss of its first step


class Settings(dict[str, Any]):
    """Settings by name or by key, as OpenOOD's."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class Net(torch.nn.Module):
    """A network that gives what it is told, whatever it sees."""

    def __init__(self, *outputs: torch.Tensor) -> None:
        super().__init__()
        self.outputs = torch.nn.ParameterList([torch.nn.Parameter(each.detach().clone()) for each in outputs])

    def forward(self, *_: Any, **__: Any) -> Any:
        return self.outputs[0] if len(self.outputs) == 1 else tuple(self.outputs)

    @property
    def gradients(self) -> list[Any]:
        return [each.grad.tolist() for each in self.outputs]


@contextmanager
def on_cpu(folder: str) -> Iterator[None]:
    """OpenOOD's package of that folder can be imported inside, part by part, and what it puts on a GPU stays here."""
    root = Path(folder) / "openood"
    for part in PACKAGES:
        sys.modules[f"openood{part}"] = module = ModuleType(f"openood{part}")
        module.__path__ = [str(root.joinpath(*part.split(".")[1:]))]
    sys.modules["openood.utils"].Config = Settings  # type: ignore[attr-defined]
    comm = sys.modules["openood.utils.comm"] = sys.modules["openood.utils"].comm = ModuleType("comm")  # type: ignore[attr-defined]
    comm.is_main_process, comm.gather = lambda: False, lambda value: [value]  # type: ignore[attr-defined]
    moved = torch.Tensor.to
    with (
        mock.patch.object(
            torch.Tensor, "to", lambda self, *to, **how: self if to == ("cuda",) else moved(self, *to, **how)
        ),
        mock.patch.object(torch.Tensor, "cuda", lambda self: self),
        mock.patch.object(torch.nn.Module, "cuda", lambda self: self),
    ):
        yield


def main(folder: str) -> None:
    with on_cpu(folder):
        found = {**trained(), **criteria(), **heads(), **scores()}
    Path(__file__).with_name("trainers.json").write_text(json.dumps(found, indent=1, sort_keys=True), encoding="utf-8")


def step(file: str, kind: str, net: Net, settings: dict[str, Any], others: int = 0, **config: Any) -> Any:
    """The loss of one step, and the gradients of the network's outputs."""
    batch = {"data": torch.zeros(EXAMPLES, 1), "label": case.LABELS}
    optimizer = Settings(lr=1e-9, momentum=0.0, weight_decay=0.0, num_epochs=1, nesterov=False)
    made = Settings(optimizer=optimizer, trainer=Settings(settings), num_classes=CLASSES, **config)
    loaders = [Loader([batch]), *([Loader([{"data": torch.zeros(others, 1)}])] if others else [])]
    trainer = getattr(importlib.import_module(f"openood.trainers.{file}_trainer"), kind)
    # What is measured is the first loss and its gradients: plain SGD, which need not have momentum.
    with mock.patch.object(torch.optim, "SGD", lambda parameters, *_, **__: torch.optim.Adam(parameters, lr=1e-12)):
        _, metrics = trainer(net, *loaders, made).train_epoch(1)
    share = 1 if file == "conf_branch" else SHOWN
    return {"loss": share * float(metrics["loss"]), "gradients": net.gradients}


def trained() -> dict[str, Any]:
    other = tensor(3, CLASSES, CLASSES)
    with mock.patch.object(torch, "bernoulli", return_value=case.HINTED[:, None].float()):
        confidence = step(
            "conf_branch",
            "ConfBranchTrainer",
            Net(tensor(1, EXAMPLES, CLASSES), tensor(2, EXAMPLES, 1)),
            {"lmbda": 0.1, "eps": 1e-12, "budget": 0.3},
            baseline=False,
        )
    with mock.patch.object(torch, "randn_like", return_value=tensor(5, EXAMPLES, FREEDOM).detach()):
        temperature = step(
            "rts",
            "RTSTrainer",
            Net(tensor(1, EXAMPLES, CLASSES), tensor(4, EXAMPLES, FREEDOM).exp()),
            {},
            network=Settings(dof=FREEDOM, kl_scale=0.1),
        )
    # The entropy of OpenOOD's MCD is over examples, so that it is given as many outliers as classes, turned.
    second = torch.cat([tensor(2, EXAMPLES, CLASSES), tensor(6, CLASSES, CLASSES).T])
    return {
        "logit-norm": step(
            "logitnorm", "LogitNormTrainer", Net(tensor(1, EXAMPLES, CLASSES)), {"trainer_args": Settings(tau=0.04)}
        ),
        "conf-branch": confidence,
        "rts": temperature,
        "outlier-exposure": step(
            "oe", "OETrainer", Net(torch.cat([tensor(1, EXAMPLES, CLASSES), other])), {"lambda_oe": 0.5}, CLASSES
        ),
        "mcd": step(
            "mcd",
            "MCDTrainer",
            Net(torch.cat([tensor(1, EXAMPLES, CLASSES), other.T]), second),
            {"lambda_oe": 1, "margin": 1.2, "start_epoch_ft": 0},
            CLASSES,
        ),
    }


def criteria() -> dict[str, Any]:
    module = importlib.import_module("openood.trainers.cider_trainer")
    features, prototypes = unit(7, EXAMPLES, WIDTH), unit(8, CLASSES, WIDTH).detach()
    dispersed = module.DisLoss(CLASSES, WIDTH, 0.95, torch.nn.Identity(), [], temperature=0.1)
    dispersed.prototypes = prototypes.clone()
    far = dispersed(features, case.LABELS)
    near = module.CompLoss(CLASSES, temperature=0.1)(features, dispersed.prototypes, case.LABELS)
    (2 * near + far).backward()
    logits, targets = tensor(1, EXAMPLES, CLASSES), tensor(9, EXAMPLES, CLASSES).softmax(dim=1).detach()
    soft = importlib.import_module("openood.trainers.mixoe_trainer").SoftCE()(logits, targets)
    soft.backward()
    return {
        "cider": {"loss": float(2 * near + far), "gradients": [features.grad.tolist()]},  # type: ignore[union-attr]
        "mix-oe": {"loss": float(soft), "gradients": [logits.grad.tolist()]},  # type: ignore[union-attr]
    }


def heads() -> dict[str, Any]:
    module = importlib.import_module("openood.networks.godin_net")
    features, found = tensor(10, EXAMPLES, WIDTH), {}
    for similarity in ("cosine", "inner", "euclid"):
        net = module.GodinNet(lambda x, return_feature: (None, x), WIDTH, CLASSES, similarity)
        net.h.h.weight.data = tensor(11, CLASSES, WIDTH).detach()
        net.g[0].weight.data, net.g[0].bias.data = tensor(12, 1, WIDTH).detach(), torch.zeros(1)
        found[f"g-odin {similarity}"] = {
            "values": [net(features).tolist(), net.eval()(features, inference=True).tolist()]
        }
    return found


def scores() -> dict[str, Any]:
    turned = tensor(13, 4 * EXAMPLES, 4).detach()
    net = lambda *_, **__: (torch.cat([tensor(1, EXAMPLES, CLASSES)] * 4).detach(), turned)  # noqa: E731
    rotation = importlib.import_module("openood.postprocessors.rotpred_postprocessor").RotPredPostprocessor(None)
    _, values = rotation.postprocess(net, torch.zeros(EXAMPLES, 3, 2, 2))
    both = lambda *_, **__: (tensor(1, EXAMPLES, CLASSES), tensor(2, EXAMPLES, CLASSES))  # noqa: E731
    discrepancy = importlib.import_module("openood.postprocessors.mcd_postprocessor").MCDPostprocessor(None)
    _, disagreed = discrepancy.postprocess(both, None)
    return {"rot-pred": {"values": values.tolist()}, "mcd score": {"values": disagreed.tolist()}}


if __name__ == "__main__":
    main(sys.argv[1])
