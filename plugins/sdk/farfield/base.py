"""What a method trains first and others may build on: a function and the settings that it depends on, as data.

A description (`MethodSpec.describe`) has it under `base`: whoever has that and the settings of an entry knows what
makes the arrays that the function returns, so that a worker trains them once for all runs that begin with the same.
"""

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from farfield.config import JsonObject, NoConfig
from farfield.errors import SpecError
from farfield.frozen import holds, is_value

# Parts that are the same in every run and may be learned from before it; a pool is not, whose labels are asked for.
PARTS = ("val", "unlabeled", "target", "target_val", "ood_val", "forget")
PLACE = re.compile(r"[\w.]{1,100}:[\w.]{1,100}", re.ASCII)
MOST_NAMED = 200


@dataclass(frozen=True, kw_only=True)
class Base:
    """What comes first of a method's training, the same whatever follows.

    `train(context, train, *, val=None)` returns arrays of numbers by name, and the method finds them in
    `context.base`. It is a function of a module, and names keyword-only the parts that it learns from, as `fit` does.
    Its context is the method's, but for `config`, which is of the class given here, whose settings the method has,
    too: so nothing else that is set can make another base. Trained for several runs, its seed is one that all runs of
    a trial have in common; trained in a run, it is the run's.

    Methods of one distribution share what the same function makes of the same settings, inputs and data.

    `only` has settings of the method with the values that they must have. With others nothing comes first:
    `context.base` is None, and the method does without.
    """

    train: Callable[..., Mapping[str, Any]]
    config: type = NoConfig
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, bool]:
        """The parts beside the training set that `train` names, each with whether it must be there."""
        keywords = [p for p in inspect.signature(self.train).parameters.values() if p.kind is p.KEYWORD_ONLY]
        return {p.name: p.default is p.empty for p in keywords}

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.asked)

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that it depends on."""
        return tuple(field.name for field in dataclasses.fields(self.config))

    def problems(
        self, config: type, *, inputs_for: Callable[..., Any] | None = None, unlabeled: bool = False
    ) -> list[str]:
        """What is wrong with it, as that of a method with this configuration class and this `inputs_for`.

        unlabeled: whether the method claims to learn from unlabeled examples.
        """
        if not dataclasses.is_dataclass(self.config) or not dataclasses.is_dataclass(config):
            return ["base.config must be a class decorated with `@dataclass(frozen=True)`"]
        if not _is_found(self.train):
            return ["base.train must be a function of a module, found there by its name"]
        if inputs_for is not None and not _is_found(inputs_for):
            return ["with a base, inputs_for must be a function of a module, found there by its name"]
        if unusable := _unusable(self.only):
            return unusable
        known = {field.name for field in dataclasses.fields(config)}
        strange = [f"config has `{name}`" for name in self.settings if name not in known]
        strange += [f"only has `{name}`" for name in self.only if name not in known]
        absent = [part for part in self.parts if part not in PARTS]
        return [
            *(f"base.{what}, and the method has no such setting" for what in strange),
            *(
                f"base.train asks for `{part}`; beside the training set it may have {', '.join(PARTS)}"
                for part in absent
            ),
            *unclaimed(self.parts, unlabeled=unlabeled),
        ]

    def describe(self, inputs_for: Callable[..., Any] | None) -> JsonObject:
        """As JSON-ready data; `inputs_for` is the method's, by which its images follow from its settings."""
        return {
            "train": _place(self.train),
            "config": _place(self.config),
            "inputs_for": _place(inputs_for) if inputs_for else "",
            "settings": list(self.settings),
            "parts": list(self.parts),
            **({"only": dict(self.only)} if self.only else {}),
        }

    def comes_first(self, config: object) -> bool:
        """Whether it does with these settings of the method."""
        return holds(self.only, {name: getattr(config, name) for name in self.only})

    def settings_in(self, config: object) -> Any:
        """Its own configuration, of the values that the method's has.

        >>> from farfield.config import setting
        >>> @dataclass(frozen=True, kw_only=True)
        ... class First:
        ...     epochs: int = setting(3, help="Passes.")
        >>> @dataclass(frozen=True, kw_only=True)
        ... class Both(First):
        ...     more: int = setting(1, help="Passes after them.")
        >>> Base(train=dict, config=First).settings_in(Both(epochs=5))
        First(epochs=5)
        """
        return self.config(**{name: getattr(config, name) for name in self.settings})


def unclaimed(parts: Iterable[str], *, unlabeled: bool) -> list[str]:
    """What is wrong where a base learns from these parts, and its method claims `unlabeled` or does not."""
    if unlabeled or "unlabeled" not in parts:
        return []
    return ["base.train learns from `unlabeled`, and the method does not claim that: write TrackClaims(unlabeled=True)"]


def read(described: object, settings: Iterable[str]) -> JsonObject | None:
    """What a description says under `base`, rebuilt; None where it says nothing. `settings` are those of the method.

    Raises SpecError for anything that `Base.describe` would not write.
    """
    if not described:
        return None
    keys = {"train", "config", "inputs_for", "settings", "parts"}
    if not isinstance(described, Mapping) or described.keys() - {"only"} != keys:
        raise SpecError(f"base must have {', '.join(sorted(keys))}")
    places = {name: described[name] for name in ("train", "config", "inputs_for")}
    for name, place in places.items():
        if not isinstance(place, str) or not (PLACE.fullmatch(place) or (name == "inputs_for" and not place)):
            raise SpecError(f"base.{name} must say where it is, as module:name")
    only, known = described.get("only", {}), list(settings)
    if _unusable(only) or not set(only) <= set(known):
        raise SpecError("base.only must have values of settings that there are")
    lists = {"settings": _listed(described["settings"], known), "parts": _listed(described["parts"], PARTS)}
    wrong = [name for name, names in lists.items() if names is None]
    if wrong:
        raise SpecError(f"base.{wrong[0]} must name {wrong[0]} that there are, each once")
    return {**places, **lists, **({"only": dict(only)} if only else {})}


def _unusable(only: object) -> list[str]:
    """What is wrong with values that settings must have."""
    if isinstance(only, Mapping) and len(only) <= MOST_NAMED and all(is_value(value) for value in only.values()):
        return []
    return [f"base.only must have at most {MOST_NAMED} values of settings: text, numbers, True or False"]


def _listed(names: object, known: Iterable[str]) -> list[str] | None:
    """The names, where each is known and there once."""
    if not isinstance(names, list) or len(names) > MOST_NAMED or not all(isinstance(name, str) for name in names):
        return None
    return names if len(set(names)) == len(names) and set(names) <= set(known) else None


def _place(of: Any) -> str:
    return f"{of.__module__}:{of.__qualname__}".replace("<", "").replace(">", "")


def _is_found(function: Any) -> bool:
    """Whether a function is the one of its name in its module: two that are called alike are one then."""
    if not inspect.isfunction(function) or function.__closure__ is not None or "<" in function.__qualname__:
        return False
    there: Any = sys.modules.get(function.__module__)
    if there is None:  # of a namespace that is no module, as a notebook's
        return True
    for name in function.__qualname__.split("."):
        there = getattr(there, name, None)
    return there is function
