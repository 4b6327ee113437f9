"""Compiles the modules of a base environment beside the work: a sandbox cannot keep what it compiled.

`python -m farfield_workers.compiling FOLDER` is started by every worker. It takes half a minute of an idle core, at the
lowest priority, so that no first run waits for it; a folder that is done, or that another worker compiles, costs
nothing. Compiled files appear whole or not at all, so a sandbox may use the folder meanwhile.
"""

import compileall
import os
import subprocess
import sys
from pathlib import Path

from farfield_evaluators.locks import if_free

LOWEST_PRIORITY = 19
DONE, BUSY = ".compiled", ".compiling"
_children: "list[subprocess.Popen[bytes]]" = []  # held, for nobody waits for them


def compile_in_background(folder: Path) -> "subprocess.Popen[bytes] | None":
    """Start compiling what is not compiled yet; None when all is. The process may be left to itself, or killed."""
    done, _ = marks(folder)
    if done.exists():
        return None
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", "farfield_workers.compiling", str(folder)]
    child = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    _children[:] = [*(other for other in _children if other.poll() is None), child]
    return child


def compile_all(folder: Path) -> bool:
    """Compile every module below `folder`; False when another process is at it."""
    done, busy = marks(folder)
    with if_free(busy) as free:
        if free:
            # What does not compile, as a template or a file for another Python, is nobody's failure. Paths inside the
            # compiled files are those that a sandbox sees.
            compileall.compile_dir(folder, quiet=2, stripdir=str(folder))
            done.touch()
        return free


def marks(folder: Path) -> tuple[Path, Path]:
    """The files beside a base environment that say how far its compilation is: done, and being done."""
    return folder.with_name(folder.name + DONE), folder.with_name(folder.name + BUSY)


if __name__ == "__main__":
    os.nice(LOWEST_PRIORITY)
    compile_all(Path(sys.argv[1]))
