"""A method's description as its own package gave it, out of a sandbox, rebuilt and made storable before it is kept."""

import logging
from collections.abc import Mapping
from typing import Any

from farfield.config import DESCRIPTION_LIMITS
from farfield.described import rebuilt
from farfield.errors import SpecError
from farfield.packaging.plain import data_problem, visible
from farfield_web import storable
from farfield_web.errors import PluginRefused

log = logging.getLogger(__name__)


def read(described: Mapping[str, Any]) -> dict[str, Any]:
    """The description, of exactly the form of `MethodSpec.describe()`. Raises PluginRefused `plugin.bad_spec`."""
    try:
        kept: dict[str, Any] = storable.json(rebuilt(described))
        _require_small(kept)
    except SpecError as error:
        raise PluginRefused("plugin.bad_spec", str(error)) from error
    except Exception as error:  # whatever it holds, its author wrote it; that nobody foresaw it is for our log
        log.warning("a description cannot be read", exc_info=True)
        text = f"The description of the method cannot be read ({type(error).__name__}: {error})"
        raise PluginRefused("plugin.bad_spec", storable.text(text)[:500]) from error
    return kept


def packaging(described: Mapping[str, Any]) -> dict[str, str]:
    """Plugin, distribution and version as the description names them, fit to be stored."""
    limits = {"plugin": 200, "distribution": 200, "version": 100}
    return {name: visible(str(described.get(name, "")), limit) for name, limit in limits.items()}


def _require_small(kept: Mapping[str, Any]) -> None:
    """It is repeated wherever the method is listed."""
    problem = data_problem(kept, DESCRIPTION_LIMITS)
    if problem:
        raise SpecError(f"the description cannot be kept: {problem}")
