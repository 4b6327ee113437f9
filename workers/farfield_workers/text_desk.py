"""Text embeddings on request, while a run goes on: of the networks whose features it is given, and of no other.

The runner is one process with hostile code, so nothing that it says is believed: a request has a fixed form and a
bounded length, and its prompts are text that is handed to code of the operator's in a sandbox of its own. So many
questions are answered; every later one is answered with nothing, as is one of another network.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from farfield.errors import ProtocolError
from farfield.runtime.asking_texts import HEAD, MAGIC, MOST_BYTES, TEXTS, answer, write_about
from farfield.texts import MOST_QUESTIONS, is_answered
from farfield_workers.backbones import Backbone
from farfield_workers.failures import RunFailure
from farfield_workers.feature_files import Features
from farfield_workers.quiet import Quiet
from farfield_workers.serving import Server
from farfield_workers.texts import Busy, TextCache


class TextDesk(Server):
    """Tells a run the text embeddings of its `backbones`; two pipes and `texts.json` are made in `folder`."""

    request_bytes, broken, noun = HEAD.size, "platform.features", "text embeddings"

    def __init__(self, folder: Path, backbones: Sequence[Backbone], cache: TextCache) -> None:
        folder.mkdir()
        write_about(folder)
        self._backbones, self._cache = backbones, cache
        self._questions, self._rows, self._were_there = 0, 0, 0
        self._beside = _Beside()
        super().__init__(folder)

    @property
    def cached(self) -> dict[str, float]:
        """For the run's record: the share of prompts that was there before, nothing where none was asked for."""
        return {"texts": round(self._were_there / self._rows, 4)} if self._rows else {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the log of a run that has ended says of them."""
        return tuple(self._beside.lines)

    def __exit__(self, *error: object) -> None:
        self._beside.over = True
        super().__exit__(*error)

    def answer(self, request: bytes) -> None:
        magic, length = HEAD.unpack(request)
        if magic != MAGIC or length > MOST_BYTES:
            raise RunFailure(ProtocolError.code, "the run sent what is no request for text embeddings")
        sent = self.pipes.read(length)
        for part in answer(self._told(sent)) if sent is not None else ():
            self.pipes.send(part)

    def _told(self, sent: bytes) -> Features | None:
        self._questions += 1
        backbone, prompts = self._understood(sent)
        if backbone is None or self._questions > MOST_QUESTIONS or not is_answered(prompts):
            return None
        try:
            rows, were_there = self._cache.look(prompts, backbone, self._beside)
        except (RunFailure, Busy) as failure:
            if isinstance(failure, RunFailure) and failure.infrastructure:
                raise
            self._beside.log(f"note: text embeddings of {backbone.name} are not to be had: {failure}\n")
            return None
        self._rows += len(prompts)
        self._were_there += len(prompts) * were_there
        return rows

    def _understood(self, sent: bytes) -> tuple[Backbone | None, list[str]]:
        """(the network of the run's that is meant, the prompts). Raises RunFailure for what is no question."""
        try:
            said = json.loads(sent)
            name, settings, prompts = said["backbone"], dict(said["settings"]), list(said["prompts"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise RunFailure(ProtocolError.code, "the run sent what is no request for text embeddings") from error
        return next((each for each in self._backbones if _is(each, name, settings)), None), prompts


def text_desk(inputs: Path, backbones: Sequence[Backbone], cache: TextCache) -> TextDesk | None:
    """The desk of a run that is laid out in `inputs`; None where none of its networks has a text side."""
    able = [backbone.shown_nothing for backbone in backbones if backbone.texts]
    return TextDesk(inputs / TEXTS, able, cache) if able else None


def _is(backbone: Backbone, name: object, settings: Mapping[str, Any]) -> bool:
    return backbone.name == name and dict(backbone.settings) == settings


class _Beside(Quiet):
    """Observes what is computed beside a run, by its end alone; the lines go into the run's log afterwards."""

    def __init__(self) -> None:
        self.over = False
        self.lines: list[str] = []

    def log(self, text: str) -> None:
        self.lines.append(text)

    def alive(self) -> None:
        """Raises RunFailure once the run has ended."""
        if self.over:
            raise RunFailure("platform.features", "the run ended meanwhile", infrastructure=True)
