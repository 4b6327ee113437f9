"""What a killed worker leaves behind, cleared when it starts again: scratch folders, containers, control groups.

A scratch folder holds a lock file's descriptor open only while its worker lives, so folders of living workers on the
same machine are never touched.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from farfield_evaluators.locks import alone, if_free
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.sandbox.memory.choice import remove_left_groups
from farfield_workers.trees import remove_tree

log = logging.getLogger(__name__)
LOCK_SUFFIX = ".lock"


def scratch_of(var: Path) -> Path:
    """Where runs are laid out and write: it may be on a disk of its own."""
    folder = var / "scratch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def scratch_folder(var: Path, kind: str) -> Iterator[Path]:
    """A new private folder below `var`; removed at the end, or by `clear_leftovers` when we are killed.

    Raises OSError where it cannot be removed; `cleared` does then, later.
    """
    folder = scratch_of(var) / f"{kind}-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    lock = folder.with_name(folder.name + LOCK_SUFFIX)
    with alone(lock):
        try:
            yield folder
        finally:
            remove_tree(folder)
            lock.unlink(missing_ok=True)


def clear_leftovers(var: Path, sandbox: Sandbox) -> int:
    """Remove what no living worker holds; how many that were. Safe to run at any time."""
    count = sum(cleared(folder) for folder in scratch_of(var).glob("*-*") if folder.is_dir())
    remove = getattr(sandbox, "remove_leftovers", None)
    count += remove() if remove else 0
    count += remove_left_groups()
    if count:
        log.info("cleared %d leftovers of workers that were killed", count)
    return count


def cleared(folder: Path) -> bool:
    """Remove a scratch folder that nobody holds; whether it is gone now."""
    lock = folder.with_name(folder.name + LOCK_SUFFIX)
    with suppress(OSError), if_free(lock, made=False) as free:
        if free:
            remove_tree(folder)
            lock.unlink(missing_ok=True)
        return free
    return False
