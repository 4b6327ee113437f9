"""The command line: arguments, files and folders as somebody might type, name or leave them."""

import contextlib
import os
import sys
from pathlib import Path
from random import Random

from farfield.cli import build_parser, main
from fuzz import mutate, nonsense
from fuzz.case import Case, Wrong

COMMANDS = {
    "methods": (),
    "benchmarks": (),
    "new": ("my-method", "test-conformance", "json", "farfield"),
    "check": ("constant-detector", "constant", "./a", "a", "b.whl", "c.npz", "--method", "x"),
    "data": (
        "list",
        "import",
        "export",
        "verify",
        "remove",
        "repair",
        "farfield-mini",
        "imagenet",
        "domainbed/pacs",
        "a",
    ),
    "score": ("ood-detection", "classification", "domainbed", "a", "b.csv", "c.npz", "--format", "json", "--help"),
    "evaluate": ("lite0", "erm", "--benchmark", "imagenet-ood/mini", "domainbed/pacs", "--tier", "smoke", "--seed"),
    "submit": ("a", "b.csv", "--site", "http://127.0.0.1:9", "--benchmark", "--predictions", "--records"),
}
OPTIONS = (
    "--set",
    "--help",
    "--benchmark",
    "--format",
    "--output",
    "-x",
    "--",
    "=",
    "alpha=1",
    "a=",
    "--yes",
    "--json",
)
FILES = ("a", "b.csv", "c.npz", "d.json", "b.whl")
STATUSES = (0, 1, 2)
build_parser()  # loads the commands of all parts once, and not again for every case


class Commands:
    """A command ends with 0, 1 or 2, and says why without a traceback."""

    name = "commands"
    seconds = 90.0

    def make(self, rng: Random) -> Case:
        command = rng.choice(list(COMMANDS))
        count = rng.choice((0, 1, 2, 3, 4, 6))
        words = [command, *(_word(rng, command) for _ in range(count))]
        files = {name: _file(rng, name) for name in FILES if rng.random() < 0.7}
        return Case(words=tuple(words), files=files)

    def run(self, case: Case, folder: Path) -> str:
        _in(folder)
        status = _status(case.words)
        said = (folder / "said").read_text(encoding="utf-8", errors="replace")
        if "Traceback (most recent call last)" in said:
            raise Wrong(f"{case.words}: {said[-3000:]}")
        if "[platform." in said:
            raise Wrong(f"{case.words} is blamed on the platform: {said[-500:]}")
        if status not in STATUSES:
            raise Wrong(f"{case.words} ended with status {status}")
        return f"{case.words[0]} {status}"


def _word(rng: Random, command: str) -> str:
    return rng.choice((_known(rng, command), _known(rng, command), rng.choice(OPTIONS), _odd(rng)))


def _known(rng: Random, command: str) -> str:
    return rng.choice(COMMANDS[command] or ("x",))


def _odd(rng: Random) -> str:
    word = nonsense.text(rng).replace("\x00", "")
    return word.encode(errors="surrogateescape" if "\udc00" <= word[:1] <= "\udcff" else "replace").decode()[:5000]


def _file(rng: Random, name: str) -> bytes:
    plain = {
        "b.csv": b"id,score\n1,0.5\n2,0.25\n",
        "d.json": b'{"benchmark": "imagenet-ood/mini"}',
        "a": b"class,0\n",
        "c.npz": b"PK\x03\x04",
        "b.whl": b"PK\x05\x06" + b"\0" * 18,
    }[name]
    return rng.choice((plain, mutate.damaged(rng, plain), nonsense.json_text(rng).encode(errors="replace"), b""))


def _in(folder: Path) -> None:
    """Everything that a command writes lies in its own folder, and no data is imported there."""
    os.chdir(folder)
    for name in ("HOME", "FARFIELD_VAR", "XDG_CACHE_HOME"):
        os.environ[name] = str(folder / "home")
    said = os.open("said", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(said, 1)
    os.dup2(said, 2)


def _status(words: tuple[str, ...]) -> int:
    try:
        status = main(words)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    return status
