"""What a user would write without the platform: timm, torchvision's transforms, a DataLoader, accuracy by hand.

Run as a process of its own (`python -m bench.plain`), as a script would be; prints the accuracy per domain.
"""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

import farfield_demo
from farfield_baselines.imagenet import imagenet_index
from farfield_baselines.networks.lite0 import load

ROOT = Path(farfield_demo.__file__).parent


class Images(Dataset[Any]):
    """The demo's class images as (tensor, label, domain)."""

    def __init__(self) -> None:
        names = [c["name"] for c in json.loads((ROOT / "classes.json").read_text())]
        with (ROOT / "index.csv").open(newline="") as table:
            rows = [r for r in csv.DictReader(table) if r["class"] and r["split"] == "test"]
        self.rows = [(ROOT / r["path"], names.index(r["class"]), r["domain"]) for r in rows]
        self.transform = v2.Compose(
            [
                v2.Resize(224, interpolation=v2.InterpolationMode.BICUBIC),
                v2.CenterCrop(224),
                v2.PILToTensor(),
            ]
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int, str]:
        path, label, domain = self.rows[index]
        return self.transform(Image.open(path).convert("RGB")), label, domain


def synset_groups() -> list[list[int]]:
    """ImageNet class numbers of each class."""
    classes = json.loads((ROOT / "classes.json").read_text())
    return [[imagenet_index()[wnid] for wnid in c["synsets"]] for c in classes]


@torch.inference_mode()
def main() -> None:
    """Top-1, a class's logit being the maximum over its synsets'."""
    torch.set_num_threads(2)
    network, groups = load().to(memory_format=torch.channels_last), synset_groups()
    hits: dict[str, list[bool]] = defaultdict(list)
    for images, labels, domains in DataLoader(Images(), batch_size=64, num_workers=0):
        pixels = images.float().sub_(127).div_(128).to(memory_format=torch.channels_last)
        logits = network(pixels)
        restricted = torch.stack([logits[:, group].amax(1) for group in groups], 1)
        for hit, domain in zip((restricted.argmax(1) == labels).tolist(), domains, strict=True):
            hits[domain].append(hit)
    print(json.dumps({domain: sum(found) / len(found) for domain, found in sorted(hits.items())}))


if __name__ == "__main__":
    main()
