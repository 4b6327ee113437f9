"""Zero-shot as clip_benchmark runs it, and the bare forward pass on tensors in memory, in a process of its own.

`python -m bench.zero_shot_theirs MODEL CHECKPOINT IMAGES LOGITS` prints both in seconds, and
writes clip_benchmark's logits [N, C] in the order of the files. Its loader is the one that its command makes: batches
of 64, four workers. Its autocast is off, as with `--no_amp`: ours computes in float32.
"""

import json
import sys
import time
from typing import Any

import numpy as np
import open_clip
import torch
from clip_benchmark.metrics import zeroshot_classification as theirs  # type: ignore[import-untyped]
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder  # type: ignore[import-untyped]

BATCH, WORKERS = 64, 4
TEMPLATE = "a photo of a {c}"


def main(name: str, checkpoint: str, images: str, logits: str) -> None:
    model, _, transform = open_clip.create_model_and_transforms(name, pretrained=checkpoint)
    model.eval()
    files: Any = ImageFolder(images, transform=transform)
    weight = theirs.zero_shot_classifier(
        model, open_clip.get_tokenizer(name), files.classes, [TEMPLATE], "cpu", amp=False
    )
    loader: Any = DataLoader(files, batch_size=BATCH, shuffle=False, num_workers=WORKERS)
    started = time.perf_counter()
    predicted, _ = theirs.run_classification(model, weight, loader, "cpu", amp=False)
    whole = time.perf_counter() - started
    np.save(logits, predicted.numpy())
    print(json.dumps({"clip_benchmark": whole, "bare": _bare(model, weight, list(loader))}))


@torch.inference_mode()
def _bare(model: Any, weight: torch.Tensor, batches: list[Any]) -> float:
    started = time.perf_counter()
    for images, _ in batches:
        functional.normalize(model.encode_image(images), dim=-1) @ weight
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*sys.argv[1:])
