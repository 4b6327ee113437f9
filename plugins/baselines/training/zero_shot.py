"""Zero-shot accuracy of a saved mini CLIP over the demo data, by split and drawing style.

python zero_shot.py WEIGHTS
"""

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import open_clip
import torch
from PIL import Image

import farfield_demo

TEMPLATES = (
    "a picture of a {}",
    "an image of a {}",
    "a drawing of a {}",
    "a cartoon of a {}",
    "a photo of a {}",
    "a line drawing of a {}",
    "a 3D render of a {}",
    "{}",
)


def load(weights: Path) -> tuple[Any, Any, Any]:
    """Model, transform and tokenizer, the way any user of open_clip would load them."""
    open_clip.add_model_config(weights.with_suffix(".json"))
    model, _, preprocess = open_clip.create_model_and_transforms(weights.stem, pretrained=str(weights))
    return model.eval(), preprocess, open_clip.get_tokenizer(weights.stem)


@torch.inference_mode()
def class_embeddings(model: Any, tokenizer: Any, prompt_names: list[str]) -> torch.Tensor:
    """Mean of the normalised template embeddings, normalised again (Radford et al. 2021)."""
    rows = []
    for name in prompt_names:
        tokens = tokenizer([template.format(name) for template in TEMPLATES])
        rows.append(model.encode_text(tokens, normalize=True).mean(dim=0))
    return torch.nn.functional.normalize(torch.stack(rows), dim=-1)


@torch.inference_mode()
def predictions(model: Any, preprocess: Any, paths: list[Path], heads: torch.Tensor) -> list[int]:
    """The class nearest to each image."""
    found: list[int] = []
    for start in range(0, len(paths), 64):
        pixels = torch.stack([preprocess(Image.open(path)) for path in paths[start : start + 64]])
        embedded = model.encode_image(pixels, normalize=True)
        found += (embedded @ heads.T).argmax(dim=1).tolist()
    return found


def accuracies(weights: Path) -> dict[str, tuple[float, int]]:
    """Accuracy and number of images of id/test and of every shift."""
    model, preprocess, tokenizer = load(weights)
    root = farfield_demo.ROOT
    classes = json.loads((root / "classes.json").read_text())
    heads = class_embeddings(model, tokenizer, [each["prompt_name"] for each in classes])
    with (root / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] and row["split"] == "test"]
    found = predictions(model, preprocess, [root / row["path"] for row in rows], heads)
    right: dict[str, list[bool]] = defaultdict(list)
    for row, index in zip(rows, found, strict=True):
        right[row["set"]].append(classes[index]["name"] == row["class"])
    return {name: (100 * sum(each) / len(each), len(each)) for name, each in sorted(right.items())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", type=Path)
    for name, (accuracy, count) in accuracies(parser.parse_args().weights).items():
        print(f"{name:24} {accuracy:5.1f}  of {count}")
