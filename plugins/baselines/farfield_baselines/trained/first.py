"""A recipe that is trained first, as arrays, for other recipes to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield import RunContext, TrainingSet
from farfield_baselines.trained.core import Array, Recipe, made

if TYPE_CHECKING:
    from collections.abc import Mapping


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
