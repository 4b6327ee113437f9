"""Measure what `irmcon.json` holds with IRMCon's release: `python measure_irmcon.py FOLDER > irmcon.json`.

FOLDER is a checkout of https://github.com/simpleshinobu/IRMCon (the committed figures are of 287cde2). The losses are
the functions of its `Domain_Generalization/domainbed/utils.py`; the steps about them, which its `train_ours.py` takes
in one script that also reads PACS, are written down here in its order.
"""

import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.generalization import irmcon_case as case
from tests.unit.baselines.generalization import matched


def release(folder: Path) -> Any:
    file = folder / "Domain_Generalization" / "domainbed" / "utils.py"
    spec = spec_from_file_location("irmcon_utils", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def digit(loss: torch.Tensor) -> float:
    return matched.digits(loss.detach())[0]


def network(outputs: int, *parts: str) -> nn.Module:
    """A tower and a last layer, filled as one part or as two."""
    made = nn.Sequential(case.Frozen(3), nn.Linear(matched.WIDTH, outputs))
    for part, module in zip(parts, [made] if len(parts) == 1 else made, strict=True):
        case.fill(part, module)
    return made.train()


def pooled(step: int) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = zip(*matched.minibatches(step), strict=True)
    return torch.cat(images), torch.cat(labels)


def stage0(model: nn.Module, steps: range) -> Iterator[float]:
    optimizer = torch.optim.Adam(model.parameters(), lr=matched.LR, weight_decay=matched.WEIGHT_DECAY)
    for step in steps:
        images, labels = pooled(step)
        loss = functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield digit(loss)


def chosen(weight: torch.Tensor, target: torch.Tensor, label: int) -> torch.Tensor:
    of_class = (target == label).nonzero().view(-1)
    _, order = torch.sort(weight[of_class], descending=True)
    rest = order[case.HARDEST :]
    others = rest[torch.randperm(rest.size(0))[: case.OTHERS]]
    return of_class[torch.cat((order[: case.HARDEST], others))]


def stage1(theirs: Any, first: nn.Module, context: nn.Module, steps: range) -> Iterator[float]:
    optimizer = torch.optim.Adam(context.parameters(), lr=case.LR_CONTEXT)
    criterion = nn.CrossEntropyLoss()
    for step in steps:
        images, labels = pooled(step)
        likely = first(images).detach().softmax(-1)
        wrong = torch.ones_like(likely)
        wrong[range(len(labels)), labels] = 0
        weight = (wrong * likely).sum(-1)
        nll: Any = 0
        penalty: Any = 0
        for label in range(matched.CLASSES):
            rows = chosen(weight, labels, label)
            one, two = (context(view) for view in case.views(images[rows]))
            logits, targets = theirs.info_nce_loss(torch.cat((one, two)), len(one), temperature=1)
            nll = nll + criterion(logits, targets)
            penalty = penalty + theirs.penalty_contra(logits, targets, criterion).mean()
        loss = nll / matched.CLASSES + penalty / matched.CLASSES * case.LAMBDA
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield digit(loss)


def stage2(theirs: Any, context: nn.Module, model: nn.Module, since: int) -> Iterator[dict[str, float]]:
    dim = case.WIDTH
    bias = nn.Sequential(nn.Linear(dim, 2 * dim), nn.LeakyReLU(0.2), nn.Linear(2 * dim, matched.CLASSES))
    case.fill("bias", bias)
    of_model = torch.optim.Adam(model.parameters(), lr=matched.LR, weight_decay=matched.WEIGHT_DECAY)
    of_bias = torch.optim.Adam(bias.parameters(), lr=case.LR_BIAS)
    generous, plain = theirs.GeneralizedCELoss(), nn.CrossEntropyLoss(reduction="none")
    context.eval()
    for step in range(matched.STEPS):
        images, labels = pooled(step)
        by_context, by_model = bias(context(images).detach()), model(images)
        loss_b, loss_d = plain(by_context, labels).detach(), plain(by_model, labels).detach()
        weight = loss_b / (loss_b + loss_d + 1e-8) + case.BASE if step >= case.START else 1.0
        of_context = generous(by_context, labels).mean()
        loss = (plain(by_model, labels) * weight).mean()
        of_model.zero_grad()
        of_bias.zero_grad()
        (loss + of_context).backward()
        of_model.step()
        if step >= since:
            of_bias.step()
        yield {"loss": digit(loss)} | ({"bias": digit(of_context)} if step >= since else {})


def main() -> None:
    theirs = release(Path(sys.argv[1]))
    with mock.patch.object(torch.Tensor, "cuda", lambda self: self), matched.matched_draws():
        first = network(matched.CLASSES, "first")
        losses: list[dict[str, float]] = [{"first": loss} for loss in stage0(first, range(case.FIRST))]
        context = network(case.WIDTH, "context")
        since = case.FIRST + case.CONTEXT
        losses += [{"context": loss} for loss in stage1(theirs, first, context, range(case.FIRST, since))]
        losses += [{} for _ in range(since, matched.STEPS)]
        model = network(matched.CLASSES, "featurizer", "classifier")
        for found, more in zip(losses, stage2(theirs, context, model, since), strict=True):
            found |= more
        model.eval()
        logits = model(matched.test_images(matched.PREDICTED[0])).detach()
    measured = {"losses": losses, "logits": matched.digits(logits)}
    json.dump(measured, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
