"""Text embeddings on request, while a run goes on: of the networks whose features it is given, and of no other.

The runner is one process with hostile code, so nothing that it says is believed: a request has a fixed form and a
bounded length, and its prompts are text that is handed to code of the operator's in a sandbox of its own. So many
questions are read and answered; some later ones are answered with nothing, unread, as is one of another network. More
end the run.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from farfield.errors import JobError, ProtocolError
from farfield.runtime.asking_texts import HEAD, TEXTS, Question, announced, answer, understood, write_about
from farfield.texts import MOST_QUESTIONS, is_answered
from farfield_workers.backbones import Backbone
from farfield_workers.failures import RunFailure
from farfield_workers.feature_files import Features
from farfield_workers.quiet import Quiet
from farfield_workers.serving import Server
from farfield_workers.texts import Busy, TextCache

MOST_UNREAD = 20  # questions after those that are answered


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
        self._questions += 1
        if self._questions > MOST_QUESTIONS + MOST_UNREAD:
            raise RunFailure(ProtocolError.code, f"the run asked for text embeddings {self._questions} times")
        asked = self._read(request)
        for part in answer(self._told(asked) if asked else None):
            if not self.pipes.send(part):
                return

    def _read(self, request: bytes) -> Question | None:
        """None for one that is not answered any more, or that the run's end cut off. Raises RunFailure."""
        try:
            said = announced(request)
            if self._questions > MOST_QUESTIONS:
                self.pipes.skip(said.size)
                return None
            sent = self.pipes.read(said.size)
            return None if sent is None else understood(sent, said)
        except JobError as error:
            what = f"the run sent what is no request for text embeddings: {error}"
            raise RunFailure(ProtocolError.code, what) from error

    def _told(self, asked: Question) -> Features | None:
        prompts = asked.prompts
        backbone = next((each for each in self._backbones if _is(each, asked.backbone, asked.settings)), None)
        if backbone is None or not is_answered(prompts):
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
