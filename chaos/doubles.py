"""Every message twice: listens to what the broker is told, and tells it again under a new delivery tag."""

import codecs
import contextlib
import heapq
import itertools
import json
import random
import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import redis

from chaos.scene import Scene

QUEUES = {"site", "evaluate.cpu"}
WORDS = re.compile(rb'"((?:\\.|[^"\\])*)"')
KIND = "message delivered twice"
# On and off in turn: a message that is lost must not always be saved by its double.
ON_SECONDS, OFF_SECONDS = 30.0, 15.0
# Some doubles come at once, some when the first has long been handled.
DELAYS = (0.0, 0.0, 0.1, 1.0, 8.0)


def pushed(line: bytes) -> tuple[str, str] | None:
    """(queue, message) when a line of MONITOR tells of a message that was sent.

    >>> pushed(b'+1.5 [0 unix:/s] "LPUSH" "site" "{\\\\"a\\\\": 1}"')
    ('site', '{"a": 1}')
    """
    words = [codecs.escape_decode(word)[0].decode(errors="replace") for word in WORDS.findall(line)]
    if len(words) == 3 and words[0].upper() == "LPUSH" and words[1] in QUEUES:
        return words[1], words[2]
    return None


def double(text: str) -> tuple[str, str]:
    """(its own tag, the same message under a new tag), so that each is acknowledged for itself."""
    message = json.loads(text)
    own, new = str(message["properties"]["delivery_tag"]), str(uuid.uuid4())
    message["properties"]["delivery_tag"] = new
    return own, json.dumps(message)


class Doubler(threading.Thread):
    """Runs until the scene stops; survives a broker that comes and goes."""

    def __init__(self, scene: Scene, rng: random.Random) -> None:
        super().__init__(name="doubler", daemon=True)
        self._scene, self._rng = scene, rng
        self._client = redis.Redis(unix_socket_path=str(scene.broker), socket_timeout=3)
        self._ours: set[str] = set()
        self._due: list[tuple[float, int, str, str]] = []
        self._order = itertools.count()

    def run(self) -> None:
        while not self._scene.stop.is_set():
            with contextlib.suppress(OSError, redis.RedisError):
                for line in _monitor(self._scene.broker):
                    self._hear(line)
                    self._send_due()
                    if self._scene.stop.is_set():
                        break
            self._scene.stop.wait(0.2)
        self._client.close()

    def _hear(self, line: bytes) -> None:
        heard = pushed(line) if b'"LPUSH"' in line else None
        if heard is None or time.monotonic() % (ON_SECONDS + OFF_SECONDS) > ON_SECONDS:
            return
        queue, text = heard
        own, copy = double(text)
        if own not in self._ours:
            self._ours.update((own, json.loads(copy)["properties"]["delivery_tag"]))
            due = time.monotonic() + self._rng.choice(DELAYS)
            heapq.heappush(self._due, (due, next(self._order), queue, copy))

    def _send_due(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, queue, copy = heapq.heappop(self._due)
            self._client.lpush(queue, copy)
            self._scene.ledger.note(KIND, "report or reap" if queue == "site" else "wake")


def _monitor(path: Path) -> Iterator[bytes]:
    """Lines of MONITOR; an empty one when nothing was said for a moment. Raises OSError when the broker goes."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(0.1)
        client.connect(str(path))
        client.sendall(b"MONITOR\r\n")
        rest = b""
        while True:
            try:
                chunk = client.recv(1 << 20)
                if not chunk:
                    raise OSError("the broker went away")
            except TimeoutError:
                yield b""
                continue
            *lines, rest = (rest + chunk).split(b"\r\n")
            yield from lines
