"""Text embeddings on request: the messages between the runner and the worker that has them, and the runner's side.

In texts/ lie two named pipes, and `texts.json`, which says by which format. A request is the length of a JSON object
and this: the backbone, its settings and the prompts. The answer is the numbers of rows and of dimensions and the rows
float32: first the logit scale, in every column, then an embedding for each prompt. No rows say that there are none.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import JobError
from farfield.runtime.job import write_json
from farfield.runtime.pipes import Pipes, read_about
from farfield.texts import Embedded, Floats, Texts

FORMAT = 1
TEXTS, ABOUT = "texts", "texts.json"
MAGIC = b"FFT1"
HEAD = struct.Struct("<4sI")  # magic, bytes of the JSON
ANSWER = struct.Struct("<4sII")  # magic, rows, dimensions
NUMBER_BYTES = 4
MOST_BYTES = 16 << 20  # of a request


def write_about(folder: Path) -> None:
    write_json(folder / ABOUT, {"format": FORMAT})


def request(backbone: str, settings: Mapping[str, Any], prompts: Sequence[str]) -> bytes:
    """A question; longer than MOST_BYTES it is not to be sent."""
    said = json.dumps({"backbone": backbone, "settings": dict(settings), "prompts": list(prompts)}).encode()
    return HEAD.pack(MAGIC, len(said)) + said


def answer(rows: Floats | None) -> tuple[bytes | memoryview, ...]:
    """What is said to it, part by part: of rows [1 + P, D], None where there are none."""
    if rows is None:
        return (ANSWER.pack(MAGIC, 0, 0),)
    return ANSWER.pack(MAGIC, *rows.shape), np.ascontiguousarray(rows, "<f4").data.cast("B")


class AskedFor:
    """Text embeddings by pipes, as `Texts` asks for them."""

    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes

    def __call__(self, backbone: str, settings: Mapping[str, Any], prompts: Sequence[str]) -> Embedded | None:
        """Raises JobError for what is no answer."""
        question = request(backbone, settings, prompts)
        if len(question) - HEAD.size > MOST_BYTES:
            return None
        self._pipes.say(question)
        magic, count, width = ANSWER.unpack(self._pipes.hear(ANSWER.size))
        if magic != MAGIC or count not in (0, len(prompts) + 1):
            raise JobError(f"{count} rows were given for {len(prompts)} prompts")
        if not count:
            return None
        told = np.frombuffer(self._pipes.hear(count * width * NUMBER_BYTES), "<f4").reshape(count, width)
        rows = np.asarray(told, np.float32)
        return Embedded(embeddings=rows[1:], scale=float(rows[0, 0]))


def open_texts(folder: Path) -> Texts | None:
    """What a job's method may ask, `folder` being its in/; None where nothing is told."""
    texts = folder / TEXTS
    if not (texts / ABOUT).exists():
        return None
    read_about(texts / ABOUT, "text embeddings", FORMAT)
    return Texts(AskedFor(Pipes(texts)))
