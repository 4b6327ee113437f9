"""A recipe that is trained first, as arrays, for other recipes to begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from farfield import RunContext, TrainingSet
from farfield_baselines.trained.core import Array, Recipe, Stage, made


class Begun(Recipe):
    """One stage of training, or its end where that is there as the method's base; more comes after it.

    What trains the base is the same stage of a recipe with the same parts: see `arrays_of`.
    """

    stage: ClassVar[str] = "training"

    def stages(self) -> Sequence[Stage]:
        there = self.setup.base is not None
        return [Stage(name=self.stage, epochs=0 if there else self.config.epochs, before=self.begin)]

    def begin(self) -> None:
        """Take what is there."""
        if self.setup.base is not None:
            begin_with(self, self.setup.base)


def erm(context: RunContext, train: TrainingSet, *, val: TrainingSet | None = None) -> dict[str, Array]:
    """The network with its classifier after empirical risk minimisation, every tensor by name."""
    return arrays_of(Recipe, context, train, val=val)


def arrays_of(
    kind: type[Recipe], context: RunContext, train: TrainingSet, **parts: TrainingSet | None
) -> dict[str, Array]:
    """The state of a recipe's parts after all its stages, by the names that torch has for them."""
    from farfield_baselines.trained.loop import run

    recipe = made(kind, context, train, parts)
    run(recipe, context.progress)
    return {name: value.detach().cpu().numpy() for name, value in recipe.parts.state_dict().items()}


def begin_with(recipe: Recipe, arrays: Mapping[str, Array]) -> None:
    """Put what `arrays_of` gave into a recipe that has the same parts."""
    import torch

    recipe.parts.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in arrays.items()})
