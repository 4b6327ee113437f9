"""From a recipe to a method for data with groups: on images it has WILDS' settings of each data set as presets."""

from __future__ import annotations

from farfield import MethodSpec
from farfield_baselines.groups.presets import PresetImageConfig
from farfield_baselines.trained.config import TrainConfig
from farfield_baselines.trained.core import Recipe, Trained
from farfield_baselines.trained.declare import First, declare

WILDS = "Koh et al. 2021, arXiv 2012.07421"


def method(
    name: str,
    recipe: type[Recipe],
    title: str,
    papers: tuple[str, ...] = (),
    *,
    config: type = TrainConfig,
    held: type[Trained] = Trained,
    departs: tuple[str, ...] = (),
    first: First | None = None,
) -> MethodSpec:
    """The spec of a classification method; WILDS' paper comes after its own."""
    return declare(
        name,
        recipe,
        title,
        (*papers, WILDS),
        config=config,
        network=PresetImageConfig,
        held=held,
        departs=departs,
        first=first,
    )
