"""What a method says about itself: the `MethodSpec` and its parts."""

import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from farfield.base import Base
from farfield.choices import BY_SETTINGS, INPUT, differing, with_choice
from farfield.config import JsonObject, NoConfig, require_settings, schema_of
from farfield.departures import DEPARTURES
from farfield.errors import ConfigError, SpecError
from farfield.frozen import IMAGES, Frozen
from farfield.frozen import problems_of as frozen_problems
from farfield.texts import TextTower
from farfield.training_data import TrainingData

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_STRINGS = 50
MAX_NAME = 60
MOST_CHOICES = 20
MOST_FEATURES = 65536


class TaskFamily(StrEnum):
    """The families of benchmarks; what each is says the file of its name in `farfield.families`."""

    CLASSIFICATION = "classification"
    DOMAIN_GENERALIZATION = "domain-generalization"
    OOD_DETECTION = "ood-detection"
    FEW_SHOT_DETECTION = "few-shot-detection"
    REGRESSION = "regression"
    DETECTION = "detection"
    FEW_SHOT_CLASSIFICATION = "few-shot-classification"
    RETRIEVAL = "retrieval"
    DATA_SELECTION = "data-selection"


@dataclass(frozen=True, kw_only=True)
class Images:
    """Input as uint8 RGB arrays [B, H, W, 3] after this preprocessing.

    The shorter side is resized to `resize` pixels, then a central square of `size` pixels is taken;
    `crop="squash"` resizes to the square without keeping the aspect ratio; `crop="none"` keeps the
    image as stored (batches then hold one image each).
    Normalisation (mean, standard deviation) is the method's own affair. Of a benchmark whose inputs are arrays and no
    pictures, such as bands of a satellite, a batch holds them as they are stored [B, *shape], and nothing here counts.
    """

    size: int = 224
    resize: int | None = None
    interpolation: Literal["bicubic", "bilinear", "nearest"] = "bicubic"
    crop: Literal["center", "squash", "none"] = "center"

    def problems(self) -> list[str]:
        found = _whole_number("size", self.size, 8, 1024, " pixels")
        if self.resize is not None and not (isinstance(self.resize, int) and self.size <= self.resize <= 2048):
            found.append(f"resize {self.resize} is outside {self.size}..2048 pixels (it must not be below size)")
        if self.interpolation not in ("bicubic", "bilinear", "nearest"):
            found.append(f"interpolation {self.interpolation!r} is not bicubic, bilinear or nearest")
        if self.crop not in ("center", "squash", "none"):
            found.append(f"crop {self.crop!r} is not center, squash or none")
        return found


@dataclass(frozen=True, kw_only=True)
class Features:
    """Input as float32 features [B, dim] of a named frozen backbone, computed once by the platform."""

    backbone: str
    dim: int

    def problems(self) -> list[str]:
        found = [] if _is_name(self.backbone) else [f"backbone {self.backbone!r} is not a lower-case-name"]
        return found + _whole_number("dim", self.dim, 1, MOST_FEATURES)


Inputs = Images | Features


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one run needs. Memory in GiB, wall-clock time in minutes."""

    gpu: bool = False
    memory_gib: float = 4.0
    minutes: float = 30.0

    def problems(self) -> list[str]:
        found = [] if isinstance(self.gpu, bool) else [f"gpu must be True or False, not {self.gpu!r}"]
        found += [] if 0.25 <= self.memory_gib <= 1024 else [f"memory_gib {self.memory_gib} is outside 0.25..1024"]
        return found + ([] if 0.1 <= self.minutes <= 14400 else [f"minutes {self.minutes} is outside 0.1..14400"])


@dataclass(frozen=True, kw_only=True)
class TrackClaims:
    """What a method was allowed to learn from; boards are filtered by it, and false claims are disqualified.

    `pretraining` names the data of every pre-trained part ("imagenet-1k", "laion-2b", ...), empty when there
    is none; `extra_data` names what `fit` uses beyond the benchmark's own training split. `departs` has the names of
    `farfield.departures` for what else leaves the usual rules of a comparison, such as "trains-on-validation".
    `unlabeled` says that it learns from the benchmark's unlabeled examples, which its `fit` then names.
    `training_data` says of each data set what of which benchmark is in it; boards tell from it whether test data was
    seen. None is unknown, and () says that there was none.
    """

    backbone: str
    pretraining: tuple[str, ...] = ()
    extra_data: tuple[str, ...] = ()
    departs: tuple[str, ...] = ()
    unlabeled: bool = False
    training_data: tuple[TrainingData, ...] | None = None

    def problems(self) -> list[str]:
        found = [] if isinstance(self.unlabeled, bool) else ["claims.unlabeled must be True or False"]
        found += _strings("claims.pretraining", self.pretraining) + _strings("claims.extra_data", self.extra_data)
        found += _strings("claims.departs", self.departs) or _strange_departures(self.departs)
        found += _data_problems(self.training_data)
        named = _is_line(self.backbone, 200) and self.backbone
        return found + ([] if named else ["claims.backbone must be named, in one line of at most 200 characters"])

    def describe(self) -> JsonObject:
        """As JSON-ready data; without what says nothing and was not there once: `departs` and what follows it."""
        values = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self).items()}
        if self.training_data is not None:
            values["training_data"] = [data.describe() for data in self.training_data]
        late = {"departs": self.departs, "unlabeled": self.unlabeled, "training_data": self.training_data is not None}
        return {k: v for k, v in values.items() if late.get(k, True)}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Another input of a method, and what else is so with it; what is None or empty is as the method has it.

    `inputs_for`, `frozen` and `base` are of this input alone. `called` is the one word for the method with this input,
    in records and wherever a seed is hashed, and the name under which it was a method of its own, if it was; without
    it that is `<input>-<method>`.
    """

    inputs: Inputs
    summary: str = ""
    build: Callable[..., Any] | None = None
    claims: TrackClaims | None = None
    config: type | None = None
    resources: Resources | None = None
    batch_size: int | None = None
    stochastic: bool | None = None
    papers: tuple[str, ...] = ()
    inputs_for: Callable[[Any], Images] | None = None
    frozen: tuple[Frozen, ...] = ()
    base: Base | None = None
    called: str = ""


@dataclass(frozen=True, kw_only=True)
class MethodSpec:
    """One method, as it is listed, submitted and built.

    `build(context)` makes the method: usually the class itself. Raises SpecError when a part is unusable.
    `transductive` declares that predictions may depend on the other images of a test batch (test-time
    adaptation); `stochastic` that they may depend on the seed. `inputs_for(config)`, called where the method runs,
    says what images one configuration takes where that depends on it, as on a network's name; `inputs` is then what
    the default takes. `frozen` has the networks whose features the platform may give in the images' place: [B, D],
    those of several networks side by side.

    A method that runs on several kinds of input has the others in `choices`, by their names: its setting `input`
    chooses, `input_name` is what the first is called there, and `called` the method with it, if not by its name.

    `base` is what it trains first, once for all runs that begin with the same; its arrays are in `RunContext.base`.
    """

    name: str
    family: TaskFamily
    summary: str
    build: Callable[..., Any]
    inputs: Inputs
    claims: TrackClaims
    config: type = NoConfig
    resources: Resources = field(default_factory=Resources)
    batch_size: int = 64
    transductive: bool = False
    stochastic: bool = False
    papers: tuple[str, ...] = ()
    code: str = ""
    licence: str = ""
    inputs_for: Callable[[Any], Images] | None = None
    frozen: tuple[Frozen, ...] = ()
    base: Base | None = None
    choices: Mapping[str, Choice] = field(default_factory=dict)
    input_name: str = "images"
    called: str = ""

    def __post_init__(self) -> None:
        problems = [*self._own_problems(), *self._text_problems(), *self._part_problems(), *self._choice_problems()]
        if problems:
            raise SpecError(f"method {self.name!r}: {'; '.join(problems)}")
        try:
            require_settings(self.config)
        except SpecError as error:
            raise SpecError(f"method {self.name!r}: {error}") from error
        for name in self.choices:
            self.with_input(name)

    def chosen(self, settings: Mapping[str, Any]) -> tuple["MethodSpec", JsonObject]:
        """(the method with the one input that the settings choose, the settings without that choice).

        Raises ConfigError for an input that there is not.
        """
        if not self.choices:
            return self, dict(settings)
        name = settings.get(INPUT, self.input_name)
        if name not in (self.input_name, *self.choices):
            raise ConfigError([f"{INPUT}: {name!r} is not one of {', '.join(self.inputs_by_name)}"])
        return self.with_input(name), {key: value for key, value in settings.items() if key != INPUT}

    @property
    def inputs_by_name(self) -> dict[str, Inputs]:
        """What the method can take, by the values of its setting `input`; the first is the default."""
        return {self.input_name: self.inputs, **{name: choice.inputs for name, choice in self.choices.items()}}

    def with_input(self, name: str) -> "MethodSpec":
        """The method with this one of its inputs, and no choice any more."""
        if name == self.input_name:
            return replace(self, choices={})
        choice = self.choices[name]
        given = {key: value for key, value in vars(choice).items() if value is not None and value not in ("", ())}
        word = choice.called or f"{name}-{self.name}"
        of_its_own: dict[str, Any] = {
            "inputs_for": choice.inputs_for,
            "frozen": choice.frozen,
            "base": choice.base,
            "called": word,
            "choices": {},
            "input_name": name,
        }
        return replace(self, **{**given, **of_its_own})

    def inputs_of(self, config: object) -> Inputs:
        """What a configuration takes. Raises SpecError when `inputs_for` gives anything but usable images."""
        if self.inputs_for is None:
            return self.inputs
        found = self.inputs_for(config)
        problems = found.problems() if isinstance(found, Images) else [f"inputs_for gave {found!r}, not Images"]
        if problems or not isinstance(self.inputs, Images):
            reason = "; ".join(problems) or "inputs_for is for methods that take images"
            raise SpecError(f"method {self.name!r}: {reason}")
        return found

    def _own_problems(self) -> list[str]:
        found = []
        if not _is_name(self.name):
            found.append(f"its name must be lower-case letters, digits and single hyphens, at most {MAX_NAME}")
        if not isinstance(self.family, TaskFamily):
            found.append(f"family must be a farfield.TaskFamily, not {self.family!r}")
        if not callable(self.build):
            found.append("build must be the method's class or a function that takes the context")
        else:
            found += _family_problems(self.family, self.inputs)
        return found + _whole_number("batch_size", self.batch_size, 1, 4096)

    def _text_problems(self) -> list[str]:
        found = []
        if not _is_line(self.summary, 200) or not self.summary:
            found.append("its summary must be one line of 1 to 200 characters")
        if not _is_line(self.code, 500) or (self.code and not self.code.startswith(("https://", "http://"))):
            found.append("code must be empty or an address that starts with https://")
        if not _is_line(self.licence, 200):
            found.append("licence must be one line of at most 200 characters")
        return found + _strings("papers", self.papers)

    def _part_problems(self) -> list[str]:
        found = []
        for name, part, kinds in (
            ("inputs", self.inputs, (Images, Features)),
            ("claims", self.claims, (TrackClaims,)),
            ("resources", self.resources, (Resources,)),
        ):
            if isinstance(part, kinds):
                found += part.problems()
            else:
                found.append(f"{name} must be a farfield.{' or farfield.'.join(k.__name__ for k in kinds)}")
        return [*found, *frozen_problems(self.frozen, isinstance(self.inputs, Images)), *self._base_problems()]

    def _base_problems(self) -> list[str]:
        if self.base is None:
            return []
        if not isinstance(self.base, Base):
            return ["base must be a farfield.Base"]
        claimed = getattr(self.claims, "unlabeled", False)
        found = self.base.problems(self.config, inputs_for=self.inputs_for, unlabeled=claimed)
        return _bases_of(self.family) + found

    def _choice_problems(self) -> list[str]:
        names = [self.input_name, *self.choices]
        found = [f"the input {name!r} must be called by a lower-case-name" for name in names if not _is_name(name)]
        if len(set(names)) < len(names) or len(names) > MOST_CHOICES:
            found.append(f"its inputs need names of their own, at most {MOST_CHOICES}; input_name is the first one's")
        configs = [self.config, *(choice.config for choice in self.choices.values())]
        if self.choices and any(INPUT in getattr(config, "__dataclass_fields__", ()) for config in configs):
            found.append(f"the setting {INPUT!r} is what chooses between its inputs; call your own otherwise")
        return found + (
            [f"called {self.called!r} is not a lower-case-name"] if self.called and not _is_name(self.called) else []
        )

    def describe(self) -> JsonObject:
        """Everything but the code, as JSON-ready data: what the site stores and shows.

        With `choices`, what is otherwise with each input but the first; see `farfield.choices`.
        """
        if not self.choices:
            return self._described()
        names = list(self.inputs_by_name)
        whole = {name: self.with_input(name)._described() for name in names}
        for name, each in whole.items():
            each["config_schema"] = with_choice(each["config_schema"], names, name)
        first = whole.pop(self.input_name)
        return {**first, "choices": differing(first, whole)}

    def _described(self) -> JsonObject:
        return {
            "name": self.name,
            "family": self.family.value,
            "summary": self.summary,
            "inputs": {"kind": "features" if isinstance(self.inputs, Features) else "images", **vars(self.inputs)},
            "claims": self.claims.describe(),
            "config_schema": schema_of(self.config),
            "resources": dict(vars(self.resources)),
            "batch_size": self.batch_size,
            "transductive": self.transductive,
            "stochastic": self.stochastic,
            "papers": list(self.papers),
            "code": self.code,
            "licence": self.licence,
            **({"called": self.called} if self.called else {}),
            **({"frozen": [network.describe() for network in self.frozen]} if self.frozen else {}),
            **({BY_SETTINGS: True} if self.inputs_for else {}),
            **({"base": self.base.describe(self.inputs_for)} if self.base else {}),
        }


@dataclass(frozen=True, kw_only=True)
class BackboneSpec:
    """A frozen backbone whose features the platform computes once and hands to methods.

    `build(device)` returns a function from uint8 images [B, H, W, 3] to float32 features [B, dim]. Where that has a
    member `ready`, it is called with each batch first, in the thread that reads ahead, and the function with what that
    returns: to copy images to a device, say, while the network looks at those before. A backbone that stands for
    several networks names its `settings`, all text: it is `build(device, **those that are given)` then, and
    `inputs_for(**the same)` says what images the network takes; `dim` is 0. Both raise ConfigError for a network that
    is not to be had. One that has a text side as well gives it as a `TextTower` by `texts(device, **those settings)`.
    Raises SpecError when a part is unusable.
    """

    name: str
    dim: int
    build: Callable[[str], Any]
    inputs: Images
    pretraining: tuple[str, ...]
    licence: str
    batch_size: int = 64
    settings: tuple[str, ...] = ()
    inputs_for: Callable[..., Images] | None = None
    texts: Callable[..., TextTower] | None = None

    def __post_init__(self) -> None:
        dim = 1 if self.settings and self.dim == 0 else self.dim
        problems = [*Features(backbone=self.name, dim=dim).problems(), *self.inputs.problems()]
        if problems:
            raise SpecError(f"backbone {self.name!r}: {'; '.join(problems)}")

    def inputs_of(self, settings: Mapping[str, Any]) -> Images:
        """The images that one network is shown. Raises ConfigError for settings that it does not have."""
        if IMAGES in settings:
            return Images(**settings[IMAGES])
        own = self._own(settings)
        return self.inputs_for(**own) if self.inputs_for else self.inputs

    def network(self, device: str, settings: Mapping[str, Any]) -> Callable[[Any], Any]:
        """One network, as `build` makes it. Raises ConfigError as `inputs_of` does."""
        made: Callable[[Any], Any] = self.build(device, **self._own(settings))
        return made

    def text_tower(self, device: str, settings: Mapping[str, Any]) -> TextTower:
        """The text side of one network. Raises ConfigError as `inputs_of` does, and where there is none."""
        if self.texts is None:
            raise ConfigError([f"the backbone {self.name} has no text side"])
        return self.texts(device, **self._own(settings))

    def _own(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        own = {name: value for name, value in settings.items() if name != IMAGES}
        strange = sorted(own.keys() - set(self.settings))
        if strange:
            raise ConfigError([f"the backbone {self.name} has no setting {', '.join(strange)}"])
        return own


def _family_problems(name: str, inputs: object) -> list[str]:
    from farfield import families  # which know methods, and so come after them

    return families.of(name).problems(inputs) if isinstance(inputs, Images | Features) else []


def _bases_of(family: str) -> list[str]:
    from farfield import families

    return [] if families.of(family).bases else [f"a method of {family} declares no base"]


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_NAME and NAME.fullmatch(value) is not None


def _is_line(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and value.isprintable()


def _data_problems(values: object) -> list[str]:
    if values is None:
        return []
    if not isinstance(values, tuple) or not all(isinstance(each, TrainingData) for each in values):
        return ["claims.training_data must be a tuple of TrainingData, or None where it is not known"]
    if len(values) > MOST_STRINGS:
        return [f"claims.training_data has {len(values)} parts; {MOST_STRINGS} is the most"]
    return [problem for each in values for problem in each.problems()]


def _strings(name: str, values: object) -> list[str]:
    """A lone string is a sequence of letters too, and would pass unnoticed."""
    if isinstance(values, tuple) and len(values) > MOST_STRINGS:
        return [f"{name} has {len(values)} parts; {MOST_STRINGS} is the most"]
    if isinstance(values, tuple) and all(_is_line(v, 300) and v for v in values):
        return []
    return [f"{name} must be a tuple of lines of text, such as ('imagenet-1k',), not {reprlib.repr(values)}"]


def _strange_departures(names: tuple[str, ...]) -> list[str]:
    known = ", ".join(DEPARTURES)
    return [f"claims.departs: {reprlib.repr(name)} is none of {known}" for name in names if name not in DEPARTURES]


def _whole_number(name: str, value: object, lowest: int, highest: int, unit: str = "") -> list[str]:
    if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
        return []
    return [f"{name} {value!r} is not a whole number in {lowest}..{highest}{unit}"]
