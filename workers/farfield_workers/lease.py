"""A claimed run's lease: a thread that heartbeats, ships log and progress, and notices when the run is not ours."""

import logging
import threading
import time
from collections.abc import Callable

from farfield import FarfieldError
from farfield_evaluators.wire import Claim, Usage
from farfield_workers.client import LeaseEnded, SiteClient, SiteRefused, SiteUnreachable
from farfield_workers.execution import Progress
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.usage import UsageCurve

CHUNK_CHARACTERS = 64 << 10
LINGER_SECONDS = 300.0
AGAIN_SECONDS = 10.0
log = logging.getLogger(__name__)


class Lease:
    """The observer of an evaluation. Its members raise Stopped once the lease has ended."""

    def __init__(self, client: SiteClient, claim: Claim, heartbeat_seconds: float) -> None:
        self._client = client
        self._claim = claim
        self._every = heartbeat_seconds
        self._stage = "preparing"
        self._progress: Progress | None = None
        self._usage = UsageCurve()
        self._log = ""
        self._shipped = 0  # characters of the log the site holds
        self._valid_until = time.monotonic() + claim.lease_seconds
        self._ended = threading.Event()
        self._wake = threading.Event()
        self._handing_back = threading.Event()
        self._linger_until: float | None = None
        self._send_again: Callable[[], None] = lambda: None
        self._sent_at = 0.0
        self._thread = threading.Thread(target=self._beat, name=f"lease-{claim.id[:8]}", daemon=True)

    def start(self) -> None:
        """Begin to heartbeat."""
        self._thread.start()

    def stage(self, name: str) -> None:
        self.alive()
        self._stage, self._progress = name, None
        self._wake.set()

    @property
    def current(self) -> str:
        """The stage that the run is in, for the report: the site may not have heard of it yet."""
        return self._stage

    def progress(self, progress: Progress) -> None:
        self._progress = progress

    def log(self, text: str) -> None:
        self._log += text

    def used(self, reading: Reading) -> None:
        self._usage.add(reading)

    @property
    def usage(self) -> Usage | None:
        """What the run used over time so far, None before its method was started."""
        return self._usage.told()

    def alive(self) -> None:
        if self._ended.is_set():
            raise Stopped

    def unshipped(self) -> tuple[str, int]:
        """(the part of the log the site does not have yet, its offset), for the report."""
        return self._log[self._shipped :], self._shipped

    def linger(self, send_again: Callable[[], None] = lambda: None) -> None:
        """The report is sent: hold the lease until the site has stored it, so that nobody starts anew meanwhile.

        A broker that dies takes the report with it, so it is sent again now and then; storing it twice does no harm.
        """
        self._send_again = send_again
        self._sent_at = time.monotonic()
        self._linger_until = self._sent_at + LINGER_SECONDS
        self._wake.set()

    def release(self) -> None:
        """Stop at once, without waiting for the site."""
        self._ended.set()
        self._wake.set()

    def hand_back(self) -> None:
        """The worker stops in order: tell the site at once, and stop. A run whose report is sent is left to it."""
        self._handing_back.set()
        self._wake.set()

    def _beat(self) -> None:
        while not self._ended.is_set():
            if self._handing_back.is_set():
                self._leave()
                return
            try:
                self._once()
            except (LeaseEnded, SiteRefused):
                self._ended.set()
            except SiteUnreachable:
                pass  # the lease says how long a silent site is borne
            now = time.monotonic()
            if now > self._valid_until or (self._linger_until is not None and now > self._linger_until):
                self._ended.set()
            if self._linger_until is not None and not self._ended.is_set() and now > self._sent_at + AGAIN_SECONDS:
                self._sent_at = now
                self._repeat()
            self._wake.wait(self._every)
            self._wake.clear()

    def _leave(self) -> None:
        """Once: a site that does not answer finds out by the lease."""
        try:
            if self._linger_until is None:
                self._client.hand_back(self._claim)
        except FarfieldError as error:
            log.warning("run %s cannot be handed back: %s", self._claim.id, error)
        finally:
            self._ended.set()

    def _repeat(self) -> None:
        try:
            self._send_again()
        except Exception as error:  # a broker that is away: the next time will do
            log.warning("the report of run %s cannot be sent again yet: %s", self._claim.id, error)

    def _once(self) -> None:
        chunk = self._log[self._shipped : self._shipped + CHUNK_CHARACTERS]
        progress = None if self._progress is None else vars(self._progress)
        sent = time.monotonic()
        seconds, length = self._client.heartbeat(self._claim, self._stage, progress, chunk, self._shipped, self.usage)
        self._valid_until = sent + seconds
        self._shipped = min(max(length, 0), len(self._log))
