"""What answers a run through its pipes while it goes on: a thread of the worker, and the failure that it ends with."""

import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from farfield_workers.failures import RunFailure
from farfield_workers.pipes import Pipes

ENDING_SECONDS = 10.0


class Server(ABC):
    """Answers requests of `request_bytes` each: `with server:`, and `check` now and then.

    `answer` is asked for each; `broken` is the code of a failure that is the platform's, and `noun` what cannot be
    given then. An answer may take longer than the run: everything stays open until the last who uses it has left.
    """

    request_bytes: int
    broken: str
    noun: str

    def __init__(self, folder: Path) -> None:
        self.pipes = Pipes(folder)
        self._users, self._leaving = 2, threading.Lock()  # the thread, and who started it
        self._failure: RunFailure | None = None
        self._thread = threading.Thread(target=self._serve, name=self.noun.replace(" ", "-"), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pipes.stop()
        self._thread.join(ENDING_SECONDS)
        self._leave()

    def check(self) -> None:
        """Raises RunFailure for a run that has asked for what it is not given, or where nothing can be given."""
        if self._failure is not None:
            raise self._failure

    @abstractmethod
    def answer(self, request: bytes) -> None:
        """Answer a request. Raises RunFailure for one that ends the run."""

    def close(self) -> None:  # noqa: B027  (most have nothing to close)
        """Nothing is given any more."""

    def _serve(self) -> None:
        try:
            while (request := self.pipes.read(self.request_bytes)) is not None:
                self.answer(request)
        except RunFailure as failure:
            self._failure = failure
        except Exception as error:
            self._failure = RunFailure(self.broken, f"{self.noun} cannot be given: {error}", infrastructure=True)
        finally:
            self._leave()

    def _leave(self) -> None:
        """Close everything for the last of the two: a number that the thread writes to is no other run's pipe."""
        with self._leaving:
            self._users -= 1
            if self._users:
                return
        self.pipes.close()
        self.close()
