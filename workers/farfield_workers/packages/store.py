"""A folder of built packages: each is made once, and is either there as a whole or not at all."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from farfield_evaluators.locks import locked
from farfield_workers.trees import remove_tree

WAIT_SECONDS = 0.5
DONE = "done"


def stored(home: Path, key: str, make: Callable[[Path], None], tick: Callable[[], None]) -> Path:
    """The folder `home`/`key`; when it is not there, it is what `make` puts into the folder DONE of a temporary one.

    Of several callers, in several processes, one makes it and the others wait, calling `tick` about twice a second.
    What `make` raises passes through, and nothing is kept.
    """
    target = home / key
    if not target.exists():
        home.mkdir(parents=True, exist_ok=True)
        with locked(home / f".{key}.lock", tick, WAIT_SECONDS):
            _discard_leftovers(home, key)
            if not target.exists():
                _make(target, make)
    return target


def _make(target: Path, make: Callable[[Path], None]) -> None:
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        (draft / DONE).mkdir()
        make(draft)
        (draft / DONE).rename(target)
    finally:
        _removed(draft)


def _discard_leftovers(home: Path, key: str) -> None:
    """Whoever made these was killed: it held the lock that is ours now."""
    for leftover in home.glob(f".{key}.*.part"):
        _removed(leftover)


def _removed(draft: Path) -> None:
    """What cannot be removed now is removed by the next who makes it; it must not hide what `make` raised."""
    with contextlib.suppress(OSError):
        remove_tree(draft)
