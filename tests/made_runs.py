"""A random run of any benchmark that runs methods: what is right, and what some method said."""

from dataclasses import replace

import numpy as np
from tests.grouped import groups_of

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.evaluate import Truth, rules_of

CLASSES, PER_DOMAIN = 12, 40
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
    labels = np.array([rng.choice(_members(spaces.get(int(number)))) for number in domains])
    is_ood = np.array([d.role in ("near", "far") for d in benchmark.domains])[domains]
    logits = rng.normal(size=(len(domains), CLASSES)).astype(np.float32)
    logits[np.arange(len(domains)), labels] += 1.5
    scores = rng.normal(size=len(domains)) + ~is_ood
    order = rng.permutation(len(domains))
    labels = np.where(is_ood, -1, labels)
    groups = groups_of(benchmark, len(domains), rng)
    right = rng.normal(size=len(domains))
    truth = Truth(
        labels=labels[order],
        domains=domains[order],
        classes=CLASSES,
        spaces=spaces,
        attributes=groups,
        targets={TARGET: right} if benchmark.family == TaskFamily.REGRESSION else {},
    )
    if "boxes" in rules_of(benchmark, truth):
        return with_boxes(truth, np.random.default_rng(13))
    values = right.reshape(-1, 1) + rng.normal(size=(len(domains), 1))
    return truth, {"logits": logits[order], "scores": scores[order], "values": values}


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
    targets = {"boxes": objects.astype(float), "boxes-rows": rows, "box-labels": np.zeros((len(objects), 1), int)}
    counts = np.bincount(at, minlength=len(rows))
    outputs = dict.fromkeys(("boxes-rows", "scores-rows", "labels-rows"), counts) | {"boxes": corners}
    scores = rng.random(len(said)).astype(np.float32)
    return replace(truth, targets=targets), {**outputs, "scores": scores, "labels": np.zeros(len(said), np.int32)}


def _members(space: LabelSpace | None) -> np.ndarray:
    if space is None:
        return np.arange(CLASSES)
    return np.array([group[0] for group in space.groups] if space.kind == "max" else space.classes)
