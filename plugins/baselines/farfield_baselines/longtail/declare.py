"""From a long-tail recipe to a method: on features of either frozen backbone, or on images with a data set's preset."""

from farfield import MethodSpec
from farfield_baselines.longtail.core import LongTailConfig
from farfield_baselines.longtail.presets import LongTailImages
from farfield_baselines.longtail.representation import representation
from farfield_baselines.trained.core import Recipe
from farfield_baselines.trained.declare import First, declare

DECOUPLING = "Kang et al. 2020, ICLR, arXiv 1910.09217"


def method(
    name: str,
    recipe: type[Recipe],
    title: str,
    papers: tuple[str, ...],
    config: type = LongTailConfig,
    first: First | None = None,
) -> MethodSpec:
    """The spec of a recipe; `title` is a noun phrase without a full stop."""
    return declare(name, recipe, title, papers, config=config, network=LongTailImages, first=first)


def decoupled(name: str, recipe: type[Recipe], title: str, config: type) -> MethodSpec:
    """The same of a recipe that goes on with the representation, which all of these share."""
    first = First(train=representation, config=LongTailConfig, features=True)
    return method(name, recipe, title, (DECOUPLING,), config, first)
