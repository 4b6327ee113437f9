"""Labels on request: the messages between the runner and the worker that has them, and the runner's side.

In pool/ lie two named pipes, and `labels.json`, which says what may be asked for. A request is a number of positions,
and these; the answer is the same number of labels. One request is one round.
"""

import struct
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from farfield.errors import JobError
from farfield.labels import Budget, Ints, Labels
from farfield.runtime.job import write_json
from farfield.runtime.pipes import Pipes, read_about

FORMAT = 1
POOL, ABOUT = "pool", "labels.json"
MAGIC = b"FFL1"
HEAD = struct.Struct("<4sI")  # magic, count; of a request and of an answer, before as many int64
NUMBER_BYTES = 8


@dataclass(frozen=True, kw_only=True)
class About:
    """Of how many examples a label can be asked for, in how many rounds, and how many in each."""

    count: int
    rounds: int
    per_round: int
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        write_json(folder / ABOUT, asdict(self))

    @classmethod
    def read(cls, folder: Path) -> "About":
        """Raises JobError for a file of another format."""
        values = read_about(folder / ABOUT, "labels", FORMAT)
        try:
            return cls(**values)
        except TypeError as error:
            raise JobError(f"{ABOUT} has missing or unknown entries: {error}") from error


class AskedFor:
    """Labels by a pipe: `tell` of `Labels`."""

    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes

    def __call__(self, positions: Ints) -> Ints:
        """Raises JobError for what is no answer."""
        self._pipes.say(message(positions))
        magic, count = HEAD.unpack(self._pipes.hear(HEAD.size))
        if magic != MAGIC or count != len(positions):
            raise JobError(f"{count} labels were given for {len(positions)} that were asked for")
        return np.frombuffer(self._pipes.hear(count * NUMBER_BYTES), np.int64).copy()


def message(numbers: Ints) -> bytes:
    """Positions as a request, or labels as the answer to it."""
    return HEAD.pack(MAGIC, len(numbers)) + np.ascontiguousarray(numbers, np.int64).tobytes()


def open_labels(folder: Path) -> Labels | None:
    """The labels that a job's method may ask for, `folder` being its in/; None where it may ask for none."""
    pool = folder / POOL
    if not (pool / ABOUT).exists():
        return None
    about = About.read(pool)
    return Labels(Budget(rounds=about.rounds, per_round=about.per_round), about.count, AskedFor(Pipes(pool)))
