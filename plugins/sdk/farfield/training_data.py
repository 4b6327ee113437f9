"""What a method was trained on, data set by data set, so that a board can say which test data it may have seen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from farfield.config import JsonObject
from farfield.errors import SpecError

Role = Literal["pretraining", "finetuning", "adaptation"]
ROLES: tuple[str, ...] = get_args(Role)
CONTAINED = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*(?:#[\w.-]+)?", re.ASCII)
MOST_SETS, MOST_CONTAINED, LONGEST = 50, 100, 200


@dataclass(frozen=True, kw_only=True)
class TrainingData:
    """A data set that something of the method was trained on, beyond what the benchmark itself gives for training.

    `contains` names benchmarks whose images, or images of the same origin, are in it: `imagenet-ood` for all of one,
    with all its variants, or `imagenet-ood#sketches` for one of its domains.
    """

    name: str
    role: Role = "pretraining"
    contains: tuple[str, ...] = ()
    version: str = ""

    def problems(self) -> list[str]:
        """What is wrong with it, in sentences; empty when nothing is."""
        where = "claims.training_data"
        found = [] if self.name and _is_line(self.name) else [f"{where}: a data set has a name of one line"]
        found += [] if _is_line(self.version) else [f"{where}: the version of {self.name!r} must be one line"]
        found += [] if self.role in ROLES else [f"{where}: the role {self.role!r} is not one of {', '.join(ROLES)}"]
        return found + self._strange()

    def _strange(self) -> list[str]:
        where = f"claims.training_data: what {self.name!r} contains"
        if not isinstance(self.contains, tuple) or len(self.contains) > MOST_CONTAINED:
            return [f"{where} must be a tuple of at most {MOST_CONTAINED} names"]
        strange = [each for each in self.contains if not _names_a_benchmark(each)]
        return [f"{where} is named by a benchmark, or benchmark#domain, not {strange[0]!r}"] if strange else []

    def describe(self) -> JsonObject:
        """As JSON-ready data; without a version where it has none."""
        values = {"name": self.name, "role": self.role, "contains": list(self.contains)}
        return {**values, "version": self.version} if self.version else values


def read(said: Any) -> tuple[TrainingData, ...] | None:
    """Data sets as they are described; None, which is unknown, where nothing was said. Raises SpecError."""
    if said is None:
        return None
    if isinstance(said, str) or not isinstance(said, Sequence) or len(said) > MOST_SETS:
        raise SpecError(f"claims.training_data must be a list of at most {MOST_SETS} data sets")
    return tuple(_read(each) for each in said)


def written(text: str) -> tuple[TrainingData, ...] | None:
    """Data sets as a person writes them, one a line: `NAME; ROLE; BENCHMARK#DOMAIN, BENCHMARK`; `nothing` for none.

    Raises SpecError. Empty text is None: unknown.

    >>> written("laion-2b; pretraining; imagenet-ood")[0].contains
    ('imagenet-ood',)
    >>> written("nothing"), written(" ")
    ((), None)
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    return () if [line.lower() for line in lines] == ["nothing"] else read([_parts(line) for line in lines])


def _parts(line: str) -> dict[str, Any]:
    name, role, contains = ([part.strip() for part in line.split(";", 2)] + ["", ""])[:3]
    listed = [part.strip() for part in contains.split(",") if part.strip()]
    return {"name": name, "role": role or "pretraining", "contains": listed}


def _read(said: Any) -> TrainingData:
    if isinstance(said, TrainingData):
        return said
    if not isinstance(said, Mapping) or not set(said) <= {"name", "role", "contains", "version"}:
        raise SpecError("claims.training_data: a data set has a name, a role, what it contains, and a version")
    contains = said.get("contains", [])
    if isinstance(contains, str) or not isinstance(contains, Sequence):
        raise SpecError("claims.training_data: what a data set contains must be a list of names")
    made = TrainingData(
        name=said.get("name", ""),
        role=said.get("role", "pretraining"),
        contains=tuple(contains),
        version=said.get("version", ""),
    )
    if problems := made.problems():
        raise SpecError(problems[0])
    return made


def _is_line(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= LONGEST


def _names_a_benchmark(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST and CONTAINED.fullmatch(value) is not None
