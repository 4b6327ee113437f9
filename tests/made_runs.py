"""A random run of any benchmark that runs methods: what is right, and what some method said."""

import json
from dataclasses import replace

import numpy as np
from tests.grouped import groups_of

from farfield import TaskFamily
from farfield.families.retrieval import DIMENSIONS, IMAGES, TEXTS
from farfield.runtime.masks import encode
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.captions import shuffled
from farfield_evaluators.data.columns import ROWS
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.evaluate import Truth, rules_of
from farfield_evaluators.scoring.retrieval import RECALLS
from farfield_evaluators.scoring.selection import PAIR
from farfield_evaluators.suites.clip_benchmark.scoring import MEAN_AP, PRESENT
from farfield_evaluators.suites.imagenet.watermark.scoring import CARTON, WATERMARK_GAPS
from farfield_evaluators.suites.rdfsl.scoring import EPISODE

CLASSES, PER_DOMAIN = 12, 40
MANY = 80  # classes that boards with masks may be about; objects are of the first of them
SIDE = 160  # pixels of an image with masks
TARGET = "wealthpooled"  # of the boards of regression
SPACES = {
    "r": subset((1, 4, 6, 7, 9, 10)),
    "a": subset((0, 2, 3, 5, 8)),
    "objectnet": LabelSpace(kind="max", groups=((0, 5), (2, 3, 8), (11,))),
}


def run_of(benchmark: Benchmark) -> tuple[Truth, dict[str, np.ndarray]]:
    """A random run on all domains, in a shuffled order, with the label spaces that some sets have."""
    rng = np.random.default_rng(7)
    domains = np.repeat(np.arange(len(benchmark.domains)), PER_DOMAIN)
    spaces = {number: SPACES[d.name] for number, d in enumerate(benchmark.domains) if d.name in SPACES}
    classes = CARTON + 1 if WATERMARK_GAPS in benchmark.scorers else CLASSES
    labels = np.array([rng.choice(_members(spaces.get(int(number)))) for number in domains])
    labels = np.where(labels == CLASSES - 1, classes - 1, labels)
    is_ood = np.array([d.role in ("near", "far") for d in benchmark.domains])[domains]
    logits = rng.normal(size=(len(domains), classes)).astype(np.float32)
    logits[np.arange(len(domains)), labels] += 1.5
    scores = rng.normal(size=len(domains)) + ~is_ood
    order = rng.permutation(len(domains))
    if benchmark.plan.open:  # every episode has unknown queries, and is of one domain
        is_ood, order = np.arange(len(domains)) % 3 == 0, np.arange(len(domains))
    labels = np.where(is_ood, -1, labels)
    groups = groups_of(benchmark, len(domains), rng)
    right = rng.normal(size=len(domains))
    truth = Truth(
        labels=labels[order],
        domains=domains[order],
        classes=classes,
        spaces=spaces,
        attributes=groups,
        targets=_told(benchmark, right),
    )
    if TEXTS in rules_of(benchmark, truth):
        told_apart = not set(RECALLS) & set(benchmark.scorers)
        return with_captions(truth, np.random.default_rng(19), number=2 if told_apart else 0)
    if "boxes" in rules_of(benchmark, truth):
        made = with_boxes(truth, np.random.default_rng(13))
        return with_masks(*made, np.random.default_rng(17)) if benchmark.masks else made
    values = right.reshape(-1, 1) + rng.normal(size=(len(domains), 1))
    chosen = np.ones(len(domains), np.uint8)
    return truth, {"logits": logits[order], "scores": scores[order], "values": values, "kept": chosen}


def _told(benchmark: Benchmark, right: np.ndarray) -> dict[str, np.ndarray]:
    """The targets of families that have others than labels: a number, or the episode of a query, ten of each."""
    if benchmark.family == TaskFamily.FEW_SHOT_CLASSIFICATION:
        return {EPISODE: np.arange(len(right)) // 10}
    if MEAN_AP in benchmark.metrics:
        places = np.arange(len(right))
        return {PRESENT: (np.repeat(places, places % 4) * 5 % CLASSES).reshape(-1, 1), f"{PRESENT}{ROWS}": places % 4}
    return {TARGET: right} if benchmark.family == TaskFamily.REGRESSION else {}


def with_captions(truth: Truth, rng: np.random.Generator, number: int = 0) -> tuple[Truth, dict[str, np.ndarray]]:
    """So many captions an image, or one to three, and embeddings of both that are a little alike; images in pairs."""
    places = np.arange(len(truth))
    counts = np.full(len(truth), number) if number else 1 + places % 3
    captions = shuffled([[f"{image} {number}" for number in range(n)] for image, n in enumerate(counts)], rng)
    images = rng.normal(size=(len(truth), 8)).astype(np.float32)
    texts = np.empty((len(captions.told), 8), np.float32)
    texts[captions.places] = np.repeat(images, counts, axis=0) + rng.normal(size=texts.shape)
    said = {DIMENSIONS: np.array([8]), TEXTS: texts, IMAGES: images}
    targets = {PAIR: places.reshape(-1, 1) // 2, f"{PAIR}{ROWS}": np.ones(len(truth), int)}
    return replace(truth, captions=captions, targets=targets), said


def with_boxes(truth: Truth, rng: np.random.Generator) -> tuple[Truth, dict[str, np.ndarray]]:
    """Up to four objects an image, each detected or not, more or less where it is, and false detections."""
    rows = rng.integers(0, 5, len(truth.labels))
    objects = np.concatenate([rng.integers(0, 60, (rows.sum(), 2)), rng.integers(8, 24, (rows.sum(), 2))], axis=1)
    images = np.repeat(np.arange(len(rows)), rows)
    seen = rng.random(len(images)) < 0.8
    said = np.concatenate([objects[seen] + rng.integers(-3, 4, (seen.sum(), 4)), rng.integers(1, 60, (40, 4))])
    at = np.concatenate([images[seen], rng.integers(0, len(rows), 40)])
    order = np.argsort(at, kind="stable")
    corners = np.concatenate([said[:, :2], said[:, :2] + said[:, 2:]], axis=1)[order].clip(0).astype(np.float32)
    targets = {"boxes": objects.astype(float), "boxes-rows": rows}
    targets |= {"box-labels": np.zeros((len(objects), 1), int), "box-labels-rows": rows}
    counts = np.bincount(at, minlength=len(rows))
    outputs = dict.fromkeys(("boxes-rows", "scores-rows", "labels-rows"), counts) | {"boxes": corners}
    scores = rng.random(len(said)).astype(np.float32)
    return replace(truth, targets=targets), {**outputs, "scores": scores, "labels": np.zeros(len(said), np.int32)}


def with_masks(
    truth: Truth, outputs: dict[str, np.ndarray], rng: np.random.Generator
) -> tuple[Truth, dict[str, np.ndarray]]:
    """The same boxes, of classes drawn anew and right most of the time, with the rectangles they are as masks."""
    boxes, rows = truth.targets["boxes"].astype(int), truth.targets["boxes-rows"]
    labels = rng.integers(0, CLASSES, len(boxes))
    first = np.cumsum(rows) - rows
    counts = outputs["boxes-rows"]
    images = np.repeat(np.arange(len(counts)), counts)
    guesses = [labels[first[image]] if rows[image] and rng.random() < 0.7 else 3 for image in images]
    outlines = [[[x, y, x + w, y, x + w, y + h, x, y + h]] for x, y, w, h in boxes.tolist()]
    spans = zip(first, rows, strict=True)
    texts = ["\n".join(map(json.dumps, outlines[start : start + n])).encode() for start, n in spans]
    runs = [encode(_rectangle(corners)) for corners in outputs["boxes"].astype(int)]
    lengths = np.array([len(each) for each in runs])
    targets = {
        "box-labels": labels.reshape(-1, 1),
        "box-labels-rows": rows,
        "masks": np.frombuffer(b"".join(texts), np.uint8).reshape(-1, 1),
        "masks-rows": np.array([len(text) for text in texts]),
        "size": np.full((len(rows), 2), SIDE),
        "size-rows": np.ones(len(rows), int),
    }
    said = {
        "labels": np.array(guesses, np.int32),
        "mask-runs": lengths.astype(np.int32),
        "mask-runs-rows": counts,
        "masks": np.concatenate(runs).astype(np.uint32),
        "masks-rows": np.array([lengths[images == image].sum() for image in range(len(counts))]),
    }
    return replace(truth, classes=MANY, targets={**truth.targets, **targets}), {**outputs, **said}


def _rectangle(corners: np.ndarray) -> np.ndarray:
    x, y, right, bottom = corners.tolist()
    mask = np.zeros((SIDE, SIDE), bool)
    mask[y:bottom, x:right] = True
    return mask


def _members(space: LabelSpace | None) -> np.ndarray:
    if space is None:
        return np.arange(CLASSES)
    return np.array([group[0] for group in space.groups] if space.kind == "max" else space.classes)
