"""What is run: a described method, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from farfield.choices import called, described_for
from farfield_workers.made_of import files_of

Description = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Runnable:
    """A method as `MethodSpec.describe` says it: what the operator installed, unless it is a package or an image.

    record: where a package came from, and what is in it.
    """

    description: Description
    plugin: Path | None = None
    image: str | None = None
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def submitted(self) -> bool:
        """Whether its description is what somebody's package or image says of itself."""
        return self.plugin is not None or self.image is not None

    @property
    def made_of(self) -> dict[str, Any]:
        """What the code is, as JSON: equal where it is the same. What it runs on is not in it."""
        if self.image is not None:
            return {"image": self.image}
        if self.plugin is not None:
            return {"package": self.record or files_of(self.plugin)}
        return {name: self.description[name] for name in ("plugin", "distribution", "version")}

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
