"""Which suite, by whom, in which version and with which protocol: what a worker and its site must agree on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from farfield_evaluators.benchmark import Benchmark, Track
from farfield_evaluators.suite import Suite


@dataclass(frozen=True, kw_only=True)
class SuiteIdentity:
    """A suite of a distribution in a version; `digest` is of its protocol, so that prose and titles do not count."""

    name: str
    distribution: str
    version: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name} of {self.distribution} {self.version}"

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "SuiteIdentity":
        """Raises ValueError for anything but an object of the four texts."""
        if not isinstance(value, Mapping) or set(value) != set(cls.__dataclass_fields__):
            raise ValueError(f"a suite is told by {', '.join(cls.__dataclass_fields__)}")
        wrong = [name for name, text in value.items() if not isinstance(text, str) or not 0 < len(text) <= 200]
        if wrong:
            raise ValueError(f"{wrong[0]} of a suite is a text of at most 200 characters")
        return cls(**value)


@dataclass(frozen=True, kw_only=True)
class SuiteOffer:
    """A suite as a worker announces it: who it is, and the names of its benchmarks, with data or without."""

    identity: SuiteIdentity
    benchmarks: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {**self.identity.as_json(), "benchmarks": list(self.benchmarks)}

    @classmethod
    def from_json(cls, value: object) -> "SuiteOffer":
        """Raises ValueError for anything but an identity with a list of names."""
        if not isinstance(value, Mapping):
            raise ValueError("a suite is told by an object")
        identity = SuiteIdentity.from_json({key: part for key, part in value.items() if key != "benchmarks"})
        names = value.get("benchmarks")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError(f"benchmarks of the suite {identity.name} is a list of names")
        return cls(identity=identity, benchmarks=tuple(names))


def digest_of(suite: Suite) -> str:
    """A hash of what decides about results: 16 hexadecimal digits. Raises whatever a benchmark raises when asked."""
    protocols = sorted((_protocol(benchmark) for benchmark in suite.benchmarks), key=lambda each: str(each["name"]))
    canonical = json.dumps(protocols, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _protocol(benchmark: Benchmark) -> dict[str, Any]:
    """The comparability keys on no data, the pack, and what each track allows: the key leaves out the last two."""
    return {
        "name": benchmark.name,
        "keys": [benchmark.comparability_key("", tier) for tier in ("", *(tier.name for tier in benchmark.plan.tiers))],
        "pack": benchmark.pack,
        "tracks": [_allowed(track) for track in benchmark.tracks],
    }


def _allowed(track: Track) -> list[Any]:
    return [track.name, track.pretraining, track.extra_data, *(["unlabeled"] if track.unlabeled else [])]
