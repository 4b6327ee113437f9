"""The base environment: what submitted code finds installed, and nothing else of the worker's own.

The worker's environment also holds the site, the evaluators and perhaps data with labels, so it is never shown to a
sandbox. Instead the operator's plugins and all they require are gathered, file by file as their distributions list
them, into a folder of hard links. Making it takes seconds and no room; it is made again when a version changes.
"""

import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions, entry_points
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlparse

from packaging.requirements import Requirement

from farfield.group import GROUP
from farfield.packaging.stated import stated
from farfield_evaluators.locks import alone, is_held, wait_for
from farfield_workers.compiling import marks

FORMAT = 3
_HELD: dict[Path, int] = {}  # descriptors whose locks say that this process uses a folder
_PARSING = threading.Lock()  # CPython 3.11 may raise SystemError where two threads parse literals, as requirements have
# Offered to every plugin where they are installed, whether or not one of the operator's own needs them.
OFFERED = ("farfield", "numpy", "pillow", "torch", "torchvision", "timm", "open-clip-torch", "safetensors")


@dataclass(frozen=True, kw_only=True)
class BaseEnvironment:
    """A folder for the import path, the versions in it by distribution, and a fingerprint of those and of Python."""

    folder: Path
    versions: dict[str, str]
    fingerprint: str


def base_environment(home: Path) -> BaseEnvironment:
    """The base environment of this worker below `home`, made now when it is not there. Safe to call at once."""
    chosen = _closure(_roots())
    versions = {name: found.version for name, found in sorted(chosen.items())}
    fingerprint = _fingerprint(chosen)
    folder = home / fingerprint[:16]
    home.mkdir(parents=True, exist_ok=True)
    with alone(home / "lock"):
        _hold(folder)
        if not folder.exists():
            _remove_unused(home)
            _make(chosen.values(), folder)
    return BaseEnvironment(folder=folder, versions=versions, fingerprint=fingerprint)


def installed_versions() -> dict[str, str]:
    """The versions that a base environment made here has, without making one."""
    return {name: found.version for name, found in sorted(_closure(_roots()).items())}


def installed_fingerprint() -> str:
    """The fingerprint that a base environment made here has, without making one."""
    return _fingerprint(_closure(_roots()))


def normalised(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _roots() -> set[str]:
    names = {stated(point.dist, "Name") for point in entry_points(group=GROUP) if point.dist}
    plugins = {normalised(name) for name in names if name}
    more = os.environ.get("FARFIELD_BASE", "").replace(",", " ").split()
    return plugins | {normalised(name) for name in (*OFFERED, *more)}


def _closure(roots: Iterable[str]) -> dict[str, Distribution]:
    """The installed ones among `roots`, and all that they require here."""
    with _PARSING:
        return _required(roots)


def _required(roots: Iterable[str]) -> dict[str, Distribution]:
    known: dict[str, Distribution] = {}
    for found in distributions():
        if name := stated(found, "Name"):
            known.setdefault(normalised(name), found)
    chosen: dict[str, Distribution] = {}
    waiting = [(name, frozenset[str]()) for name in sorted(roots)]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        if name in known:
            chosen[name] = known[name]
            fresh = set(_requirements(known[name], extras)) - seen
            seen |= fresh
            waiting += sorted(fresh, key=str)
    return chosen


def _requirements(found: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for text in found.requires or ():
        wanted = Requirement(text)
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": e}) for e in (extras or {""})):
            yield normalised(wanted.name), frozenset(wanted.extras)


def _fingerprint(chosen: dict[str, Distribution]) -> str:
    parts = {name: [found.version, _changed(found)] for name, found in chosen.items()}
    text = json.dumps([FORMAT, platform.python_version(), sys.platform, platform.machine(), parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _changed(found: Distribution) -> list[object]:
    """Editable sources change without a new version: their newest file and their number stand for them.

    What Python compiles of them whenever a module is first imported is no change.
    """
    stats = [path.stat() for path, _ in _editable_files(found) if path.suffix != ".pyc"]
    return [len(stats), max((s.st_mtime_ns for s in stats), default=0)]


def _make(chosen: Iterable[Distribution], folder: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    try:
        for found in chosen:
            for path, name in (*_installed_files(found), *_editable_files(found)):
                _link(path, draft / name)
        draft.chmod(0o755)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _installed_files(found: Distribution) -> Iterator[tuple[Path, PurePosixPath]]:
    """(file, its name below the import path) of each file the distribution lists there, and its compiled form."""
    for entry in found.files or ():
        name = PurePosixPath(str(entry))
        path = Path(str(found.locate_file(entry)))
        at_the_top = len(name.parts) == 1 and name.suffix == ".pth"  # what Python reads at its start, not weights
        if ".." in name.parts or name.is_absolute() or at_the_top or not path.is_file():
            continue
        yield path, name
        compiled = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        if name.suffix == ".py" and compiled.is_file():
            yield compiled, name.parent / "__pycache__" / compiled.name


def _editable_files(found: Distribution) -> Iterator[tuple[Path, PurePosixPath]]:
    """The packages and modules in the source folder that an editable install puts on the path."""
    for root in _editable_roots(found):
        for top in sorted(root.iterdir()):
            if (top / "__init__.py").is_file() and top.name != "tests":
                for path in sorted(top.rglob("*")):
                    if path.is_file():
                        yield path, PurePosixPath(path.relative_to(root).as_posix())
            elif top.suffix == ".py" and top.is_file():
                yield top, PurePosixPath(top.name)


def _editable_roots(found: Distribution) -> list[Path]:
    origin = found.read_text("direct_url.json")
    if not origin or not json.loads(origin).get("dir_info", {}).get("editable"):
        return []
    project = Path(unquote(urlparse(json.loads(origin)["url"]).path))
    roots = [
        Path(line)
        for entry in found.files or ()
        if str(entry).endswith(".pth")
        for line in Path(str(found.locate_file(entry))).read_text(encoding="utf-8").splitlines()
        if line.startswith("/")
    ]
    return [root for root in roots if root.is_relative_to(project) and root.is_dir()]


def _link(source: Path, target: Path) -> None:
    """A hard link costs nothing; across file systems it is a copy. A file that two distributions list is kept once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        try:
            os.link(source, target)
        except FileExistsError:
            raise
        except OSError:
            shutil.copy2(source, target)


def _hold(folder: Path) -> None:
    """Until this process ends, whatever it is called from, the folder is in use: other workers may need newer ones."""
    held = _HELD.get(folder)
    if held is None:
        _HELD[folder] = held = os.open(_users(folder), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    wait_for(held, shared=True)


def _remove_unused(home: Path) -> None:
    for other in home.iterdir():
        if other.is_dir() and not _in_use(other):
            shutil.rmtree(other, ignore_errors=True)
            for beside in (_users(other), *marks(other)):
                beside.unlink(missing_ok=True)


def _in_use(folder: Path) -> bool:
    try:
        return folder in _HELD or is_held(_users(folder))
    except OSError:  # who cannot tell leaves it
        return True


def _users(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.users")
