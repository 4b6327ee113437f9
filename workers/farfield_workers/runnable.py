"""What is run: a described method, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from farfield.choices import called, described_for

Description = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Runnable:
    """A method as `MethodSpec.describe` says it: what the operator installed, unless it is a package or an image."""

    description: Description
    plugin: Path | None = None
    image: str | None = None

    def chosen(self, config: Mapping[str, Any]) -> "Runnable":
        """The same, described as a method with the one input that the settings choose."""
        return replace(self, description=described_for(self.description, config))

    @property
    def name(self) -> str:
        return str(self.description["name"])

    @property
    def called(self) -> str:
        """The one word for the method with its input, by which seeds are hashed and records go."""
        return called(self.description, {})
