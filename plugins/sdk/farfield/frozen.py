"""What a method says of the frozen network that it looks at images through, so that the platform can look once for all.

A description (`MethodSpec.describe`) has it as data under `frozen`: whoever has that and the settings of an entry calls
`features_wanted`, and knows of which backbones the features are wanted in the images' place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from farfield.config import JsonObject, settings_of

MOST_FROZEN, MOST_NAMED, LONGEST_VALUE = 8, 20, 10_000
MODEL = "model"
IMAGES = "images"  # a setting that every backbone has: what it is shown in the place of its own images


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A frozen network of a method on images: where the platform has its features, it gives float32 [B, D] instead.

    The method takes both, and says the same of either within rounding. `model` is its setting that names the network,
    empty where that is always the same. `backbones` says which installed backbone a network is: by its name, or by what
    the name begins with ("timm:", or "" for any), the rest then being the backbone's setting `model`. `settings` are
    further settings of the backbone, by the method's that have their values; a network that is a backbone by its name
    has none. `only` has settings of the method with the values that they must have.

    Where several networks look at the images of one of them, `images` has the entries of that one's `Images`.

    With `learns` it is given features of what it learns from as well, where `learns_only` holds; a method that looks at
    few or none of these images does without.
    """

    backbones: Mapping[str, str]
    model: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    images: Mapping[str, Any] = field(default_factory=dict)
    learns: bool = True
    learns_only: Mapping[str, Any] = field(default_factory=dict)

    def problems(self) -> list[str]:
        parts = {name: getattr(self, name) for name in ("backbones", "settings", "only", "images", "learns_only")}
        wrong = [f"frozen.{name} must be a dict" for name, part in parts.items() if not isinstance(part, Mapping)]
        if wrong:
            return wrong
        texts = [self.model, *_texts(self.backbones), *_texts(self.settings), *self.only, *self.learns_only]
        if not all(isinstance(text, str) and len(text) <= 100 and text.isprintable() for text in texts):
            return ["frozen must name settings, networks and backbones, each in one line of at most 100 characters"]
        if not self.backbones or max(map(len, parts.values())) > MOST_NAMED:
            return [f"frozen must name 1 to {MOST_NAMED} backbones, and at most as many settings"]
        if not all(is_value(value) for value in [*self.only.values(), *self.learns_only.values()]):
            return ["frozen must have values of settings in only and learns_only: text, numbers, True or False"]
        return self._image_problems() + (
            [] if isinstance(self.learns, bool) else ["frozen.learns must be True or False"]
        )

    def _image_problems(self) -> list[str]:
        from farfield.method import Images  # which knows this module

        try:
            return [f"frozen.images: {problem}" for problem in Images(**self.images).problems()]
        except TypeError:
            return ["frozen.images must have entries of farfield.Images"]

    def describe(self) -> JsonObject:
        """As JSON-ready data."""
        return {name: dict(value) if isinstance(value, Mapping) else value for name, value in vars(self).items()}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The features that a configuration takes: of (backbone, its settings) one after the other, and whether it learns
    from features as well."""

    backbones: tuple[tuple[str, Mapping[str, Any]], ...]
    learns: bool


def features_wanted(description: Mapping[str, Any], settings: Mapping[str, Any]) -> Wanted | None:
    """What a method with one input takes with these settings in place of its images; None where it takes images.

    >>> frozen = Frozen(model="model", backbones={"lite0": "efficientnet-lite0", "timm:": "timm"})
    >>> schema = {"properties": {"model": {"default": "lite0"}}, "propertyOrder": ["model"]}
    >>> description = {"frozen": [frozen.describe()], "config_schema": schema}
    >>> features_wanted(description, {}).backbones
    (('efficientnet-lite0', {}),)
    >>> features_wanted(description, {"model": "timm:vit"}).backbones
    (('timm', {'model': 'vit'}),)
    >>> features_wanted(description, {"model": "of-my-own"})
    """
    described = description.get("frozen") or []
    if not described:
        return None
    defaults = {name: known["default"] for name, known in settings_of(description["config_schema"])}
    values = {**defaults, **settings}
    networks = [Frozen(**each) for each in described]
    backbones = [_backbone(each, values) for each in networks]
    if None in backbones:
        return None
    learns = all(each.learns and holds(each.learns_only, values) for each in networks)
    return Wanted(backbones=tuple(each for each in backbones if each), learns=learns)


def problems_of(frozen: Sequence[Frozen], takes_images: bool) -> list[str]:
    """What is wrong with the networks of a method."""
    if not isinstance(frozen, tuple) or len(frozen) > MOST_FROZEN or not all(isinstance(f, Frozen) for f in frozen):
        return [f"frozen must be a tuple of at most {MOST_FROZEN} farfield.Frozen"]
    if frozen and not takes_images:
        return ["frozen is for methods that take images"]
    return [problem for each in frozen for problem in each.problems()]


def _backbone(frozen: Frozen, values: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """(the backbone, its settings) of a network; None for one that is none."""
    if not holds(frozen.only, values):
        return None
    name = str(values.get(frozen.model, ""))
    more = {of: str(values[mine]) for of, mine in frozen.settings.items() if values.get(mine)}
    shown = {IMAGES: dict(frozen.images)} if frozen.images else {}
    if name in frozen.backbones and name and not more:
        return frozen.backbones[name], shown
    begins = [begin for begin in frozen.backbones if name.startswith(begin) and (not begin or begin.endswith(":"))]
    if not begins:
        return None
    begin = max(begins, key=len)
    rest = {MODEL: name[len(begin) :]} if frozen.model else {}
    return frozen.backbones[begin], {**rest, **more, **shown}


def holds(only: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether settings have the values that they must have."""
    return all(values.get(name) == value for name, value in only.items())


def is_value(value: object) -> bool:
    """Whether it is what a setting may have."""
    return isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= LONGEST_VALUE)


def _texts(pairs: Mapping[str, str]) -> list[str]:
    return [*pairs, *pairs.values()]
