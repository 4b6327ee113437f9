"""The little of Python's version rules (PEP 440) and wheel tags (PEP 425) that inspecting a package needs.

The SDK depends on no packaging library, so that it stays light; installing is left to a real installer.
"""

import platform
import re
import sys
import sysconfig
from dataclasses import dataclass
from itertools import product

_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>\d*))?"
    r"(?P<post>-(?P<post_n1>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n2>\d*))?"
    r"(?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_n>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.ASCII,
)
_SPELLINGS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_CLAUSE = re.compile(r"(===|~=|==|!=|<=|>=|<|>)\s*v?(\d+(?:\.\d+)*)(\.\*|[-_.]?[a-z]+[-_.]?\d*)?", re.ASCII)
Release = tuple[int, ...]
MOST_CHARACTERS = 200  # of a version, or of a Requires-Python; a number of thousands of digits makes Python refuse


def normal_name(name: str) -> str:
    """A distribution's name as it is compared: lower case, runs of hyphens, underscores and dots as one hyphen."""
    return re.sub(r"[-_.]+", "-", name).lower()


def is_name(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", name, re.ASCII))


def normal_version(text: str) -> str | None:
    """One spelling for equal versions (1.0 and 1, 1.0-alpha.1 and 1a1); None for what is no version."""
    match = _VERSION.fullmatch(text.strip().lower()) if len(text) <= MOST_CHARACTERS else None
    if match is None:
        return None
    found = match.groupdict()
    parts = [f"{int(found['epoch'])}!" if int(found["epoch"] or 0) else "", _joined(_release(found["release"]))]
    if found["pre"]:
        parts.append(f"{_SPELLINGS.get(found['pre'], found['pre'])}{int(found['pre_n'] or 0)}")
    if found["post"]:
        parts.append(f".post{int(found['post_n1'] or found['post_n2'] or 0)}")
    if found["dev"]:
        parts.append(f".dev{int(found['dev_n'] or 0)}")
    if found["local"]:
        parts.append("+" + re.sub("[-_.]", ".", found["local"]))
    return "".join(parts)


def python_is_in(specifier: str, python: Release) -> bool | None:
    """Whether an interpreter's (major, minor, micro) satisfies `Requires-Python`; None when it cannot be read."""
    if len(specifier) > MOST_CHARACTERS:
        return None
    clauses = [_CLAUSE.fullmatch(part.strip().lower()) for part in specifier.split(",") if part.strip()]
    read = [clause for clause in clauses if clause is not None]
    if len(read) < len(clauses):
        return None
    return all(_satisfies(clause[1], clause[2], clause[3], python) for clause in read)


def _satisfies(operator: str, bound: str, rest: str | None, python: Release) -> bool:
    release = tuple(int(part) for part in bound.split("."))
    if rest == ".*" and operator in {"==", "!="}:
        return (python[: len(release)] == release) is (operator == "==")
    mine, other = _padded(python), _padded(release)
    if operator == "~=":
        return mine >= other and python[: len(release) - 1] == release[:-1]
    outcomes = {"<": mine < other, "<=": mine <= other, ">": mine > other, ">=": mine >= other, "!=": mine != other}
    return outcomes.get(operator, mine == other)


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """What decides which wheels can be installed: a CPython's version, and the platform as wheel tags spell it."""

    version: Release
    platform: str

    @classmethod
    def current(cls) -> "Interpreter":
        return cls(version=sys.version_info[:3], platform=re.sub(r"[-.]", "_", sysconfig.get_platform()))

    def accepts(self, tags: str) -> bool:
        """Whether one of the tags of a file name (`py3-none-any`, `cp311.cp312-abi3-manylinux_2_28_x86_64`) fits."""
        sets = [part.split(".") for part in tags.lower().split("-")]
        return len(sets) == 3 and any(
            self._python_fits(python, abi) and self._platform_fits(place) for python, abi, place in product(*sets)
        )

    def _python_fits(self, python: str, abi: str) -> bool:
        major, minor = self.version[:2]
        match = re.fullmatch(r"(py|cp)(\d)(\d*)", python)
        if match is None or int(match[2]) != major:
            return False
        wanted = int(match[3]) if match[3] else None
        if match[1] == "py":
            return abi == "none" and (wanted is None or wanted <= minor)
        if abi == "abi3":
            return wanted is not None and wanted <= minor
        return wanted == minor and abi in {"none", f"cp{major}{minor}"}

    def _platform_fits(self, place: str) -> bool:
        """Versions of the C library or of macOS are left to the installer; family and processor must agree."""
        if place in {"any", self.platform}:
            return True
        family, _, machine = self.platform.partition("_")
        if family == "linux":
            libc = "musllinux" if sys.platform == "linux" and platform.libc_ver()[0] == "" else "manylinux"
            return place.startswith(libc) and place.endswith(f"_{machine}")
        if family == "macosx":
            return place.startswith("macosx") and place.endswith((f"_{platform.machine()}", "_universal2"))
        return False


def _release(text: str) -> Release:
    """The numbers without trailing zeros."""
    numbers = [int(part) for part in text.split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _joined(release: Release) -> str:
    return ".".join(map(str, release))


def _padded(release: Release) -> Release:
    return release + (0,) * (6 - len(release))
