"""What is run: a described method, and where it comes from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

Description = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Runnable:
    """A method as `MethodSpec.describe` says it: what the operator installed, unless it is a package or an image."""

    description: Description
    plugin: Path | None = None
    image: str | None = None

    @property
    def name(self) -> str:
        return str(self.description["name"])
