"""The figures on a validation split that say which epoch is kept; the higher, the better."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from farfield import TrainingSet

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def figure(name: str, outputs: npt.NDArray[np.floating], val: TrainingSet) -> float:
    """One of SELECTIONS of outputs [N, C] or [N, T] on the validation split; for values it is Pearson's r.

    Raises ValueError for the macro F1 of values.
    """
    if val.targets is not None:
        return _of_values(name, np.asarray(outputs, np.float64), val)
    predicted = outputs.argmax(axis=1)
    return _FIGURES[name](predicted, val.labels, val.domains)


def average(predicted: Ints, labels: Ints, domains: Ints) -> float:
    """Accuracy over all examples."""
    return float((predicted == labels).mean())


def worst_domain(predicted: Ints, labels: Ints, domains: Ints) -> float:
    """The lowest accuracy of any domain that occurs."""
    return _worst(predicted == labels, domains)


def worst_group(predicted: Ints, labels: Ints, domains: Ints) -> float:
    """The lowest accuracy of any group that occurs: a domain and a class."""
    return _worst(predicted == labels, domains * (labels.max() + 1) + labels)


def macro_f1(predicted: Ints, labels: Ints, domains: Ints) -> float:
    """The mean F1 over the classes that occur among the labels, as WILDS has it for iWildCam."""
    scores = [_f1(predicted == label, labels == label) for label in np.unique(labels)]
    return float(np.mean(scores))


def pearson(values: Floats, targets: Floats) -> float:
    """Pearson's correlation of [N, T] with [N, T], the mean over T; 0 where one does not vary."""
    first, second = values - values.mean(axis=0), targets - targets.mean(axis=0)
    lengths = np.sqrt((first**2).sum(axis=0) * (second**2).sum(axis=0))
    products = (first * second).sum(axis=0)
    return float(np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0).mean())


_FIGURES: Mapping[str, Callable[[Ints, Ints, Ints], float]] = {
    "average": average,
    "worst-domain": worst_domain,
    "worst-group": worst_group,
    "macro-f1": macro_f1,
}


def _of_values(name: str, values: Floats, val: TrainingSet) -> float:
    if name == "macro-f1":
        raise ValueError("select: the macro F1 is of classes, and this benchmark asks for values; use average")
    targets = np.asarray(val.targets, np.float64)
    if name == "average":
        return pearson(values, targets)
    members = [val.domains == domain for domain in np.unique(val.domains)]
    return min(pearson(values[these], targets[these]) for these in members)


def _worst(right: npt.NDArray[np.bool_], groups: Ints) -> float:
    return min(float(right[groups == group].mean()) for group in np.unique(groups))


def _f1(predicted: npt.NDArray[np.bool_], true: npt.NDArray[np.bool_]) -> float:
    hits = int((predicted & true).sum())
    return 2.0 * hits / (int(predicted.sum()) + int(true.sum()))
