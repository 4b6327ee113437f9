"""On one folder of images with captions our recalls are those of clip_benchmark, which reads it as Flickr8k's.

The model is a tiny one with random weights: the mini CLIP embeds captions alike that differ in words it does not know,
and of what is tied clip_benchmark takes one by its place.
"""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
from clip_benchmark.datasets.builder import image_captions_collate_fn
from clip_benchmark.datasets.flickr import Flickr
from clip_benchmark.metrics.zeroshot_retrieval import evaluate
from PIL import Image
from torch.utils.data import DataLoader

import farfield_demo
from farfield import Images
from farfield.runtime.images import preprocess
from farfield_baselines.retrieval import clip_retrieval
from farfield_evaluators.metrics.retrieval import images_retrieved, texts_retrieved

KS = (1, 5)
CAPTIONS = ("a drawing of a {}", "a colourful icon of a {}, on white")


def written(folder: Path) -> list[tuple[Path, list[str]]]:
    """Every ninth drawing of Noto with its captions, and the file that lists them."""
    root = Path(farfield_demo.__file__).parent
    with (root / "index.csv").open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["domain"] == "noto" and row["class"]]
    listed = []
    for row in rows[::9]:
        path = folder / f"{row['concept']}.jpg"
        with Image.open(shutil.copy(root / row["path"], folder / "drawing")) as image:
            image.convert("RGB").save(path, quality=95)
        listed.append((path, [text.format(row["concept"].replace("-", " ")) for text in CAPTIONS]))
    lines = [f"{path.name},{text}" for path, texts in listed for text in texts]
    (folder / "captions.txt").write_text("image,caption\n" + "\n".join(lines))
    return listed


def test_recalls_are_clip_benchmarks(build: Callable[..., Any], tiny: dict[str, str], tmp_path: Path) -> None:
    listed = written(tmp_path)
    model, _, transform = open_clip.create_model_and_transforms(tiny["model"], pretrained=tiny["checkpoint"])
    data = DataLoader(
        Flickr(str(tmp_path), str(tmp_path / "captions.txt"), transform), 8, collate_fn=image_captions_collate_fn
    )
    tokenizer = open_clip.get_tokenizer(tiny["model"])
    theirs = evaluate(model.eval(), data, tokenizer, "cpu", amp=False, recall_k_list=list(KS))

    method = build(clip_retrieval.SPEC.with_input("clip"), tiny, class_names=(), class_synsets=())
    texts = method.embed_texts([text for _, captions in listed for text in captions])
    prepared = Images(size=model.visual.image_size[0])
    images = method.embed_images(np.stack([preprocess(path.read_bytes(), prepared) for path, _ in listed]))
    counts = np.full(len(listed), len(CAPTIONS))
    for place, k in enumerate(KS):
        image = images_retrieved(images, texts, counts, KS)[:, place].mean()
        text = texts_retrieved(images, texts, counts, KS)[:, place].mean()
        assert image == pytest.approx(theirs[f"image_retrieval_recall@{k}"], abs=1e-6)
        assert text == pytest.approx(theirs[f"text_retrieval_recall@{k}"], abs=1e-6)
        assert 0 <= image < 1
    assert theirs["image_retrieval_recall@5"] > 0
