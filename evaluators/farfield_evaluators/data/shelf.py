"""The packs of this machine: which are there, which is in use under a name, and whether they are whole."""

import os
import re
from pathlib import Path

from farfield_evaluators.data.damage import damages
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.pack import Pack, damaged, read_pack, whole

FINGERPRINT = re.compile(r"[0-9a-f]{32}")


def is_imported(packs: Path, name: str) -> bool:
    """Whether a pack of that name is there, whole or damaged."""
    return (packs / name / "current").exists()


def open_pack(packs: Path, name: str) -> Pack:
    """The pack in use. Raises PackError when it was never imported, is of another format, or lacks a file."""
    return whole(read_pack(packs / name / current(packs, name)))


def current(packs: Path, name: str) -> str:
    """The fingerprint in use. Raises PackError when there is none."""
    try:
        found = (packs / name / "current").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise PackError(f"pack {name!r} is not imported here; `farfield data import {name}` brings it") from None
    except OSError as error:
        raise PackError(f"pack {name!r} cannot be read: {error.filename}: {error.strerror}") from error
    if not FINGERPRINT.fullmatch(found):
        raise damaged(name, ["its file `current` holds no fingerprint"])
    return found


def problems_of(folder: Path) -> list[str]:
    """What is wrong with the pack in a folder; nothing for one that is intact. Every byte is read."""
    try:
        return damages(read_pack(folder))
    except PackError as error:
        return [str(error)]


def list_packs(packs: Path) -> list[Pack]:
    """Every imported pack, by name. Raises PackError for one that cannot be opened."""
    return [open_pack(packs, name) for name in imported(packs)]


def imported(packs: Path) -> list[str]:
    """The names of packs that are there, whole or damaged."""
    markers = [*packs.glob("*/current"), *packs.glob("*/*/current")]
    return sorted(marker.parent.relative_to(packs).as_posix() for marker in markers)


def verify(pack: Pack) -> None:
    """Recompute the fingerprint from what is on disk. Raises PackError naming the files that are damaged."""
    problems = damages(pack)
    if problems:
        raise damaged(pack.name, problems)


def set_current(home: Path, chosen: str) -> None:
    """Put this pack in use under its name. Raises OSError."""
    draft = home / "current.part"
    draft.write_text(chosen + "\n", encoding="utf-8")
    os.replace(draft, home / "current")
