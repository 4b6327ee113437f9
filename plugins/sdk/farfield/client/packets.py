"""What is entered on a board: a method of the site, a package, results made elsewhere, or a container image."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from farfield.errors import UsageError
from farfield.method import TrackClaims

PACKERS = "farfield.results"  # entry points: packed(path, benchmark, tier, form) -> (file name, content)
RESULTS = ("predictions", "records")


@dataclass(frozen=True, kw_only=True)
class Packet:
    """An entry to be made. One of `package`, `predictions`, `records`, `image`; none of them enters `method` as it is.

    `predictions` and `records` need `method`, `summary` and `claims`.
    """

    benchmark: str
    track: str
    tier: str = ""
    method: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    package: Path | None = None
    predictions: Path | None = None
    records: Path | None = None
    image: str = ""
    claims: TrackClaims | None = None
    summary: str = ""
    title: str = ""
    note: str = ""
    team: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False

    def __post_init__(self) -> None:
        """Raises UsageError for several things at once, and for none."""
        given = [n for n in ("package", *RESULTS, "image") if getattr(self, n)]
        if len(given) > 1:
            raise UsageError(f"an entry is one of {' and '.join(given)}, not several; make one entry of each")
        if not given and not self.method:
            raise UsageError("there is nothing to enter: give a package, results, an image, or a method of the site")

    @property
    def kind(self) -> str:
        """As the API calls it."""
        if self.package:
            return "plugin"
        if self.predictions or self.records:
            return "predictions"
        return "container" if self.image else "configuration"

    @property
    def file(self) -> Path | None:
        """What is sent before the entry is made."""
        return self.package or self.predictions or self.records

    def body(self, upload: str = "") -> dict[str, Any]:
        """The body of the request; `upload` is the SHA-256 of the file that was sent."""
        texts = ("tier", "method", "image", "summary", "title", "note", "team")
        body: dict[str, Any] = {"kind": self.kind, "benchmark": self.benchmark, "track": self.track}
        body |= {name: getattr(self, name) for name in texts if getattr(self, name)}
        body |= {"config": dict(self.config)} if self.config else {}
        body |= {"answers": dict(self.answers)} if self.answers else {}
        body |= {"claims": self.claims.describe()} if self.claims is not None else {}
        body |= {"upload": upload} if upload else {}
        return body | ({"again": True} if self.again else {})

    def key(self, body: Mapping[str, Any]) -> str:
        """The Idempotency-Key: the same words enter once, unless they are to be entered again."""
        same = "" if not self.again else uuid.uuid4().hex
        return hashlib.sha256(f"{json.dumps(body, sort_keys=True)}{same}".encode()).hexdigest()


def parcel(packet: Packet) -> tuple[str, Path | bytes] | None:
    """The file to send, by name; None when nothing is sent. Results are checked where the evaluators are installed.

    Raises FarfieldError for what the site would refuse, and UsageError for a folder that nothing here can pack.
    """
    path = packet.file
    if path is None or packet.package is not None:
        return (path.name, _a_file(path)) if path else None
    packers = list(entry_points(group=PACKERS))
    if packers:
        pack: Callable[[Path, str, str, str], tuple[str, bytes]] = packers[0].load()
        return pack(path, packet.benchmark, packet.tier, "records" if packet.records else "predictions")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; the evaluators pack it: pip install 'farfield-platform[worker]'")
    return path.name, _a_file(path)


def _a_file(path: Path) -> Path:
    """Raises OSError for what cannot be read, before anything is sent."""
    with path.open("rb"):
        return path
