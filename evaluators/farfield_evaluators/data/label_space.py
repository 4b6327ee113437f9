"""Which of the benchmark's classes a set is about: its labels and its logits may be other than the pack's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Kind = Literal["subset", "max"]


@dataclass(frozen=True, kw_only=True)
class LabelSpace:
    """How the logits [N, C] over the pack's classes answer a set with fewer or coarser classes.

    Labels are numbers of the pack's classes in both kinds.
    subset: all labels are among `classes`; the logits of all others are left out before the highest is looked for
        (ImageNet-R, Hendrycks et al. 2021, section 3; ImageNet-A).
    max: a class of the set is one of `groups`, and a label stands for the group that it is in; a group's logit is the
        highest of its classes' (ObjectNet's 113 classes of 125 ImageNet ids, as the testbed of Taori et al. 2020
        projects them). The importer writes the group's lowest number as the label.
    """

    kind: Kind
    classes: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()

    @property
    def members(self) -> frozenset[int]:
        """Every class of the pack that can answer."""
        return frozenset(self._listed())

    def problems(self, class_count: int, labels: npt.NDArray[np.int64]) -> list[str]:
        """What is wrong with this space for a pack of so many classes and a set with these labels [N]."""
        beyond = sorted(i for i in self.members if not 0 <= i < class_count)
        found = [f"class {i} of its label space is none of the pack's {class_count}" for i in beyond]
        if not self.members or not all(self.groups):
            found.append("its label space names no class")
        if len(self._listed()) != len(self.members):
            found.append("its label space names a class twice")
        wrong = sorted(set(np.unique(labels).tolist()) - self.members)
        return found + [f"label {label} is not in its label space" for label in wrong]

    def _listed(self) -> list[int]:
        return list(self.classes) if self.kind == "subset" else [i for group in self.groups for i in group]

    def as_json(self) -> dict[str, Any]:
        """As a pack's manifest holds it."""
        if self.kind == "subset":
            return {"kind": "subset", "classes": list(self.classes)}
        return {"kind": "max", "groups": [list(group) for group in self.groups]}


def subset(classes: Sequence[int]) -> LabelSpace:
    """Only these classes, in ascending order."""
    return LabelSpace(kind="subset", classes=tuple(sorted(classes)))


def from_json(value: dict[str, Any]) -> LabelSpace:
    """What `as_json` gave. Raises KeyError and ValueError for anything else."""
    if value["kind"] == "subset":
        return LabelSpace(kind="subset", classes=tuple(int(i) for i in value["classes"]))
    if value["kind"] == "max":
        return LabelSpace(kind="max", groups=tuple(tuple(int(i) for i in group) for group in value["groups"]))
    raise ValueError(f"a label space is of the kind subset or max, not {value['kind']!r}")
