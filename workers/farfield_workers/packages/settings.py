"""How packages are built: from which indexes, and within which limits."""

from dataclasses import dataclass
from pathlib import Path

from farfield_workers.sandbox.base import GIB, Limits


@dataclass(frozen=True, kw_only=True)
class BuildSettings:
    """indexes: addresses of package indexes (PEP 503), the operator's allow-list; the first that knows a package wins.

    With none, nothing is fetched. certificates: a file of certificate authorities, when the system's are not enough.
    The limits are of each step: resolve, fetch, build.
    """

    indexes: tuple[str, ...] = ()
    seconds: float = 600
    memory_bytes: int = 4 * GIB
    output_bytes: int = 16 * GIB
    output_files: int = 200_000
    certificates: Path | None = None

    def limits(self) -> Limits:
        return Limits(
            memory_bytes=self.memory_bytes,
            seconds=self.seconds,
            output_bytes=self.output_bytes,
            output_files=self.output_files,
            open_files=4096,
        )
