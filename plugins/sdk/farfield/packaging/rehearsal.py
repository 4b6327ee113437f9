"""What a site would say to a package, found out on the author's machine: `farfield check PATH`.

The same inspection, the same resolver and the same runner as on a site, against the base environment that the site
publishes; only the sandbox and the names that others took are missing. The package goes into a temporary folder, and
nothing here is changed by it.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from farfield.errors import FarfieldError, PackageError
from farfield.packaging.intake import look_into_package
from farfield.packaging.package import SDIST_SUFFIXES, Package, installed_path
from farfield.packaging.versions import Interpreter
from farfield.runtime.job import Job, read_json, write_json

SUFFIXES = (".whl", *SDIST_SUFFIXES)
SECONDS = 600.0
LOG_LINES = 20
LOGGED = {"plugin.broken_import", "plugin.crashed", "plugin.raised"}
Say = Callable[[str], object]


class NotKnown(FarfieldError):
    """A step could not be taken here, so that nobody can say what a site would do; says what is missing."""

    code = "check.not_known"


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What to check: a wheel, an sdist or a project folder, and what would be entered on the site's form.

    `site` is the address of the site to ask for its base environment; empty for the one that comes with this release.
    """

    path: Path
    method: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    site: str = ""
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

    Raises FarfieldError with the code that a site would show at the step that fails; NotKnown where a step could not
    be taken here.
    """
    try:
        from farfield.packaging.resolution import against
    except ModuleNotFoundError as error:
        raise NotKnown(f"checking a package needs the library {error.name}: pip install 'farfield[check]'") from error
    bases = against.bases_of(plan.site)
    with tempfile.TemporaryDirectory(prefix="farfield-check-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        unseen: list[str] = []

        def tools(sdist: Package) -> None:
            unseen.append(against.build_tools(sdist.build_requires, bases, folder, say))

        wheel, package = _wheel(plan.path, folder, [base.interpreter() for base in bases], tools, say)
        say(f"entry points  {', '.join(package.plugins)}")
        if package.ignored:
            say(f"              {package.ignored}")
        found = against.hold(package.requires, bases, folder, say)
        site = folder / "site"
        _unpack(wheel, site)
        write_json(folder / "allowed.json", [*found.allowed, package.distribution])
        method = _inspect(plan, package, folder, site, say)
    unknown = "; ".join(filter(None, [*unseen, found.unseen]))
    if unknown:
        raise NotKnown(f"whether a site would run {method} is not known: {unknown}")
    return method


def _wheel(
    path: Path, folder: Path, interpreters: Sequence[Interpreter], tools: Callable[[Package], None], say: Say
) -> tuple[Path, Package]:
    """The wheel to install, built if need be; `tools` looks at what an sdist is built with, as a site builds it."""
    if path.is_dir():
        wheel = _build(path, folder / "dist", say)
        return wheel, _inspected(wheel, interpreters, say)
    if not path.is_file():
        raise PackageError("plugin.not_a_package", f"there is no file {path}")
    package = _inspected(path, interpreters, say)
    if package.kind == "wheel":
        return path, package
    tools(package)
    wheel = _build(path, folder / "dist", say)
    return wheel, _inspected(wheel, interpreters, say)


def _inspected(path: Path, interpreters: Sequence[Interpreter], say: Say) -> Package:
    """As each of the site's interpreters would have it."""
    package, *_ = [look_into_package(path, interpreter=each) for each in interpreters]
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
    printed = _run(
        [sys.executable, "-m", "farfield.packaging.confined", str(folder / "allowed.json"), str(inputs), str(output)],
        site,
        plan.seconds,
    )
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
