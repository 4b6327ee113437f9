"""A runner that is started before there is a job: it imports what runs need, waits for a word, and is the runner then.

    python -m farfield.runtime.waiting [--plugin NAME ...] [--module NAME ...] [--first FOLDER] INPUT OUTPUT

`--plugin` and `--module` are imported at once; they are the operator's. `--first` is where somebody's package lies:
nothing of it is imported before the word comes, which is one byte on standard input. Without it, when whoever would
give the word is gone, this process ends. It serves one job, as every runner.
"""

import argparse
import contextlib
import gc
import importlib
import os
import runpy
import sys
from collections.abc import Iterable
from pathlib import Path

RUNNER = "farfield.runner"
# What runs import at some time, and Pillow when it first opens an image.
USUAL = ("farfield.runtime.run", "PIL.Image", "PIL.JpegImagePlugin", "PIL.PngImagePlugin")
# What Python imports by itself where it finds it, before any other module.
AT_START = ("sitecustomize", "usercustomize")


def main(argv: list[str]) -> int:
    """Wait, and become the runner, which ends the process; 0 where no word came."""
    asked = _parser().parse_args(argv)
    for name in (*USUAL, *asked.module):
        _imported(name)
    for name in asked.plugin:
        _load(name)
    gc.freeze()  # what is there now stays, and need not be looked through again
    if not _told():
        return 0
    if asked.first:
        _put_first(asked.first)
        if shadowed(asked.first, sys.modules):
            os.execv(sys.executable, [sys.executable, "-m", RUNNER, asked.input, asked.output])
    sys.argv[1:] = [asked.input, asked.output]
    runpy.run_module(RUNNER, run_name="__main__", alter_sys=True)
    return 0


def shadowed(folder: str, imported: Iterable[str]) -> bool:
    """Whether a folder that comes first on the import path has a module that was imported from elsewhere, or would
    have been at the start: what runs would not be what a fresh start runs."""
    known = {name.partition(".")[0] for name in imported} | set(AT_START)
    return any(entry.name.partition(".")[0] in known for entry in Path(folder).iterdir())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="A runner that waits for its job.")
    parser.add_argument("--plugin", action="append", default=[])
    parser.add_argument("--module", action="append", default=[])
    parser.add_argument("--first", default="")
    parser.add_argument("input")
    parser.add_argument("output")
    return parser


def _imported(name: str) -> None:
    """What is wrong with a module is said when the job imports it."""
    with contextlib.suppress(Exception, SystemExit):
        importlib.import_module(name)


def _load(plugin: str) -> None:
    from farfield.registry import load_ahead

    with contextlib.suppress(Exception):
        load_ahead(plugin)


def _told() -> bool:
    """Whether the word came. Standard input is empty from then on, as it is for every runner."""
    word = os.read(0, 1)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return word != b""


def _put_first(folder: str) -> None:
    sys.path.insert(0, folder)
    rest = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = f"{folder}:{rest}" if rest else folder


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
