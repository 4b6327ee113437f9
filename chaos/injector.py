"""Chooses faults, again and again, so that every kind has its share."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

import redis
from kombu.exceptions import OperationalError

from chaos.database import Away
from chaos.faults import FAULTS
from chaos.scene import Scene

# On a slow machine the site must get some work done between two faults: so many at first, per run that has ended, and
# per second all the same.
AT_FIRST, PER_RUN, PER_SECOND = 4.0, 0.6, 0.12


class Injector(threading.Thread):
    """Injects until `enough` is set or the scene stops; `problem` says why it gave up. `ended` counts ended runs."""

    def __init__(
        self, scene: Scene, kinds: tuple[str, ...], pause: float, ended: Callable[[], int], rng: random.Random
    ) -> None:
        super().__init__(name="injector", daemon=True)
        self.enough = threading.Event()
        self.problem = ""
        self._scene, self._kinds, self._pause, self._rng = scene, kinds, pause, rng
        self._ended = ended
        self._begin = time.monotonic()
        self._tried: Counter[str] = Counter()

    def run(self) -> None:
        try:
            while not self.enough.wait(self._rng.uniform(0, 2 * self._pause)) and not self._scene.stop.is_set():
                if self._tried.total() < self._allowed():
                    self._inject(self._next())
        except Exception as error:
            self.problem = f"the fault injector gave up: {type(error).__name__}: {error}"

    def _allowed(self) -> float:
        """How many faults the site can bear so far."""
        return AT_FIRST + PER_RUN * self._ended() + PER_SECOND * (time.monotonic() - self._begin)

    def _next(self) -> str:
        """The kind that is furthest behind its share; by chance among equals."""
        behind = {kind: self._tried[kind] / FAULTS[kind][1] for kind in self._kinds}
        least = min(behind.values())
        return self._rng.choice([kind for kind, share in behind.items() if share <= least])

    def _inject(self, kind: str) -> None:
        self._tried[kind] += 1
        self._scene.ledger.tell(kind)
        try:
            FAULTS[kind][0](self._scene, self._rng)
        except (Away, redis.RedisError, OperationalError, KeyError):
            # An earlier fault is still felt: what was to be looked at is away for the moment.
            self._scene.stop.wait(0.5)
        finally:
            self._scene.ledger.tell(f"end of {kind}")
