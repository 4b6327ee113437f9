"""What site and workers say to each other: one type a message, read strictly, of one version on both sides.

A message has an entry `wire` with the version of who wrote it. One of another version is refused with a sentence that
says which side to upgrade, before anything else of it is looked at: workers and site of two releases agree about less
than they think. Of the right version nothing may be missing and nothing unknown, and everything has a bound; whether a
value makes sense (a method that may be entered, figures that a plan believes) is asked by whoever acts on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

from farfield.errors import FarfieldError
from farfield_evaluators.numbers import is_number

VERSION = 2  # 1 is what had no number
WIRE = "wire"
SITE, WORKER = "site", "worker"
# A header of the answer to a claim that gives nothing: why an operator lets this worker have no more, quoted.
DRAINED = "Farfield-Drained"
MOST_NAMES, MOST_TEXT = 10_000, 64 << 20
MOST_POINTS = 120  # of what a run used over time
SHOWN = 60
MessageT = TypeVar("MessageT", bound="Message")
Rule = Callable[[Any, str], Any]
"""Takes a value and its place in the message, gives the value as it is used. Raises WireError."""
Json = dict[str, Any]


class WireError(FarfieldError):
    """A message that is not of the agreed form; `entry` is the one at fault, empty for the whole."""

    code = "platform.wire"

    def __init__(self, entry: str, says: str) -> None:
        super().__init__(f"{entry}: {says}" if entry else says)
        self.entry = entry
        self.says = says


class WrongVersion(WireError):
    """A message of another version; says which side to upgrade."""

    code = "platform.wire_version"


def text(most: int = 200, *, blank: bool = False, any_character: bool = False) -> Rule:
    """Text of up to `most` characters, none of which a database would refuse unless any will do."""

    def read(value: Any, entry: str) -> str:
        if not isinstance(value, str):
            raise WireError(entry, f"expected text, got {_shown(value)}")
        if len(value) > most or not (value or blank):
            raise WireError(entry, f"expected {0 if blank else 1} to {most:,} characters, got {len(value):,}")
        if not any_character and ("\0" in value or any("\ud800" <= c <= "\udfff" for c in value)):
            raise WireError(entry, "it has a character that is none")
        return value

    return read


def one_of(*words: str) -> Rule:
    """One of these words."""

    def read(value: Any, entry: str) -> str:
        if value not in words:
            raise WireError(entry, f"expected one of {', '.join(words)}, got {_shown(value)}")
        return str(value)

    return read


def whole(least: int = 0, most: int = 2**53) -> Rule:
    """A whole number within bounds."""

    def read(value: Any, entry: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise WireError(entry, f"expected a whole number in {least}..{most}, got {_shown(value)}")
        return value

    return read


def number(value: Any, entry: str) -> float:
    """A finite number that is not negative."""
    if not is_number(value) or value < 0:
        raise WireError(entry, f"expected a finite number from 0, got {_shown(value)}")
    return float(value)


def flag(value: Any, entry: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise WireError(entry, f"expected true or false, got {_shown(value)}")
    return value


def obj(value: Any, entry: str) -> Json:
    """An object of JSON, whatever is in it."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise WireError(entry, f"expected an object, got {_shown(value)}")
    return value


def many(rule: Rule, most: int = MOST_NAMES) -> Rule:
    """A list of such values, as a tuple."""

    def read(value: Any, entry: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple) or len(value) > most:
            raise WireError(entry, f"expected a list of at most {most:,}, got {_shown(value)}")
        return tuple(rule(part, f"{entry}[{place}]") for place, part in enumerate(value))

    return read


def anything(value: Any, entry: str) -> Any:
    """Any JSON: looked at where it is used, so that one bad part harms no other."""
    return value


def maybe(rule: Rule) -> Rule:
    """Such a value, or null."""
    return lambda value, entry: None if value is None else rule(value, entry)


def part(kind: "type[Part]") -> Rule:
    """An object with entries of its own."""
    read: Rule = kind.read
    return read


def said(rule: Rule) -> dict[str, Rule]:
    """The metadata of a field of a message: by which rule it is read."""
    return {"rule": rule}


class Part:
    """A frozen dataclass each field of which has a rule; read strictly."""

    @classmethod
    def read(cls: Any, value: Any, entry: str = "") -> Any:
        """Raises WireError naming what is missing, unknown, or not of the agreed form."""
        values = obj(value, entry)
        rules: dict[str, Rule] = {each.name: each.metadata["rule"] for each in fields(cls)}
        for what, names in (("missing", rules.keys() - values.keys()), ("unknown", values.keys() - rules.keys())):
            if names:
                raise WireError(entry, f"{', '.join(sorted(name[:SHOWN] for name in names))}: {what}")
        prefix = f"{entry}." if entry else ""
        return cls(**{name: rule(values[name], f"{prefix}{name}") for name, rule in rules.items()})

    def as_json(self) -> Json:
        """As it is sent; `read` gives it back."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}  # type: ignore[arg-type]


class Message(Part):
    """What one side sends, with the version. `WRITER` is the side that does."""

    WRITER = WORKER

    @classmethod
    def from_json(cls: type[MessageT], values: Any) -> MessageT:
        """Raises WrongVersion, else WireError for what is not of the agreed form."""
        checked = obj(values, "")
        check_version(checked, cls.WRITER)
        message: MessageT = cls.read({name: value for name, value in checked.items() if name != WIRE})
        return message

    def as_json(self) -> Json:
        return {WIRE: VERSION, **super().as_json()}


def check_version(values: Mapping[str, Any], writer: str) -> None:
    """Raises WrongVersion with the side to upgrade: of two versions the older."""
    theirs = values.get(WIRE, 1)
    if theirs == VERSION and not isinstance(theirs, bool):
        return
    known = isinstance(theirs, int) and not isinstance(theirs, bool)
    reader = SITE if writer == WORKER else WORKER
    older = reader if known and theirs > VERSION else writer
    versions = f"the {writer} speaks version {_shown(theirs)} and the {reader} version {VERSION}"
    raise WrongVersion(WIRE, f"{versions}: upgrade the {older} to the release of the other")


@dataclass(frozen=True, kw_only=True)
class Progress(Part):
    """How far the current phase is: done of total."""

    phase: str = field(metadata=said(text(60)))
    done: float = field(metadata=said(number))
    total: float = field(metadata=said(number))


@dataclass(frozen=True, kw_only=True)
class SandboxSaid(Part):
    """How a worker shuts submitted code in."""

    name: str = field(metadata=said(text(60)))
    isolates: bool = field(metadata=said(flag))
    images: bool = field(metadata=said(flag))


@dataclass(frozen=True, kw_only=True)
class Announcement(Message):
    """What a worker has: descriptions of methods, data by benchmark, and suites; each is judged by itself.

    `base` is what a package finds installed on it, null where none is run.
    """

    worker: str = field(metadata=said(text()))
    resource: str = field(metadata=said(text(20)))
    methods: tuple[Any, ...] = field(metadata=said(many(anything)))
    benchmarks: Json = field(metadata=said(obj))
    sandbox: SandboxSaid = field(metadata=said(part(SandboxSaid)))
    accepts: tuple[str, ...] = field(metadata=said(many(text(20), 20)))
    base: Json | None = field(metadata=said(maybe(obj)))
    suites: tuple[Any, ...] = field(metadata=said(many(anything)))
    refused_suites: tuple[Any, ...] = field(metadata=said(many(anything)))


@dataclass(frozen=True, kw_only=True)
class Offer(Message):
    """What a worker would take: kinds of submission, methods that are installed, benchmarks whose data it has."""

    worker: str = field(metadata=said(text()))
    resource: str = field(metadata=said(text(20)))
    accepts: tuple[str, ...] = field(metadata=said(many(text(20), 20)))
    methods: tuple[str, ...] = field(metadata=said(many(text())))
    benchmarks: tuple[str, ...] = field(metadata=said(many(text())))


@dataclass(frozen=True, kw_only=True)
class UploadRef(Part):
    """A file that a person uploaded: its hash, the name it was given, and its size in bytes."""

    sha256: str = field(metadata=said(text(64)))
    filename: str = field(metadata=said(text(255)))
    size: int = field(metadata=said(whole()))


@dataclass(frozen=True, kw_only=True)
class Claim(Message):
    """A run that a worker holds a lease on; `token` fences off every other attempt.

    `method` has its name, plugin, distribution and version, as far as they are known. `cell` is the run's place in the
    plan of its benchmark, in the tier. `base_seed` is that of what is learned once for all runs of the entry.
    """

    WRITER = SITE

    id: str = field(metadata=said(text(64)))
    attempt: int = field(metadata=said(whole(1)))
    token: str = field(metadata=said(text(64)))
    lease_seconds: float = field(metadata=said(number))
    benchmark: str = field(metadata=said(text()))
    benchmark_version: str = field(metadata=said(text(40)))
    method: dict[str, str] = field(metadata=said(obj))
    config: Json = field(metadata=said(obj))
    cell: Json = field(metadata=said(obj))
    seed: int = field(metadata=said(whole(0, 2**31)))
    kind: str = field(default="configuration", metadata=said(text(20)))
    upload: UploadRef | None = field(default=None, metadata=said(maybe(part(UploadRef))))
    image: str = field(default="", metadata=said(text(1000, blank=True)))
    tier: str = field(default="", metadata=said(text(20, blank=True)))
    base_seed: int = field(default=0, metadata=said(whole(0, 2**31)))


@dataclass(frozen=True, kw_only=True)
class GpuUsage(Part):
    """The same of its GPU: bytes at most, and the share of the time in which it computed for the run, in the mean."""

    memory: tuple[int, ...] = field(metadata=said(many(whole(), MOST_POINTS)))
    busy: tuple[float, ...] = field(metadata=said(many(number, MOST_POINTS)))


@dataclass(frozen=True, kw_only=True)
class Usage(Part):
    """What a run used so far, a point for each `every` seconds: bytes at most, and processors in the mean.

    `gpu` is null where the worker has none, or cannot read it.
    """

    every: float = field(metadata=said(number))
    memory: tuple[int, ...] = field(metadata=said(many(whole(), MOST_POINTS)))
    cpu: tuple[float, ...] = field(metadata=said(many(number, MOST_POINTS)))
    gpu: GpuUsage | None = field(metadata=said(maybe(part(GpuUsage))))


@dataclass(frozen=True, kw_only=True)
class Heartbeat(Message):
    """A sign of life: the stage of a run, how far it is, and what was added to its log from `log_offset` on.

    `usage` is all of what the run used over time so far, null before its method was started.
    """

    token: str = field(metadata=said(text(64, blank=True)))
    stage: str = field(metadata=said(one_of("preparing", "running", "scoring")))
    progress: Progress | None = field(metadata=said(maybe(part(Progress))))
    log: str = field(metadata=said(text(MOST_TEXT, blank=True, any_character=True)))
    log_offset: int = field(metadata=said(whole()))
    usage: Usage | None = field(default=None, metadata=said(maybe(part(Usage))))


@dataclass(frozen=True, kw_only=True)
class HandBack(Message):
    """A run that a worker gives back because it stops in order."""

    token: str = field(metadata=said(text(64, blank=True)))


@dataclass(frozen=True, kw_only=True)
class Introduction(Message):
    """The method that a package or an image turned out to bring."""

    token: str = field(metadata=said(text(64, blank=True)))
    method: Json = field(metadata=said(obj))


@dataclass(frozen=True, kw_only=True)
class FailureSaid(Part):
    """Why a run failed."""

    code: str = field(metadata=said(text(100)))
    message: str = field(metadata=said(text(MOST_TEXT, blank=True, any_character=True)))


@dataclass(frozen=True, kw_only=True)
class Report(Message):
    """How an attempt ended: its evidence (scores, or lines with facts), and what was measured of the run.

    Of a failure there is no evidence. `infrastructure` is a failure by no fault of the method. `stage` is how far the
    run was. `cached` has shares (0..1) of what the run was given that the worker had in a cache, by what that holds.
    """

    run: str = field(metadata=said(text(64)))
    token: str = field(metadata=said(text(64)))
    attempt: int = field(metadata=said(whole(1)))
    outcome: str = field(metadata=said(one_of("succeeded", "failed")))
    scores: tuple[Json, ...] = field(default=(), metadata=said(many(obj, 100_000)))
    lines: str = field(default="", metadata=said(text(256 << 20, blank=True, any_character=True)))
    facts: Json = field(default_factory=dict, metadata=said(obj))
    comparability_key: str = field(default="", metadata=said(text(64, blank=True)))
    failure: FailureSaid | None = field(default=None, metadata=said(maybe(part(FailureSaid))))
    infrastructure: bool = field(default=False, metadata=said(flag))
    seconds: Json = field(default_factory=dict, metadata=said(obj))
    environment: Json = field(default_factory=dict, metadata=said(obj))
    log: str = field(default="", metadata=said(text(MOST_TEXT, blank=True, any_character=True)))
    log_offset: int = field(default=0, metadata=said(whole()))
    method_version: str = field(default="", metadata=said(text(1000, blank=True, any_character=True)))
    probes: Json = field(default_factory=dict, metadata=said(obj))
    stage: str = field(default="", metadata=said(text(20, blank=True)))
    curve: tuple[Json, ...] = field(default=(), metadata=said(many(obj, 1000)))
    memory: Json = field(default_factory=dict, metadata=said(obj))
    usage: Usage | None = field(default=None, metadata=said(maybe(part(Usage))))
    cached: Json = field(default_factory=dict, metadata=said(obj))


def defaults(kind: type[Part]) -> Json:
    """The entries of a message that have a value where nothing else is said, as JSON."""
    given: Json = {}
    for each in fields(kind):  # type: ignore[arg-type]
        if each.default is not MISSING:
            given[each.name] = _plain(each.default)
        elif each.default_factory is not MISSING:
            given[each.name] = _plain(each.default_factory())
    return given


def _plain(value: Any) -> Any:
    if isinstance(value, Part):
        return value.as_json()
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _shown(value: Any) -> str:
    kept = ascii(value) if isinstance(value, str | int | float | bool) or value is None else type(value).__name__
    return kept[:SHOWN]
