"""What a fuzzer sends, in a form that can be kept and sent again; and the two ways in which it can come out."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Case:
    """`words` are the arguments of a command, or what a target makes of them; `files` lie in the case's folder."""

    words: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    def to_json(self) -> str:
        """One line, the same for the same case."""
        files = {name: base64.b64encode(data).decode() for name, data in sorted(self.files.items())}
        return json.dumps({"words": self.words, "files": files})

    @classmethod
    def from_json(cls, text: str) -> "Case":
        values = json.loads(text)
        files = {name: base64.b64decode(data) for name, data in values["files"].items()}
        return cls(words=tuple(values["words"]), files=files)

    @property
    def digest(self) -> str:
        """A short name."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]


class Wrong(Exception):
    """What came out must never come out; the message says what."""


class Target(Protocol):
    """Something that takes input of strangers."""

    name: str
    seconds: float  # the longest that a case may take; what takes longer is wrong

    def make(self, rng: Random) -> Case: ...

    def run(self, case: Case, folder: Path) -> str:
        """A word for what came out, such as an error's code. Raises Wrong, or whatever nobody foresaw."""


def refused(code: str) -> str:
    """The code of an error that the sender is told, as the word for what came out.

    Raises Wrong for a code that blames the platform.
    """
    if code.startswith("platform."):
        raise Wrong(f"the platform takes the blame: {code}")
    return code
