"""Text embeddings on request: the messages between the runner and the worker that has them, and the runner's side.

In texts/ lie two named pipes, and `texts.json`, which says by which format. A request says how long its parts are, and
then come these: a JSON object with the backbone and its settings, the length of each prompt, and the prompts as UTF-8.
So its cost is bounded before any of it is parsed. The answer is the numbers of rows and of dimensions and the rows
float32: first the logit scale, in every column, then an embedding for each prompt. No rows say that there are none.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import JobError
from farfield.runtime.job import write_json
from farfield.runtime.pipes import Pipes, read_about
from farfield.texts import MOST_PROMPTS, MOST_QUESTIONS, MOST_TEXT_BYTES, Embedded, Floats, Texts

FORMAT = 1
TEXTS, ABOUT = "texts", "texts.json"
MAGIC = b"FFT1"
HEAD = struct.Struct("<4sIII")  # magic, bytes of the JSON, prompts, bytes of their text
ANSWER = struct.Struct("<4sII")  # magic, rows, dimensions
NUMBER_BYTES = 4
MOST_NETWORK_BYTES = 64 << 10  # of the JSON


@dataclass(frozen=True, kw_only=True)
class Announced:
    """How long a request is that follows: the JSON in bytes, the number of prompts, and their text in bytes."""

    network: int
    prompts: int
    text: int

    @property
    def size(self) -> int:
        return self.network + NUMBER_BYTES * self.prompts + self.text


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whose embeddings are asked for, and of what."""

    backbone: str
    settings: dict[str, Any]
    prompts: list[str]


def write_about(folder: Path) -> None:
    write_json(folder / ABOUT, {"format": FORMAT})


def request(backbone: str, settings: Mapping[str, Any], prompts: Sequence[str]) -> bytes | None:
    """A question; None for one that is too long, or whose prompts have no form as UTF-8."""
    network = json.dumps({"backbone": backbone, "settings": dict(settings)}).encode()
    try:
        texts = [prompt.encode() for prompt in prompts]
    except UnicodeEncodeError:
        return None
    lengths, text = np.array([len(each) for each in texts], "<u4"), b"".join(texts)
    head = HEAD.pack(MAGIC, len(network), len(texts), len(text))
    try:
        announced(head)
    except JobError:
        return None
    return head + network + lengths.tobytes() + text


def announced(head: bytes) -> Announced:
    """What a request's first bytes say of it. Raises JobError for what is no request, or is one beyond the bounds."""
    magic, network, prompts, text = HEAD.unpack(head)
    within = network <= MOST_NETWORK_BYTES and 1 <= prompts <= MOST_PROMPTS and text <= MOST_TEXT_BYTES
    if magic != MAGIC or not within:
        raise JobError(f"{network} bytes of JSON and {text} of text in {prompts} prompts")
    return Announced(network=network, prompts=prompts, text=text)


def understood(sent: bytes, said: Announced) -> Question:
    """A request of that length. Raises JobError for what is no question."""
    try:
        network = json.loads(sent[: said.network])
        backbone, settings = str(network["backbone"]), dict(network["settings"])
        lengths = np.frombuffer(sent, "<u4", said.prompts, said.network)
        ends = np.cumsum(lengths, dtype=np.int64).tolist()
        if ends[-1] != said.text:
            raise ValueError(f"prompts of {ends[-1]} bytes in {said.text}")
        text = memoryview(sent)[said.size - said.text :]
        prompts = [str(text[start:end], "utf-8") for start, end in zip([0, *ends], ends, strict=False)]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise JobError(f"what was sent is no question: {error}") from error
    return Question(backbone=backbone, settings=settings, prompts=prompts)


def answer(rows: Floats | None) -> tuple[bytes | memoryview, ...]:
    """What is said to it, part by part: of rows [1 + P, D], None where there are none."""
    if rows is None:
        return (ANSWER.pack(MAGIC, 0, 0),)
    return ANSWER.pack(MAGIC, *rows.shape), np.ascontiguousarray(rows, "<f4").data.cast("B")


class AskedFor:
    """Text embeddings by pipes, as `Texts` asks for them: so often as is answered, and no more."""

    def __init__(self, pipes: Pipes) -> None:
        self._pipes, self._asked = pipes, 0

    def __call__(self, backbone: str, settings: Mapping[str, Any], prompts: Sequence[str]) -> Embedded | None:
        """Raises JobError for what is no answer."""
        question = request(backbone, settings, prompts)
        if question is None or self._asked == MOST_QUESTIONS:
            return None
        self._asked += 1
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
