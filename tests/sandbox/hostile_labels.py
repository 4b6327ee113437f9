"""Hostile methods that want labels which they may not have. Copied into a plugin folder, imported in sandboxes only."""

import os
import struct
import time
from pathlib import Path

import numpy as np

from farfield import Images, MethodSpec, Resources, TaskFamily, TrackClaims, hookimpl

POOL = Path("/farfield/in/pool")


class Asks:
    """Keeps to the rules."""

    def __init__(self, context):
        self.classes = context.class_count

    def fit(self, train, *, pool, labels):
        self.attack(pool, labels)

    def attack(self, pool, labels):
        labels.ask(range(labels.budget.per_round))

    def predict(self, images):
        return np.zeros((len(images), self.classes), np.float32)


def say(*positions):
    ask = os.open(POOL / "ask", os.O_WRONLY)
    os.write(ask, struct.pack("<4sI", b"FFL1", len(positions)) + np.array(positions, np.int64).tobytes())
    return ask


class AsksBeyondTheBudget(Asks):
    """Past the runner's own checks, with an account that it has made new."""

    def attack(self, pool, labels):
        for position in range(len(pool)):
            say(position)
        time.sleep(60)


class AsksOnceItPredicts(Asks):
    def predict(self, images):
        say(0)
        time.sleep(60)


class FloodsTheDesk(Asks):
    def attack(self, pool, labels):
        ask = os.open(POOL / "ask", os.O_WRONLY)
        while True:
            os.write(ask, os.urandom(65536))


class StopsWithinAQuestion(Asks):
    """Half a request, which nobody waits for: the run goes on and is scored."""

    def attack(self, pool, labels):
        os.write(os.open(POOL / "ask", os.O_WRONLY), b"FFL1")


class LooksForLabels(Asks):
    """In every file of the pool, and in what the budget's file says."""

    def attack(self, pool, labels):
        for path in POOL.iterdir():
            if path.name not in ("ask", "give", "domains.npy", "images.bin", "spans.npy", "labels.json"):
                print("GOT a file", path, flush=True)
        if (pool.labels != -1).any():
            print("GOT labels", flush=True)
        try:
            (POOL / "labels.json").write_text("{}")
            print("GOT to write", flush=True)
        except OSError:
            pass


@hookimpl
def farfield_methods():
    kinds = (Asks, AsksBeyondTheBudget, AsksOnceItPredicts, FloodsTheDesk, StopsWithinAQuestion, LooksForLabels)
    return [
        MethodSpec(
            name="".join(f"-{c.lower()}" if c.isupper() else c for c in kind.__name__)[1:],
            family=TaskFamily.CLASSIFICATION,
            summary=kind.__name__,
            build=kind,
            inputs=Images(size=16),
            claims=TrackClaims(backbone="none"),
            resources=Resources(memory_gib=0.5, minutes=0.2),
        )
        for kind in kinds
    ]
