"""Figures of logits and scores, computed anew with scikit-learn and SciPy, to compare Farfield's with.

Nothing of Farfield's scoring is used here. Constants: AlexNet's errors from the release of ImageNet-C; the lines of the
ImageNet testbed (Taori et al. 2020).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from scipy.special import expit, log_softmax, logit
from sklearn import metrics

Key = tuple[str, str]  # metric, domain
Figures = dict[Key, float]
Groups = Sequence[Sequence[int]]
ALEXNET = {
    "gaussian-noise": 0.886428,
    "shot-noise": 0.894468,
    "impulse-noise": 0.922640,
    "defocus-blur": 0.819880,
    "glass-blur": 0.826268,
    "motion-blur": 0.785948,
    "zoom-blur": 0.798360,
    "snow": 0.866816,
    "frost": 0.826572,
    "fog": 0.819324,
    "brightness": 0.564592,
    "contrast": 0.853204,
    "elastic-transform": 0.646056,
    "pixelate": 0.717840,
    "jpeg-compression": 0.606500,
}
ALEXNET_CLEAN = 0.435
LINES = {
    "v2": (0.923229, -0.497690),
    "objectnet": (0.980910, -1.928289),
    "sketch": (1.070915, -2.370073),
    "r": (0.636844, -2.107716),
    "a": (1.990006, -7.632477),
}


@dataclass(frozen=True, kw_only=True)
class Set:
    """Logits [N, 1000] and ImageNet class numbers [N]; groups: the classes there are, each by its numbers."""

    logits: np.ndarray
    labels: Sequence[int]
    groups: Groups = tuple((number,) for number in range(1000))

    def read(self) -> tuple[np.ndarray, np.ndarray]:
        """Logits [N, K] of the groups, the highest of each one's numbers, and labels [N] as places of groups."""
        place = {number: n for n, group in enumerate(self.groups) for number in group}
        columns = [self.logits[:, list(group)].max(axis=1) for group in self.groups]
        return np.stack(columns, axis=1).astype(np.float64), np.array([place[label] for label in self.labels])

    def within(self, groups: Groups) -> "Set":
        """The examples of these groups' classes, read as the groups."""
        there = {number for group in groups for number in group}
        rows = [row for row, label in enumerate(self.labels) if label in there]
        return Set(logits=self.logits[rows], labels=[self.labels[row] for row in rows], groups=groups)


def accuracy(of: Set) -> float:
    logits, labels = of.read()
    return float(metrics.accuracy_score(labels, logits.argmax(axis=1)))


def classifier(of: Set) -> dict[str, float]:
    """What is reported of every set."""
    logits, labels = of.read()
    guessed, logs = logits.argmax(axis=1), log_softmax(logits, axis=1)
    chances, every = np.exp(logs), np.arange(logits.shape[1])
    right = np.eye(len(every))[labels]
    return {
        "accuracy": metrics.accuracy_score(labels, guessed),
        "top5": metrics.top_k_accuracy_score(labels, logits, k=5, labels=every),
        "class-accuracy": metrics.recall_score(labels, guessed, labels=np.unique(labels), average="macro"),
        "ece": calibration_error(chances.max(axis=1), guessed == labels),
        "brier": float(((chances - right) ** 2).sum(axis=1).mean()),
        "nll": float(-logs[np.arange(len(labels)), labels].mean()),
    }


def calibration_error(confidence: np.ndarray, hits: np.ndarray) -> float:
    """ECE in 15 bins of equal width, open below and closed above."""
    total = 0.0
    for number in range(15):
        inside = (confidence > number / 15) & (confidence <= (number + 1) / 15)
        if inside.any():
            total += inside.mean() * abs(hits[inside].mean() - confidence[inside].mean())
    return total


def over_shifts(clean: Set, shifts: Mapping[str, Set], clean_name: str) -> Figures:
    """What is reported of every set, and its means over the one ID set and over all shifts."""
    found = {name: classifier(of) for name, of in {clean_name: clean, **shifts}.items()}
    figures = {(metric, name): value for name, row in found.items() for metric, value in row.items()}
    for metric, value in found[clean_name].items():
        figures[metric, "id"] = value
        figures[metric, "shifts"] = fmean(found[name][metric] for name in shifts)
    return figures


def robustness(clean: Set, shifts: Mapping[str, Set], restricted: Sequence[str]) -> Figures:
    """Effective robustness, from ID accuracy on the set's own classes where those are not all."""
    figures: Figures = {}
    for name, of in shifts.items():
        start = accuracy(clean.within(of.groups)) if name in restricted else accuracy(clean)
        if name in restricted:
            figures["id-subset-accuracy", name] = start
        slope, intercept = LINES[name]
        figures["effective-robustness", name] = accuracy(of) - float(expit(slope * logit(start) + intercept))
    found = [value for (metric, _), value in figures.items() if metric == "effective-robustness"]
    return figures | {("effective-robustness", "shifts"): fmean(found)}


def corruption_errors(clean: Set, severities: Mapping[str, Sequence[Set]]) -> Figures:
    """CE of every corruption from its five severities, mCE and relative mCE."""
    errors = {name: fmean(1 - accuracy(of) for of in sets) for name, sets in severities.items()}
    figures = {("corruption-error", name): error / ALEXNET[name] for name, error in errors.items()}
    growth = [(e - (1 - accuracy(clean))) / (ALEXNET[name] - ALEXNET_CLEAN) for name, e in errors.items()]
    return figures | {("mce", "shifts"): fmean(figures.values()), ("relative-mce", "shifts"): fmean(growth)}


def detector(id_scores: np.ndarray, ood_scores: np.ndarray) -> dict[str, float]:
    """OpenOOD's figures with OOD positive, ranked by minus the score, and the classic ones with ID positive."""
    scores = np.concatenate([id_scores, ood_scores]).astype(np.float64)
    is_ood = np.arange(len(scores)) >= len(id_scores)
    alarms, hits, _ = metrics.roc_curve(~is_ood, scores, drop_intermediate=False)
    return {
        "auroc": metrics.roc_auc_score(is_ood, -scores),
        "fpr95": false_alarms(is_ood, -scores),
        "aupr-in": trapezoid(~is_ood, scores),
        "aupr-out": trapezoid(is_ood, -scores),
        "fpr95-classic": false_alarms(~is_ood, scores),
        "fpr95-nearest": float(alarms[nearest(hits)]),
        "fpr95-id-interp": float(np.interp(0.95, hits, alarms)),
        "aupr-in-classic": metrics.average_precision_score(~is_ood, scores),
        "aupr-out-classic": metrics.average_precision_score(is_ood, -scores),
    }


def nearest(hits: np.ndarray) -> int:
    """The threshold that keeps a share of ID nearest to 95%: the lowest of several, but none below what keeps all."""
    off = np.abs(hits - 0.95)
    near, all_kept = np.flatnonzero(off == off.min()), np.argmax(hits == 1)
    return int(all_kept if all_kept in near else near[-1])


def false_alarms(positive: np.ndarray, scores: np.ndarray) -> float:
    """The false positive rate at the first threshold with a true positive rate of at least 95%."""
    alarms, hits, _ = metrics.roc_curve(positive, scores)
    return float(alarms[np.argmax(hits >= 0.95)])


def trapezoid(positive: np.ndarray, scores: np.ndarray) -> float:
    precision, recall, _ = metrics.precision_recall_curve(positive, scores)
    return float(metrics.auc(recall, precision))


def over_sets(id_scores: np.ndarray, groups: Mapping[str, Mapping[str, np.ndarray]]) -> Figures:
    """Every OOD set against ID, and the means over the near and the far ones."""
    figures: Figures = {}
    for group, sets in groups.items():
        found = {name: detector(id_scores, scores) for name, scores in sets.items()}
        figures |= {(metric, name): value for name, row in found.items() for metric, value in row.items()}
        metrics_of = next(iter(found.values()))
        figures |= {(metric, group): fmean(row[metric] for row in found.values()) for metric in metrics_of}
    return figures
