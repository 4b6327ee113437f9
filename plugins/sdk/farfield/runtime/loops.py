"""What the loops of all families share: a method learns, and what it returns is believed only once it was looked at."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield.base import Base
from farfield.errors import ProtocolError
from farfield.method import TrackClaims
from farfield.protocols import Classifier, Ints
from farfield.runtime.dataset import Source

Array = npt.NDArray[Any]
EVALUATED_TOGETHER = 64  # DomainBed's evaluation batch
Progress = Callable[[str, int, int], None]
PARTS = (
    "val",
    "unlabeled",
    "target",
    "target_val",
    "pool",
    "ood_val",
    "forget",
)  # beside "train": what `fit` may ask for
LABELS = "labels"  # those of the pool, on request
ASKED = (*PARTS, LABELS)


class Parts(Protocol):
    """Training data by name, as the family's methods take it; None where the benchmark has none of that name."""

    def part(self, name: str) -> object: ...


class Called(Protocol):
    """What has a name, and members that a method must have."""

    @property
    def name(self) -> str: ...
    @property
    def members(self) -> tuple[str, ...]: ...


def require_members(method: object, family: Called) -> None:
    """Raises ProtocolError naming every member that the method misses, and for a `fit` that asks for what is not."""
    missing = [m for m in family.members if not callable(getattr(method, m, None))]
    if missing:
        named = " and ".join(f"`{m}`" for m in missing)
        raise ProtocolError(f"{type(method).__name__} misses {named}, which the {family.name} protocol requires")
    parts_asked(method)


def parts_asked(method: object) -> dict[str, bool]:
    """The parts beside "train" that the method's `fit` names keyword-only, and labels on request, if it names them.

    Each with whether it must be there. Raises ProtocolError for another keyword without a default.
    """
    asked = {p.name: p.default is p.empty for p in _keywords(getattr(method, "fit", None))}
    unknown = [name for name, needed in asked.items() if needed and name not in ASKED]
    if unknown:
        says = f"`fit` asks for `{unknown[0]}`; beside the training set a benchmark may have {', '.join(ASKED)}"
        raise ProtocolError(says)
    return {name: needed for name, needed in asked.items() if name in ASKED}


def require_claims(method: object, claims: TrackClaims, base: Base | None = None) -> None:
    """Raises ProtocolError for a method that claims to learn from unlabeled examples, and names none.

    It may do so in `fit` or in what trains its base.
    """
    if claims.unlabeled and "unlabeled" not in {*parts_asked(method), *(base.parts if base else ())}:
        says = f"{type(method).__name__} claims `unlabeled`, but its `fit` does not name that part keyword-only"
        raise ProtocolError(f"{says}: write `def fit(self, train, *, unlabeled)`, or claim nothing of it")


def _keywords(function: object) -> list[inspect.Parameter]:
    if not callable(function):
        return []
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function that was not written in Python says nothing of itself
        return []
    return [p for p in parameters if p.kind is p.KEYWORD_ONLY]


def fit(method: object, parts: Parts) -> None:
    """Call the optional `fit` with the training set, and with each part that it names keyword-only.

    Raises ProtocolError when the method needs a set that the benchmark does not have.
    """
    learn = getattr(method, "fit", None)
    if learn is None:
        return
    if not callable(learn):
        raise ProtocolError("`fit` is there but cannot be called; rename it or make it a method")
    train = parts.part("train")
    if train is None:
        raise ProtocolError("this method has `fit`, but the benchmark has no training split")
    learn(train, **named_parts(parts, parts_asked(method), "`fit`"))


def named_parts(parts: Parts, asked: Mapping[str, bool], by: str) -> dict[str, Any]:
    """Of the parts that `by` asks for, each with whether it must be there, those that the benchmark has.

    Raises ProtocolError for one that must be there and is not.
    """
    sets = {name: part for name in asked if (part := parts.part(name)) is not None}
    absent = [name for name, needed in asked.items() if needed and name not in sets]
    if absent:
        says = f"{by} needs the part `{absent[0]}`, and the benchmark has none"
        raise ProtocolError(f"{says}; give the parameter a default to do without")
    return sets


def classes_predicted(method: Classifier, source: Source, classes: int, batches: Iterable[Ints]) -> Array:
    """The class with the highest logit of each input, int32 [N], predicted in these batches of positions.

    A logit that is not a number counts as the highest, as in DomainBed, where a run that has diverged goes on.
    """
    found = np.empty(len(source), np.int32)
    for rows in batches:
        logits = shaped(method.predict(source.read(rows)), (len(rows), classes), "predict: logits")
        found[rows] = logits.argmax(axis=1)
    return found


def checked(value: object, shape: tuple[int, ...], what: str, dtype: type[np.floating[Any]] = np.float32) -> Array:
    """The value as an array of that shape and type, floating and finite. Raises ProtocolError otherwise."""
    stored = shaped(value, shape, what, dtype)
    broken = int((~np.isfinite(stored)).sum())
    if broken:
        raise ProtocolError(f"{what} must be finite {stored.dtype} numbers; {broken} of {stored.size} are not")
    return stored


def shaped(value: object, shape: tuple[int, ...], what: str, dtype: type[np.floating[Any]] = np.float32) -> Array:
    """The value as an array of that shape and type, floating, finite or not. Raises ProtocolError otherwise."""
    array = as_array(value, what)
    if array.shape != shape:
        raise ProtocolError(f"{what} must have the shape {shape}, got {array.shape}")
    if not np.issubdtype(array.dtype, np.floating):
        raise ProtocolError(f"{what} must be floating point, got {array.dtype}")
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def as_array(value: object, what: str) -> Array:
    """What a method returned, as an array. Raises ProtocolError for what numpy cannot read, as tensors on a GPU."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        hint = "; return numpy arrays (a tensor by `.detach().cpu().float().numpy()`)"
        raise ProtocolError(f"{what} cannot be read as an array: {error}{hint}") from error
