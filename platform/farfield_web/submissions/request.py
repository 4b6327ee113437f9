"""What a person asks for, of any kind, before anything of it is checked."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from farfield.training_data import TrainingData
from farfield_web.submissions.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class Claims:
    """What uploaded predictions were allowed to learn from; their author says so, for there is no method to ask."""

    backbone: str = ""
    pretraining: tuple[str, ...] = ()
    extra_data: tuple[str, ...] = ()
    departs: tuple[str, ...] = ()
    training_data: tuple[TrainingData, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """An entry. `method` may be empty where a package or image brings only one; `upload` is the hash of a file.

    `claims` and `summary` are for predictions only, `image` is for containers only, `tier` for benchmarks with tiers;
    left empty it is their first. `again` says that a repeat of an earlier submission is meant; `answers` are to
    what the benchmark asks, by the keys of its questions. `team` is one that its author
    is in, or empty.
    """

    benchmark: str
    track: str
    method: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    note: str = ""
    kind: str = Kind.CONFIGURATION.value
    upload: str = ""
    image: str = ""
    claims: Claims = field(default_factory=Claims)
    summary: str = ""
    tier: str = ""
    again: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    team: str = ""

    @property
    def body_digest(self) -> str:
        """Equal for equal requests. What is left at its default does not count, so that it outlives new fields.

        Nor does `again`: under one key a request is one submission, however it was sent.
        """
        plain = {"benchmark", "track", "method", "config", "title", "note"}
        default, own = asdict(Request(benchmark="", track="")), asdict(self)
        for late in ("departs", "training_data"):  # claims had no such parts before
            if getattr(self.claims, late) == getattr(Claims(), late):
                del default["claims"][late], own["claims"][late]
        return digest({key: v for key, v in own.items() if key in plain or (key != "again" and v != default[key])})


def digest(value: Any) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
