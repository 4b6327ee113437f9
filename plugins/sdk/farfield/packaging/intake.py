"""Looking into packages as strangers send them: what `farfield.packaging.package` reads, read apart, whoever asks.

Site, worker and `farfield check` come here; nobody calls `inspect_package` on a stranger's file in their own process.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from farfield.errors import PackageError
from farfield.packaging.apart import Limits, Refused, TooCostly, Unreadable, apart
from farfield.packaging.package import Package, inspect_package
from farfield.packaging.versions import Interpreter

PACKAGE_LIMITS = Limits()


def look_into_package(
    path: Path, filename: str | None = None, interpreter: Interpreter | None = None, limits: Limits = PACKAGE_LIMITS
) -> Package:
    """As `inspect_package`, in a child with bounds.

    Raises PackageError, with `resources.inspection` for a file that costs too much; CannotLook when nothing was found
    out, by a fault of this machine.
    """
    here = interpreter or Interpreter.current()
    arguments = {
        "path": str(path.resolve()),
        "filename": path.name if filename is None else filename,
        "python": list(here.version),
        "platform": here.platform,
    }
    try:
        return _package(apart("farfield.packaging.intake:facts", arguments, limits))
    except (Refused, TooCostly, Unreadable) as error:
        raise PackageError(error.code, str(error)) from error


def facts(path: str, filename: str, python: list[int], platform: str) -> dict[str, Any]:
    """In the child: what `inspect_package` finds, as plain data."""
    interpreter = Interpreter(version=tuple(python), platform=platform)
    return asdict(inspect_package(Path(path), filename, interpreter))


def _package(found: dict[str, Any]) -> Package:
    lists = {name: tuple(map(str, found.pop(name))) for name in ("requires", "plugins", "build_requires", "suites")}
    size = int(found.pop("size"))
    return Package(size=size, **lists, **{name: str(value) for name, value in found.items()})  # type: ignore[arg-type]
