"""Measure what `wilds.json` holds by running WILDS' algorithms: `python measure_wilds.py FOLDER > wilds.json`.

FOLDER is a checkout of https://github.com/p-lambda/wilds (the committed figures are of 4726775). Nothing of it is kept
here but what it gives.
"""

import importlib
import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.groups import wilds_case as case

MODULES = {
    "ERM": "ERM",
    "GroupDRO": "groupDRO",
    "IRM": "IRM",
    "CORAL": "deepCORAL",
    "DANN": "DANN",
    "AFN": "AFN",
    "PseudoLabel": "pseudolabel",
    "FixMatch": "fixmatch",
    "NoisyStudent": "noisy_student",
}
CLASSES = {"GroupDRO": "GroupDRO", "CORAL": "DeepCORAL"}
# What it imports for data sets and models that are not compared.
ELSEWHERE = ("pandas", "pandas.api", "pandas.api.types", "transformers", "wandb", "torch_scatter", "torch_geometric")


class Grouper:
    """Groups are the only column of the metadata."""

    n_groups = case.GROUPS

    def metadata_to_group(self, metadata: torch.Tensor) -> torch.Tensor:
        return metadata[:, 0]

    def group_field_str(self, group: int) -> str:
        return f"group:{group}"

    def group_str(self, group: int) -> str:
        return f"group = {group}"


def main(folder: str) -> None:
    sys.path[:0] = [folder, str(Path(folder) / "examples")]
    importlib.import_module("torchvision.ops")  # it asks for the specs of what is stood in for
    for name in ELSEWHERE:
        sys.modules.setdefault(name, mock.MagicMock(__name__=name, __path__=[], __spec__=None))
    sys.modules["torch_scatter"].scatter = scattered  # type: ignore[attr-defined]
    with redirect_stdout(sys.stderr):  # it prints
        found = {name: measured(name, values=False) for name in case.COMPARED}
        found |= {f"{name}-values": measured(name, values=True) for name in case.OF_VALUES}
    json.dump(found, sys.stdout, indent=1, sort_keys=True)


def scattered(src: torch.Tensor, index: torch.Tensor, dim_size: int, reduce: str) -> torch.Tensor:
    """torch_scatter's mean of rows [B] by group; 0 of a group without any."""
    assert reduce == "mean"
    sums = torch.zeros(dim_size, dtype=src.dtype).index_add(0, index, src)
    return sums / index.bincount(minlength=dim_size).clamp(min=1)


def built(name: str, values: bool) -> Any:
    algorithm, _, form = name.partition("-")
    module = importlib.import_module(f"algorithms.{MODULES[algorithm]}")
    losses = importlib.import_module("losses")
    outputs = 1 if values else case.CLASSES

    def model(config: Any, d_out: int, is_featurizer: bool = False) -> Any:
        featurizer, classifier = (
            nn.Sequential(nn.Linear(case.INPUTS, case.WIDTH), nn.ReLU()),
            nn.Linear(case.WIDTH, outputs),
        )
        featurizer.d_out = case.WIDTH  # type: ignore[assignment]
        case.fill("featurizer", featurizer)
        case.fill("classifier", classifier)
        if is_featurizer:
            return featurizer, classifier
        whole = nn.Sequential(featurizer, classifier)
        whole.needs_y = False  # type: ignore[assignment]
        return whole

    loss = losses.initialize_loss("mse" if values else "cross_entropy", None)
    common: dict[str, Any] = {"config": settings(form), "d_out": outputs, "grouper": Grouper(), "loss": loss}
    common |= {"metric": None, "n_train_steps": case.STEPS}
    if algorithm == "GroupDRO":
        common["is_group_in_train"] = torch.ones(case.GROUPS, dtype=torch.bool)
    if algorithm == "DANN":
        common |= {"n_domains": case.GROUPS, "group_ids_to_domains": torch.arange(case.GROUPS)}
    if algorithm == "NoisyStudent":
        common["unlabeled_loss"] = loss
    with mock.patch.object(module, "initialize_model", model):
        made = getattr(module, CLASSES.get(algorithm, algorithm))(**common)
    if algorithm == "DANN":
        case.fill("discriminator", made.model.domain_classifier)
    return made


def settings(form: str) -> SimpleNamespace:
    return SimpleNamespace(
        train_loader="group",
        uniform_over_groups=True,
        distinct_groups=True,
        device="cpu",
        optimizer="SGD",
        optimizer_kwargs={"momentum": case.MOMENTUM},
        lr=case.LR,
        weight_decay=case.WEIGHT_DECAY,
        scheduler=None,
        scheduler_metric_name=None,
        max_grad_norm=None,
        use_data_parallel=False,
        gradient_accumulation_steps=1,
        no_group_logging=True,
        group_dro_step_size=case.STEP_SIZE,
        irm_lambda=case.LAMBDA,
        irm_penalty_anneal_iters=case.ANNEAL,
        coral_penalty_weight=case.CORAL_WEIGHT,
        dann_penalty_weight=case.DANN_WEIGHT,
        dann_featurizer_lr=case.RATES["featurizer"],
        dann_classifier_lr=case.RATES["classifier"],
        dann_discriminator_lr=case.RATES["discriminator"],
        afn_penalty_weight=case.AFN_WEIGHT,
        safn_delta_r=1.0,
        hafn_r=1.0,
        use_hafn=form == "hard",
        self_training_lambda=case.SELF_WEIGHT,
        self_training_threshold=case.THRESHOLD,
        pseudolabel_T2=case.RAMP,
        process_pseudolabels_function="pseudolabel_multiclass_logits",
        noisystudent_add_dropout=False,
        model="linear",
        use_unlabeled_y=False,
    )


def measured(name: str, values: bool) -> dict[str, Any]:
    algorithm = built(name, values)
    algorithm.train()
    losses = []
    for step in range(case.STEPS):
        batch = case.labeled(step)
        wanted = batch.values if values else batch.labels
        given = (batch.inputs, wanted, batch.groups[:, None])
        losses.append(float(algorithm.update(given, beside(name, step))["objective"]))
    algorithm.eval()
    with torch.no_grad():
        outputs = algorithm.model(case.test_inputs())
    outputs = outputs[0] if isinstance(outputs, tuple) else outputs
    return {"losses": [rounded(loss) for loss in losses], "outputs": [rounded(v) for v in outputs.flatten().tolist()]}


def beside(name: str, step: int) -> Any:
    """The unlabeled batch of a step, as the algorithm takes it; None for one that does without."""
    other = case.unlabeled(step)
    if name == "FixMatch":
        return case.views(step), other.groups[:, None]
    if name == "NoisyStudent":
        return other.inputs, other.labels, other.groups[:, None]
    learns = name.startswith("AFN") or name.endswith("unlabeled") or name == "PseudoLabel"
    return (other.inputs, other.groups[:, None]) if learns else None


def rounded(value: float) -> float:
    return float(f"{value:.7g}")


if __name__ == "__main__":
    main(sys.argv[1])
