"""From a rule to what is registered: a method on images of any model, or on cached features of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, make_dataclass
from functools import cached_property
from typing import Any

from farfield import (
    Choice,
    Frozen,
    Images,
    MethodSpec,
    NoConfig,
    Resources,
    RunContext,
    TaskFamily,
    TrackClaims,
    setting,
)
from farfield_baselines.backbones import LITE0, LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER, MINI_CLIP, any_model
from farfield_baselines.ood_detection.core import (
    Model,
    OnFeatures,
    PostHoc,
    Rule,
    lite0_head,
    post_hoc,
)
from farfield_baselines.ood_detection.search import OFF, Searched, SearchedPostHoc
from farfield_baselines.ood_detection.seeing import MODEL_HELP, seeing_model
from farfield_baselines.prompts import HELP as TEMPLATES_HELP

ANY_CLAIMS = TrackClaims(backbone="the chosen model", pretraining=("whatever the chosen model has seen",))
PER_CLASS_HELP = "At most that many training images of each class are learned from; 0 is all."
LONGEST_PATH = 1000
SHIPPED = {"lite0": LITE0, "mini-clip": MINI_CLIP}


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Which model the detector wraps."""

    model: str = setting("lite0", help=MODEL_HELP)
    pretrained: str = setting("", help="For open_clip models: one of its tags. Empty where a checkpoint is given.")
    checkpoint: str = setting(
        "", help="File of the model's weights, as safetensors or a state_dict.", max_length=LONGEST_PATH
    )
    per_class: int = setting(0, ge=0, le=10000, help=PER_CLASS_HELP)
    templates: str = setting("single", help=f"For CLIP models. {TEMPLATES_HELP}")


@dataclass(frozen=True, kw_only=True)
class Detector:
    """A detector as it is described: `title` is a noun before "of" or "on" a model."""

    name: str
    title: str
    rule: Rule
    config: type = NoConfig
    papers: tuple[str, ...]

    @cached_property
    def settings(self) -> type:
        """Those of the rule, and whether they are searched, where it has a grid."""
        if not self.rule.grid:
            return self.config
        bases = (self.config, Searched)
        return make_dataclass(self.config.__name__, (), bases=bases, frozen=True, kw_only=True)

    @property
    def spec(self) -> MethodSpec:
        """On images of whichever model the setting names, or on the platform's features of Lite0."""
        return self.on_any(lite0=self.on_lite0)

    def on_any(self, model: str = "lite0", **choices: Choice) -> MethodSpec:
        """On images of whichever model the setting names, with `model` as its default, or on what else is given."""
        return image_spec(
            name=self.name,
            summary=f"{self.title}, any timm or open_clip model.",
            build=self._build_on_any,
            config=with_model(self.settings, model),
            papers=self.papers,
            model=model,
            choices={name.replace("_", "-"): choice for name, choice in choices.items()},
            frozen=self._frozen,
        )

    @property
    def _frozen(self) -> tuple[Frozen, ...]:
        """What is seen of an image is its features, unless the rule looks inside of the network."""
        return () if self.rule.look else (any_model(learns=self.rule.fits, learns_only={"per_class": 0}),)

    @property
    def on_lite0(self) -> Choice:
        """On the platform's features; on images where the rule looks inside of the network."""
        if self.rule.look is not None:
            return on_lite0_images(self.title, self._build_on_lite0_images, self.settings, self.papers)
        return Choice(
            inputs=LITE0_FEATURES,
            summary=f"{self.title}, EfficientNet-Lite0 over the ID classes.",
            build=self._build_on_lite0,
            claims=LITE0_CLAIMS,
            config=self.settings,
            resources=Resources(memory_gib=1.0, minutes=10.0),
            batch_size=256,
            papers=(*self.papers, LITE0_PAPER),
        )

    def _build_on_lite0(self, context: RunContext) -> PostHoc:
        model = OnFeatures(head=lite0_head(context))
        return self._around(lambda _: model, context.config)

    def _build_on_lite0_images(self, context: RunContext) -> PostHoc:
        return self._on(ModelConfig(), context)

    def _build_on_any(self, context: RunContext) -> PostHoc:
        return self._on(context.config, context)

    def _on(self, model: Any, context: RunContext) -> PostHoc:
        look = self.rule.look
        if look is None:
            seeing = seeing_model(model, context)
            return self._around(lambda _: seeing, context.config)
        from farfield_baselines.ood_detection.inside import Looking, body_of
        from farfield_baselines.ood_detection.models import open_model

        network = open_model(model, context)
        if self.rule.maps:
            body_of(network)
        return self._around(lambda config: Looking(network=network, look=look, config=config), context.config)

    def _around(self, model_of: Callable[[Any], Model], config: Any) -> PostHoc:
        if getattr(config, "search", OFF) == OFF:
            return post_hoc(self.rule, model_of(config), config)
        return SearchedPostHoc(self.rule, model_of, config)


def on_lite0_images(title: str, build: Callable[[RunContext], Any], config: type, papers: tuple[str, ...]) -> Choice:
    """On the shipped classifier, which is seen whole."""
    return Choice(
        inputs=LITE0.inputs,
        summary=f"{title}, EfficientNet-Lite0 over the ID classes.",
        build=build,
        claims=LITE0_CLAIMS,
        config=config,
        resources=Resources(memory_gib=6.0, minutes=30.0),
        batch_size=16,
        papers=(*papers, LITE0_PAPER),
    )


def image_spec(
    *,
    name: str,
    summary: str,
    build: Callable[[RunContext], Any],
    config: type,
    papers: tuple[str, ...],
    claims: TrackClaims = ANY_CLAIMS,
    model: str = "lite0",
    inputs_for: Callable[[Any], Images] | None = None,
    choices: Mapping[str, Choice] | None = None,
    frozen: tuple[Frozen, ...] = (),
) -> MethodSpec:
    """A detector that takes the images of its configured model, or those that `inputs_for` says.

    `model` is the default one, of those that are shipped; `choices` is what else it can take.
    """
    return MethodSpec(
        name=name,
        family=TaskFamily.OOD_DETECTION,
        summary=summary,
        build=build,
        inputs=SHIPPED[model].inputs,
        inputs_for=inputs_for or images_of,
        frozen=frozen,
        claims=claims,
        config=config,
        resources=Resources(memory_gib=6.0, minutes=60.0),
        batch_size=32,
        papers=papers,
        licence="Apache-2.0",
        choices=choices or {},
    )


def with_model(config: type, model: str = "lite0") -> type:
    """A configuration with the settings of the model before its own; `model` is the default one."""
    default = ("model", str, setting(model, help=MODEL_HELP))
    return make_dataclass("Config", (default,), bases=(config, ModelConfig), frozen=True, kw_only=True)


def images_of(config: ModelConfig) -> Images:
    """Those that the model takes; of the shipped ones they are known without the networks' libraries. Raises
    ConfigError for an unknown name."""
    if config.model in SHIPPED and not config.pretrained:
        return SHIPPED[config.model].inputs
    from farfield_baselines.ood_detection.models import inputs_of

    return inputs_of(config)
