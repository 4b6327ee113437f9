"""On one folder of images our accuracies are those of clip_benchmark, which reads it by torchvision's ImageFolder.

clip_benchmark's classifier and its pass over the images are called as its `evaluate` calls them. `evaluate` itself ends
in a conversion that NumPy 2.4 refuses, so the last step, counting, is torch's and scikit-learn's.
"""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
from clip_benchmark.metrics.zeroshot_classification import run_classification, zero_shot_classifier
from sklearn.metrics import balanced_accuracy_score
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

import farfield_demo
from farfield.runtime.images import preprocess
from farfield_baselines.classification import zero_shot
from farfield_baselines.networks import clip

Make = Callable[..., Any]
NAMES = ("aircraft", "ball", "car", "cat", "fish", "insect", "mushroom", "songbird")
A_CLASS = 4
TEMPLATES = ("a photo of a {}", "a drawing of a {}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Test images of the demo data, in one folder a class."""
    root = Path(farfield_demo.__file__).parent
    with (root / "index.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["split"] == "test"]
    for name in NAMES:
        (tmp_path / name).mkdir()
        for row in [row for row in rows if row["class"] == name][::7][:A_CLASS]:
            shutil.copy(root / row["path"], tmp_path / name)
    return tmp_path


def test_accuracies_are_clip_benchmarks(build: Make, folder: Path) -> None:
    model, _, transform = open_clip.create_model_and_transforms(
        clip.config_name(clip.MINI), pretrained=str(clip.WEIGHTS / "mini_clip.safetensors")
    )
    images = ImageFolder(str(folder), transform)
    prompts = [template.replace("{}", "{c}") for template in TEMPLATES]
    tokenizer = open_clip.get_tokenizer(clip.MINI_CONFIG)
    classifier = zero_shot_classifier(model.eval(), tokenizer, images.classes, prompts, "cpu", amp=False)
    theirs, targets = run_classification(model, classifier, DataLoader(images, 5), "cpu", amp=False)
    assert targets.tolist() == images.targets
    assert images.classes == list(NAMES)

    spec = zero_shot.SPEC.with_input("clip")
    method = build(spec, {"templates": "|".join(TEMPLATES)}, class_names=NAMES, class_synsets=())
    pixels = np.stack([preprocess(Path(path).read_bytes(), spec.inputs) for path, _ in images.samples])
    ours = method.predict(pixels)
    for k in (1, 5):
        assert top(ours, images.targets, k) == top(theirs.numpy(), images.targets, k)
    recall = balanced_accuracy_score(images.targets, theirs.argmax(dim=1))
    assert balanced_accuracy_score(images.targets, ours.argmax(axis=1)) == recall
    assert 0.1 < top(ours, images.targets, 1) < 1.0


def top(logits: Any, targets: list[int], k: int) -> float:
    """Share of the images whose label is among the k highest."""
    highest = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    return float((highest == np.array(targets)[:, None]).any(axis=1).mean())
