"""The house rules about where things live, and what must not be in the repository."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 600
FLOCK = "fcntl.flock("
GENERATED = {".venv", "var", "build", "dist", "node_modules", "__pycache__"}


def project_files() -> Iterator[Path]:
    """Files that are, or would be, committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        yield from (path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())
        return
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not any(p in GENERATED or p.startswith(".") for p in parts[:-1]):
            yield path


def texts() -> Iterator[tuple[str, str]]:
    """Every file that is text, by its path."""
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            yield str(path.relative_to(ROOT)), content.decode("utf-8", "replace")


def test_the_standard_librarys_platform_is_not_shadowed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system(), platform.__file__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(ROOT / "platform") not in done.stdout


def test_platform_is_a_source_root_and_never_a_package() -> None:
    assert (ROOT / "platform").is_dir()
    assert not list((ROOT / "platform").glob("*.py"))
    assert not (ROOT / "platform.py").exists()
    assert not (ROOT / "tests" / "platform").exists()


def test_no_source_file_is_too_long() -> None:
    lengths = {name: text.count("\n") for name, text in texts() if name.endswith((".py", ".css", ".html", ".js"))}
    vendored = {name for name in lengths if "/vendor/" in name or name.endswith(".min.js")}
    assert {n: c for n, c in lengths.items() if c > LONGEST and n not in vendored} == {}


# Written in pieces, so that this file does not hold what it forbids.
REGISTRIES = re.compile(
    r"py" + r"pi\.org|python" + r"hosted\.org|registry\.npm" + r"js|deb\.deb" + r"ian", re.IGNORECASE
)
MACHINE = re.compile(r"(?<![\w.<-])/(?:ho" + r"me|ro" + r"ot|Us" + r"ers|wo" + r"rk)/[.\w]")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|Not" + r"ImplementedError")
SKIPPED = re.compile(r"pytest\.sk" + r"ip\(|mark\.(?:sk" + r"ip(?:if)?|xf" + r"ail)\b|assert " + r"True\b")


def found(pattern: re.Pattern[str]) -> list[str]:
    return [f"{name}: {match.group()}" for name, text in texts() if (match := pattern.search(text))]


def test_no_registry_is_named() -> None:
    assert found(REGISTRIES) == []


def test_no_path_of_one_machine_is_named() -> None:
    assert found(MACHINE) == []


def test_locks_are_asked_for_in_one_place() -> None:
    """And by who starts the site, which is there before anything else is."""
    asking = {
        name for name, text in texts() if name.endswith(".py") and not name.startswith("tests/") and FLOCK in text
    }
    assert asking == {"evaluators/farfield_evaluators/locks.py", "platform/farfield_local/lock.py"}


def test_nothing_is_unfinished_or_skipped() -> None:
    assert found(UNFINISHED) == []
    assert found(SKIPPED) == []
