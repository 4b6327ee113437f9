"""What a submitted package is, found out without importing, executing or unpacking it.

    package = inspect_package(Path("my_method-1.0-py3-none-any.whl"))

Everything comes from the archive's own metadata; whether the code works is for the runner to find out, in a sandbox.
"""

import base64
import binascii
import csv
import hashlib
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NoReturn

from farfield.errors import PackageError
from farfield.group import GROUP, SUITES_GROUP
from farfield.packaging.archive import MIB, Contents, read_archive
from farfield.packaging.plain import read_toml, text_problem, visible
from farfield.packaging.versions import Interpreter, is_name, normal_name, normal_version, python_is_in

MAX_RECORD_BYTES = 8 * MIB
WHEEL_TEXTS = ("METADATA", "WHEEL", "entry_points.txt")
SDIST_TEXTS = ("PKG-INFO", "pyproject.toml")
SDIST_SUFFIXES = (".tar.gz", ".zip")
# A submitted package comes first on the import path, so these would replace the platform's own; and Python imports
# the two "customize" modules at its start, before any check.
RESERVED = {
    *("farfield", "farfield_baselines", "farfield_demo", "farfield_evaluators", "farfield_local", "farfield_web"),
    *("farfield_workers", "numpy", "pluggy", "torch", "sitecustomize", "usercustomize"),
}
LEGACY = ("setuptools>=40.8.0",)  # what PEP 517 says of a pyproject.toml without [build-system]
MOST_REQUIRES, MOST_POINTS, LONGEST_POINT = 500, 100, 200
MOST_SUITES = 10
UNRECORDED = {"RECORD", "RECORD.jws", "RECORD.p7s"}
# Where an installer puts what lies in the parts of a wheel's .data folder, below the folder of packages.
SCHEMES = {"purelib": "", "platlib": "", "data": "", "scripts": "bin/", "headers": "include/"}
_POINT = re.compile(r"(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+)\s*)?(?:\[[^\]]*\])?")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package that may be submitted.

    distribution: normalised name. requires: its Requires-Dist lines. plugins: its entry points in the group
    `farfield`; empty for an sdist that only says so when it is built. build_requires: what an sdist is built with.
    suites: its entry points in the group of suites. Nobody loads them: suites are installed by operators.
    """

    kind: Literal["wheel", "sdist"]
    filename: str
    sha256: str
    size: int
    distribution: str
    version: str
    requires: tuple[str, ...]
    requires_python: str
    plugins: tuple[str, ...]
    build_requires: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()

    @property
    def ignored(self) -> str:
        """A sentence about what of the package is not looked at; empty when there is nothing of the kind."""
        if not self.suites:
            return ""
        named = ", ".join(self.suites)
        return f"its suites of benchmarks are not loaded ({named}): only an operator installs those"


def inspect_package(path: Path, filename: str | None = None, interpreter: Interpreter | None = None) -> Package:
    """Read a wheel or an sdist; `filename` is the name it was uploaded under, when `path` has another.

    Raises PackageError with a code `plugin.*` and a sentence that says what to change.
    """
    name = path.name if filename is None else filename
    if "/" in name or "\\" in name or not name.isprintable() or len(name) > 255:
        _refuse("plugin.not_a_package", "the file's name is not the name of a package")
    interpreter = interpreter or Interpreter.current()
    if name.endswith(".whl"):
        return _wheel(path, name, interpreter)
    if name.endswith(SDIST_SUFFIXES):
        return _sdist(path, name, interpreter)
    raise PackageError("plugin.not_a_package", f"{name} is neither a wheel (.whl) nor an sdist (.tar.gz)")


def _wheel(path: Path, filename: str, interpreter: Interpreter) -> Package:
    stated, version, tags = _wheel_name(filename)
    contents = read_archive(path, _wheel_texts)
    info = _one_root(contents, r"[^/]+\.dist-info", "a wheel has exactly one .dist-info folder")
    _check_record(contents, info)
    metadata = _metadata(contents, f"{info}/METADATA", (stated, version))
    if not re.fullmatch(r"1\.\d+", str(_message(contents, f"{info}/WHEEL")["Wheel-Version"]).strip()):
        _bad(f"{info}/WHEEL does not name a Wheel-Version 1.x")
    if not _same(info.removesuffix(".dist-info").rpartition("-"), (stated, version)):
        _bad(f"the folder {info} has another name or version than the file {filename}")
    declared = _text(contents, f"{info}/entry_points.txt", required=False)
    points = _entry_points(declared)
    modules = _installed([name for name in contents.files if not name.startswith(f"{info}/")])
    _check_reserved(modules, metadata["distribution"])
    _check_python(metadata["requires_python"], interpreter)
    if not interpreter.accepts(tags):
        _refuse("plugin.wrong_platform", _misfit(tags, interpreter))
    importable = _modules(modules)
    for point, value in _required(points).items():
        _check_module(point, value, importable)
    suites = [line.partition("=")[0].strip() for line in _in_group(declared, SUITES_GROUP)]
    return _package("wheel", path, filename, {**metadata, "suites": _names(suites)}, points)


def _sdist(path: Path, filename: str, interpreter: Interpreter) -> Package:
    suffix = next(s for s in SDIST_SUFFIXES if filename.endswith(s))
    stated, _, version = filename.removesuffix(suffix).rpartition("-")
    if not is_name(stated) or normal_version(version) is None:
        _refuse("plugin.not_a_package", f"{filename} is not named as an sdist is, like my_method-1.0.tar.gz")
    contents = read_archive(path, _sdist_texts)
    root = _one_root(contents, r"[^/]+", "an sdist has exactly one folder, with everything in it", everything=True)
    metadata = _metadata(contents, f"{root}/PKG-INFO", (stated, version))
    project = _project(_text(contents, f"{root}/pyproject.toml"))
    _check_python(metadata["requires_python"], interpreter)
    points = _declared(project)
    groups = project.get("project", {}).get("entry-points", {}) if points is not None else {}
    suites = groups.get(SUITES_GROUP, ()) if isinstance(groups, dict) else ()
    suites = _names(suites) if isinstance(suites, dict) else ()
    facts = {**metadata, "build_requires": _build_requires(project), "suites": suites}
    return _package("sdist", path, filename, facts, {} if points is None else _required(points))


def _package(
    kind: Literal["wheel", "sdist"], path: Path, filename: str, metadata: Mapping[str, Any], points: Iterable[str]
) -> Package:
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Package(
        kind=kind, filename=filename, sha256=digest, size=path.stat().st_size, plugins=tuple(sorted(points)), **metadata
    )


def _wheel_name(filename: str) -> tuple[str, str, str]:
    """(name, version, tags) of name-version(-build)-python-abi-platform.whl, as PEP 427 has it."""
    parts = filename.removesuffix(".whl").split("-")
    named = len(parts) in {5, 6} and is_name(parts[0]) and normal_version(parts[1].replace("_", "-")) is not None
    if not named or (len(parts) == 6 and not parts[2][:1].isdigit()):
        _refuse("plugin.not_a_package", f"{filename} is not named as a wheel is, like my_method-1.0-py3-none-any.whl")
    if not all(re.fullmatch(r"[A-Za-z0-9_.]+", tag, re.ASCII) for tag in parts[-3:]):
        renamed = f"{filename} was renamed, as browsers do with a second copy"
        _refuse("plugin.not_a_package", f"{renamed}; give it the name that it was built with, which ends in its tags")
    return parts[0], parts[1], "-".join(parts[-3:])


def _wheel_texts(name: str) -> int:
    folder, _, file = name.rpartition("/")
    if not folder.endswith(".dist-info"):
        return 0
    return MAX_RECORD_BYTES if file == "RECORD" else MIB * (file in WHEEL_TEXTS)


def _sdist_texts(name: str) -> int:
    folder, _, file = name.rpartition("/")
    return MIB * (file in SDIST_TEXTS and "/" not in folder)


def _one_root(contents: Contents, pattern: str, rule: str, everything: bool = False) -> str:
    """The one top-level folder that matches; with `everything`, nothing may lie outside of it."""
    tops = {name.partition("/")[0] for name in contents.files if "/" in name or everything}
    found = [top for top in tops if re.fullmatch(pattern, top)]
    if len(found) != 1 or (everything and len(tops) != 1):
        _refuse("plugin.not_a_package", f"{rule}; this one has {', '.join(sorted(found)[:5]) or 'none'}")
    return found[0]


def _text(contents: Contents, name: str, required: bool = True) -> str:
    if name not in contents.texts:
        if required:
            _bad(f"the archive has no {name}")
        return ""
    try:
        return contents.texts[name].decode("utf-8")
    except UnicodeDecodeError:
        _bad(f"{name} is not UTF-8 text")


def _message(contents: Contents, name: str) -> "Message[str, str]":
    return HeaderParser().parsestr(_text(contents, name))


def _metadata(contents: Contents, name: str, stated: tuple[str, str]) -> dict[str, Any]:
    message = _message(contents, name)
    for field in ("Name", "Version", "Requires-Python"):
        if len(message.get_all(field, [])) > 1:
            _bad(f"{name} gives {field} more than once")
    own = (str(message["Name"] or "").strip(), str(message["Version"] or "").strip())
    if not is_name(own[0]) or normal_version(own[1]) is None:
        _bad(f"{name} gives no valid Name and Version")
    if not _same((own[0], "-", own[1]), stated):
        _bad(f"{name} says {own[0]} {own[1]}, the file's name says {stated[0]} {stated[1]}")
    requires = tuple(" ".join(str(line).split()) for line in message.get_all("Requires-Dist", []))
    if len(requires) > MOST_REQUIRES or sum(map(len, requires)) > MIB // 16:
        _bad(f"{name} has {len(requires)} lines of Requires-Dist; {MOST_REQUIRES} and 64 kB are the most")
    for line in requires:
        if not re.match(r"[A-Za-z0-9]", line) or not line.isprintable() or len(line) > 1000:
            _bad(f"{name} has a Requires-Dist that is no requirement: {line[:100]!r}")
    return {
        "distribution": normal_name(own[0]),
        "version": own[1],
        "requires": requires,
        "requires_python": str(message["Requires-Python"] or "").strip(),
    }


def _same(found: tuple[str, str, str], stated: tuple[str, str]) -> bool:
    name, _, version = found
    versions = {normal_version(v.replace("_", "-")) or v for v in (version, stated[1])}
    return normal_name(name) == normal_name(stated[0]) and len(versions) == 1


def _check_record(contents: Contents, info: str) -> None:
    """Every file is listed with its true hash, and nothing else is."""
    name = f"{info}/RECORD"
    listed = _record(name, _text(contents, name))
    exempt = {f"{info}/{file}" for file in UNRECORDED}
    for missing in sorted(set(contents.files) - set(listed) - exempt):
        _bad(f"{name} does not list {missing}; build the wheel again")
    for file, stated in listed.items():
        if file in exempt:
            continue
        if file not in contents.files:
            _bad(f"{name} lists {file}, which the wheel does not have")
        if stated != contents.files[file][1]:
            _bad(f"{file} is not the file that {name} lists: the hashes differ, or it has no sha256; build it again")


def _record(name: str, text: str) -> dict[str, str]:
    """File -> hex sha256, empty when there is none."""
    found: dict[str, str] = {}
    try:
        for row in csv.reader(io.StringIO(text), strict=True):
            if row and row[0] in found:
                _bad(f"{name} lists {row[0]} twice")
            if row:
                found[row[0]] = _hex(row[1] if len(row) > 1 else "")
    except (csv.Error, binascii.Error, ValueError) as error:
        _bad(f"{name} cannot be read: {error}")
    return found


def _hex(stated: str) -> str:
    """The digest of `sha256=<URL-safe base64 without padding>`."""
    kind, _, digest = stated.partition("=")
    return base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)).hex() if kind == "sha256" else ""


def _entry_points(text: str) -> dict[str, str]:
    """Name -> value in the group, read exactly as importlib.metadata reads it, which will find them later."""
    found: dict[str, str] = {}
    for line in _in_group(text, GROUP):
        name, separator, value = map(str.strip, line.partition("="))
        if not separator or not _is_point(name, value):
            _bad(f"entry_points.txt has a line in [{GROUP}] that is not `name = module`: {line[:100]!r}")
        if name in found:
            _refuse("plugin.duplicate_entry_point", f"two entry points in the group {GROUP} are called {name!r}")
        found[name] = value
    return found


def _in_group(text: str, wanted: str) -> Iterator[str]:
    group = None
    for line in _lines(text):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1]
        elif group == wanted:
            yield line


def _names(given: Iterable[object]) -> tuple[str, ...]:
    """A few names of what is not looked at, to be shown."""
    return tuple(visible(str(name), 60) for name in islice(given, MOST_SUITES))


def _is_point(name: object, value: object) -> bool:
    texts = isinstance(name, str) and isinstance(value, str) and bool(name)
    fits = texts and not text_problem(name, LONGEST_POINT) and not text_problem(value, LONGEST_POINT)
    return fits and _POINT.fullmatch(str(value)) is not None


def _lines(text: str) -> list[str]:
    lines = map(str.strip, text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _required(points: Mapping[str, str]) -> Mapping[str, str]:
    if not points:
        _refuse(
            "plugin.no_entry_point",
            f"the package registers no plugin; add [project.entry-points.{GROUP}] to its pyproject.toml, "
            'such as my-method = "my_method.plugin"',
        )
    if len(points) > MOST_POINTS:
        _bad(f"the package registers {len(points)} plugins; {MOST_POINTS} is the most")
    return points


def _check_module(point: str, value: str, modules: set[str]) -> None:
    match = _POINT.fullmatch(value)
    module = match["module"] if match else value
    stem = module.replace(".", "/")
    if not {stem, f"{stem}/__init__"} & modules:
        _refuse(
            "plugin.broken_import",
            f"the entry point {point!r} names the module {module}, which the wheel does not have",
        )


def _modules(files: Iterable[str]) -> set[str]:
    """The paths without their endings of what Python can import: a.py, a.so, a.cpython-311-x86_64-linux-gnu.so."""
    found = set()
    for file in files:
        folder, slash, last = file.rpartition("/")
        name, _, ending = last.partition(".")
        if ending == "py" or re.fullmatch(r"(?:[\w-]+\.)*(?:so|pyd)", ending):
            found.add(f"{folder}{slash}{name}")
    return found


def installed_path(name: str) -> str:
    """Where a member of a wheel comes to lie below the folder of packages."""
    match = re.fullmatch(r"[^/]+\.data/([^/]+)/(.+)", name)
    if match is None:
        return name
    if match[1] not in SCHEMES:
        _bad(f"the wheel has {name}, and no installer knows {match[1]!r} in a .data folder; build it again")
    return SCHEMES[match[1]] + match[2]


def _installed(names: Iterable[str]) -> list[str]:
    """The places of a wheel's members but for its metadata: no two the same, and none that is metadata of another."""
    found: dict[str, str] = {}
    for name in names:
        place = installed_path(name)
        if place.casefold() in found:
            _refuse("plugin.unsafe_path", f"{found[place.casefold()]} and {name} would be the same file when installed")
        if re.match(r"[^/]+\.(dist|egg)-info(/|$)", place, re.IGNORECASE):
            _refuse("plugin.unsafe_path", f"the wheel has {name}, which would be installed as metadata of a package")
        found[place.casefold()] = name
    return [installed_path(name) for name in names]


def _check_reserved(files: Iterable[str], distribution: str) -> None:
    """`plugin.unsafe_path`, for the fault is where a file would come to lie; the archive is well formed."""
    if distribution.replace("-", "_") in RESERVED:
        _refuse("plugin.unsafe_path", f"the name {distribution} is the platform's own; give the package another")
    for file in files:
        top, _, rest = file.partition("/")
        module = top if rest else top.partition(".")[0]
        if not rest and top.endswith(".pth"):
            _refuse("plugin.unsafe_path", f"the wheel has the file {file}, which would run code whenever Python starts")
        if module in RESERVED or module in sys.stdlib_module_names:
            _refuse("plugin.unsafe_path", f"the wheel has {file}, which would replace the module {module}; rename it")


def _check_python(specifier: str, interpreter: Interpreter) -> None:
    fits = python_is_in(specifier, interpreter.version)
    if fits is None:
        _bad(f"Requires-Python cannot be read: {specifier[:100]!r}")
    if not fits:
        _refuse("plugin.wrong_python", f"the package needs Python {specifier}; here it is {_dotted(interpreter)}")


def _misfit(tags: str, interpreter: Interpreter) -> str:
    here = f"Python {_dotted(interpreter)} on {interpreter.platform}"
    return f"the wheel is for {tags}, here it is {here}; build it there, or submit the sdist"


def _dotted(interpreter: Interpreter) -> str:
    return ".".join(map(str, interpreter.version))


def _project(text: str) -> dict[str, Any]:
    try:
        return read_toml(text)
    except ValueError as error:
        _bad(f"pyproject.toml cannot be read: {error}")


def _build_requires(pyproject: Mapping[str, Any]) -> tuple[str, ...]:
    system = pyproject.get("build-system", {})
    requires = system.get("requires", LEGACY) if isinstance(system, dict) else None
    lines = requires if isinstance(requires, list | tuple) else [None]
    if len(lines) > MOST_REQUIRES or not all(text_problem(line, 1000) == "" for line in lines):
        _bad("[build-system].requires of pyproject.toml must be a list of texts, one requirement each")
    return tuple(lines)


def _declared(pyproject: Mapping[str, Any]) -> dict[str, str] | None:
    """The entry points that pyproject.toml states; None when only a build would tell."""
    project = pyproject.get("project")
    if not isinstance(project, dict) or "entry-points" in _list(project.get("dynamic")):
        return None
    groups = project.get("entry-points", {})
    points = groups.get(GROUP, {}) if isinstance(groups, dict) else groups
    if not isinstance(points, dict) or not all(_is_point(name, value) for name, value in points.items()):
        _bad(f"[project.entry-points.{GROUP}] of pyproject.toml must hold lines such as `name = 'package.module'`")
    return points


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _bad(message: str) -> NoReturn:
    _refuse("plugin.bad_metadata", message)


def _refuse(code: str, message: str) -> NoReturn:
    raise PackageError(code, message)
