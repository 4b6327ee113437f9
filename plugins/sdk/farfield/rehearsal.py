"""What a site would say to a package, found out on the author's machine: `farfield check PATH`.

The same inspection and the same runner as on a site; only the sandbox, the site's own base environment and the names
that others took are missing. The package goes into a temporary folder, and nothing here is changed by it.
"""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from farfield.errors import PackageError
from farfield.intake import look_into_package
from farfield.job import Job, read_json
from farfield.package import SDIST_SUFFIXES, Package, installed_path

SUFFIXES = (".whl", *SDIST_SUFFIXES)
SECONDS = 600.0
LOG_LINES = 20
LOGGED = {"plugin.broken_import", "plugin.crashed", "plugin.raised"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
Say = Callable[[str], object]


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What to check: a wheel, an sdist or a project folder, and what would be entered on the site's form."""

    path: Path
    method: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    seconds: float = SECONDS


def is_package_path(text: str) -> bool:
    """Whether an argument means a package or a project folder, rather than an installed method.

    A folder is meant only when it is written as a path (`./my-method`), for a project is often called as its method.
    """
    path = Path(text)
    if text.lower().endswith(SUFFIXES) or path.is_file():
        return True
    return path.is_dir() and (text in {".", ".."} or "/" in text or os.sep in text)


def rehearse(plan: Rehearsal, say: Say) -> str:
    """Say one line per step that went well; returns the name of the method that was tested.

    Raises FarfieldError with the code that a site would show at the step that fails.
    """
    with tempfile.TemporaryDirectory(prefix="farfield-check-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        wheel, package = _wheel(plan.path, folder, say)
        say(f"entry points  {', '.join(package.plugins)}")
        _require_installed(package)
        say(f"dependencies  {len(package.requires)} declared, all installed here")
        site = folder / "site"
        _unpack(wheel, site)
        return _inspect(plan, package, folder, site, say)


def _wheel(path: Path, folder: Path, say: Say) -> tuple[Path, Package]:
    """The wheel to install, built if need be."""
    if path.is_dir():
        wheel = _build(path, folder / "dist", say)
        return wheel, _inspected(wheel, say)
    if not path.is_file():
        raise PackageError("plugin.not_a_package", f"there is no file {path}")
    package = _inspected(path, say)
    if package.kind == "wheel":
        return path, package
    wheel = _build(path, folder / "dist", say)
    return wheel, _inspected(wheel, say)


def _inspected(path: Path, say: Say) -> Package:
    package = look_into_package(path)
    say(f"archive       {package.kind} of {package.distribution} {package.version}, {package.size} bytes")
    return package


def _build(source: Path, dist: Path, say: Say) -> Path:
    """Build a wheel. This runs the project's build backend, here and now, as any installer of it would."""
    uv = shutil.which("uv")
    if uv is not None:
        command = [uv, "build", "--wheel", "--python", sys.executable, "--out-dir", str(dist), str(source)]
    elif importlib.util.find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(dist), str(source)]
    else:
        raise PackageError("plugin.build_failed", "building a wheel needs uv or pip; install one, or check a wheel")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    wheels = list(dist.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        say(f"log\n{_last_lines(done.stdout)}")
        raise PackageError("plugin.build_failed", "building a wheel failed; the log above says why")
    say(f"build         {wheels[0].name}")
    return wheels[0]


def _require_installed(package: Package) -> None:
    """A site fetches what is missing; here the import would fail, and not for a fault of the package."""
    missing = [name for name in map(_required_name, package.requires) if name and not _is_installed(name)]
    if missing:
        raise PackageError(
            "plugin.dependencies",
            f"not installed here: {', '.join(missing)}. A site fetches them from its package index; to go on here, "
            f"install them: pip install {' '.join(missing)}",
        )


def _required_name(line: str) -> str:
    """The distribution that a Requires-Dist line asks for here; empty when its marker says that it does not.

    Without the library `packaging` a line with a marker is passed over.
    """
    found = _NAME.match(line)
    name = found[0] if found else ""
    if ";" not in line:
        return name
    try:
        from packaging.markers import InvalidMarker, Marker
    except ImportError:
        return ""
    try:
        return name if Marker(line.partition(";")[2]).evaluate({"extra": ""}) else ""
    except InvalidMarker as error:
        raise PackageError("plugin.bad_metadata", f"the requirement {line!r} cannot be read: {error}") from error


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _unpack(wheel: Path, site: Path) -> None:
    """Unpack an inspected wheel: its names are safe, and no two are the same."""
    with zipfile.ZipFile(wheel) as opened:
        for info in opened.infolist():
            place = site / installed_path(info.filename)
            if not info.is_dir():
                place.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(info) as source, place.open("wb") as target:
                    shutil.copyfileobj(source, target)


def _inspect(plan: Rehearsal, package: Package, folder: Path, site: Path, say: Say) -> str:
    """Import, describe and test in a process of its own, as the sandbox does."""
    inputs, output = folder / "in", folder / "out"
    inputs.mkdir()
    output.mkdir()
    Job(plugin=package.distribution, name=plan.method, kind="inspect", texts=plan.texts).write(inputs)
    printed = _run([sys.executable, "-m", "farfield.runner", str(inputs), str(output)], site, plan.seconds)
    if not (output / "result.json").exists():
        raise _failure(output, printed, say)
    result = read_json(output / "result.json")
    say("import        of the entry points, without an error")
    say(f"methods       {', '.join(sorted(method['name'] for method in result['methods']))}")
    say(f"conformance   {result['method']} keeps its protocol with {json.dumps(result['config'], sort_keys=True)}")
    return str(result["method"])


def _run(command: Sequence[str], site: Path, seconds: float) -> str:
    path = os.pathsep.join(part for part in (str(site), os.environ.get("PYTHONPATH", "")) if part)
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"importing and testing the method took longer than {seconds:g} seconds"
        raise PackageError("resources.time", message) from error
    return done.stdout.decode("utf-8", errors="replace")


def _failure(output: Path, printed: str, say: Say) -> PackageError:
    """The runner's own error, after the end of the log where that shows the author's code."""
    found = output / "error.json"
    died = {"code": "plugin.crashed", "message": "the method's process died without a result"}
    values = read_json(found) if found.exists() else died
    if values["code"] in LOGGED and printed.strip():
        say(f"log\n{_last_lines(printed)}")
    return PackageError(str(values["code"]), str(values["message"]))


def _last_lines(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines()[-LOG_LINES:])
