"""Ends the site of this checkout, and takes away what lies outside its folder; `make clean` calls it.

Called as `python -m farfield_local.stop`.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

from farfield_evaluators.paths import var_folder
from farfield_local import leftovers
from farfield_local.lock import is_running
from farfield_local.sockets import remove_elsewhere
from farfield_workers.leftovers import cleared

END_SECONDS = 20.0


def stop(var: Path) -> bool:
    """True when nothing of `var` runs any more."""
    var = var.resolve()
    running = is_running(var)
    if running is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGTERM)
        limit = time.monotonic() + END_SECONDS
        while is_running(var) and time.monotonic() < limit:
            time.sleep(0.1)
    leftovers.end(lambda: leftovers.marked(var), signal.SIGTERM, grace=2.0)
    for service in ("postgres", "redis"):
        remove_elsewhere(var / service)
    if is_running(var) is not None:
        return False
    for folder in (var / "scratch").glob("*-*"):
        if folder.is_dir():
            cleared(folder)  # of a run that was under way: it may be a file system of its own, which no `rm` removes
    return True


if __name__ == "__main__":
    sys.exit(0 if stop(var_folder()) else 1)
