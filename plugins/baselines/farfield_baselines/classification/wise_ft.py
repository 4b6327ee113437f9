"""WiSE-FT on any CLIP model: fine-tune, then average the weights (Wortsman et al. 2022, arXiv 2109.01903)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from farfield import Choice, Resources, TrainingSet, setting
from farfield.runtime.dataset import LabeledSet
from farfield_baselines import validation
from farfield_baselines.backbones import MINI_CLIP, MINI_CLIP_CLAIMS
from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.fine_tuned import BASE, FT, recipe
from farfield_baselines.prompts import HELP

if TYPE_CHECKING:
    from farfield_baselines.networks.fine_tuning import Recipe, State

ALPHAS = tuple(step / 10 for step in range(11))  # the curve of the paper
OWN_SEED = -1
ALPHA = "0 is the zero-shot model, 1 the fine-tuned one."
CURVE = "Predict at alpha 0, 0.1, ... 1 too: the whole curve in one submission."


@dataclass(frozen=True, kw_only=True)
class Config(TrainConfig):
    """The fine-tuning, and the interpolation after it."""

    alpha: float = setting(0.5, ge=0.0, le=1.0, help=ALPHA)
    choose_alpha: bool = setting(
        False, help="Choose alpha from 0, 0.1, ... 1 by accuracy on a validation part of the training split."
    )
    validation: float = setting(0.2, ge=0.01, le=0.9, help="Share of the training split that chooses alpha.")
    curve: bool = setting(False, help=CURVE)
    training_seed: int = setting(
        OWN_SEED,
        ge=OWN_SEED,
        le=2**31 - 1,
        help="-1: the run's own, or that of the training that submissions share. One number for all makes those of "
        "several alphas points of one curve.",
    )


class WiseFT(FT):
    """theta = (1 - alpha) theta0 + alpha theta1 over all keys of the state, buffers included."""

    kept: tuple[State, State] | None = None

    def fit(self, train: TrainingSet) -> None:
        config: Config = self.context.config
        ends, alpha = self.chosen_on(train) if config.choose_alpha else (self.ends(train), config.alpha)
        self.interpolate(ends, alpha)
        self.kept = ends if config.curve else None

    @property
    def curve_points(self) -> tuple[float, ...]:
        return ALPHAS if self.context.config.curve else ()

    def move_to(self, point: float) -> None:
        """Be the network at alpha = point of the training that `fit` did."""
        if self.kept is None:
            raise RuntimeError("the ends of the curve are kept by fit, with the setting curve")
        self.interpolate(self.kept, point)

    def chosen_on(self, train: TrainingSet) -> tuple[tuple[State, State], float]:
        """The ends of a training on one part of the set, and the alpha that is best on the other."""
        kept, held = validation.split(train.labels, self.context.config.validation, self.context.seed)
        ends = self.ends(validation.part_of(train, kept))
        return ends, self.chosen(ends, validation.part_of(train, held))

    def ends(self, train: TrainingSet) -> tuple[State, State]:
        """(the state before training, the state after it)."""
        start = copied(self.network.state_dict())
        self.train(train)
        return start, copied(self.network.state_dict())

    def chosen(self, ends: tuple[State, State], held: LabeledSet) -> float:
        """The first alpha of the curve with the highest accuracy on the held-out part; the curve goes to the log."""

        def accuracy(alpha: float) -> float:
            self.interpolate(ends, alpha)
            return validation.accuracy(self.predict, held)

        alpha, found = validation.best(ALPHAS, accuracy)
        curve = ", ".join(f"{a:g}: {100 * value:.1f}" for a, value in zip(ALPHAS, found, strict=True))
        self.context.log(f"validation accuracy (%) by alpha: {curve}; chosen {alpha:g}")
        return alpha

    def interpolate(self, ends: tuple[State, State], alpha: float) -> None:
        """Put the network at alpha between the two states."""
        from farfield_baselines.networks import fine_tuning

        self.network.load_state_dict(fine_tuning.interpolate(*ends, alpha))

    def recipe(self) -> Recipe:
        config: Config = self.context.config
        return recipe(config, self.context.seed if config.training_seed == OWN_SEED else config.training_seed)


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig:
    """The interpolation, and the fine-tuning before it."""

    alpha: float = setting(0.5, ge=0.0, le=1.0, help=ALPHA)
    epochs: int = setting(10, ge=1, le=100, help="Passes over the training split.")
    batch_size: int = setting(16, ge=1, le=512, help="Images a step.")
    learning_rate: float = setting(1e-4, ge=0.0, le=0.1, help="Peak learning rate of AdamW.")
    weight_decay: float = setting(0.1, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")
    templates: str = setting("ensemble", help=HELP)
    curve: bool = setting(True, help=CURVE)

    model: ClassVar[str] = "mini-clip"
    pretrained: ClassVar[str] = ""
    checkpoint: ClassVar[str] = ""
    class_names: ClassVar[str] = "benchmark"
    choose_alpha: ClassVar[bool] = False
    training_seed: ClassVar[int] = OWN_SEED
    warm_up: ClassVar[int] = 0


def copied(state: State) -> State:
    """The state as it is now, whatever happens to the network."""
    return {key: value.clone() for key, value in state.items()}


SPEC = declare(
    "clip-wise-ft",
    WiseFT,
    "Any CLIP model fine-tuned end to end, its weights averaged with the zero-shot ones.",
    ("Wortsman et al. 2022, arXiv 2109.01903",),
    Config,
    stochastic=True,
    base=replace(BASE, only={"choose_alpha": False, "training_seed": OWN_SEED}),
    choices={
        "mini-clip": Choice(
            inputs=MINI_CLIP.inputs,
            summary="The mini CLIP fine-tuned end to end, its weights averaged with the zero-shot ones.",
            claims=MINI_CLIP_CLAIMS,
            config=MiniClipConfig,
            resources=Resources(memory_gib=6.0),
            called="mini-clip-wise-ft",
        )
    },
)
