"""Hostile methods that want test images before it is time. Copied beside `hostile.py`, and only ever imported by it."""

import atexit
import json
import os
import signal
import stat
import struct
import time
from pathlib import Path

import numpy as np
from hostile import OUT, Forges, Method, got

IN = Path("/farfield/in")
REQUEST = struct.Struct("<4sB3xI32s")
ANSWER = struct.Struct("<4sIQ")
NEXT, DONE, AGAIN, PIXELS = 1, 2, 3, 5


class Pipes:
    """The protocol by hand, without the runner."""

    def __init__(self):
        self.ask = os.open(IN / "test" / "ask", os.O_WRONLY)
        self.give = os.open(IN / "test" / "give", os.O_RDONLY)
        self.about = json.loads((IN / "test" / "stream.json").read_text())

    def say(self, kind, count, digest=bytes(32)):
        os.write(self.ask, REQUEST.pack(b"FFT1", kind, count, digest))

    def answer(self):
        _, _, size = ANSWER.unpack(self.exactly(ANSWER.size))
        return self.exactly(size)

    def exactly(self, size):
        found = b""
        while len(found) < size:
            found += os.read(self.give, size - len(found))
        return found

    def take_all(self):
        count, window = self.about["count"], self.about["window"]
        for start in range(0, count, window):
            self.say(NEXT, min(window, count - start))
            self.answer()
        self.say(DONE, 0)
        self.answer()


class LooksWhileItLearns(Method):
    """Every test image that lies somewhere, by its name or within the images of the training split."""

    def fit(self, train):
        super().fit(train)
        for path in IN.rglob("*"):
            mode = path.lstat().st_mode
            known = path.parent.name == "train" or path.name in ("job.json", "stream.json")
            if not stat.S_ISDIR(mode) and not stat.S_ISFIFO(mode) and not known:
                got("a file of", path)
        spans, blob = IN / "train" / "spans.npy", IN / "train" / "images.bin"
        if spans.exists():
            spans = np.load(spans)
            if blob.stat().st_size > np.ptp(np.unique(spans, axis=0), axis=1).sum():
                got("more images than those of the training split")


class AsksWhileItLearns(Method):
    """Takes them all before a single one is predicted, and then lets the runner go on."""

    def fit(self, train):
        super().fit(train)
        Pipes().take_all()


class AsksAndForges(Forges):
    """Takes them all, and writes its predictions afterwards."""

    def fit(self, train):
        super().fit(train)
        Pipes().take_all()
        self.attack(None)


class NeverAsks(Forges):
    def fit(self, train):
        super().fit(train)
        self.attack(None)


class AsksOutOfOrder(Method):
    def attack(self, images):
        pipes = Pipes()
        os.write(pipes.ask, REQUEST.pack(b"FFT1", AGAIN, 1, bytes(32)) + struct.pack("<q", 0))
        time.sleep(600)


class AsksForOtherPixels(Method):
    """Before the runner asks for those that it declares: so large that all others would leave the cache for them."""

    def __init__(self, context):
        super().__init__(context)
        os.write(Pipes().ask, REQUEST.pack(b"FFT1", PIXELS, 0, bytes(32)) + struct.pack("<IIBB", 1024, 0, 0, 0))
        time.sleep(600)


class FloodsTheRequests(Method):
    def attack(self, images):
        pipes = Pipes()
        while True:
            os.write(pipes.ask, os.urandom(65536))


class AsksWithoutEnd(Method):
    """Once all are predicted, every one of them again and again."""

    def predict(self, images):
        logits = super().predict(images)
        self.seen = getattr(self, "seen", 0) + len(images)
        if self.seen > json.loads((IN / "test" / "stream.json").read_text())["count"]:
            pipes = Pipes()
            while True:
                os.write(pipes.ask, REQUEST.pack(b"FFT1", AGAIN, 1, bytes(32)) + struct.pack("<q", 0))
                pipes.answer()
        return logits


class StopsWithinARequest(Method):
    """Half a request, and nobody who reads."""

    def attack(self, images):
        os.write(Pipes().ask, b"FFT1")
        time.sleep(600)


class DiesWithinAnAnswer(Method):
    def fit(self, train):
        super().fit(train)
        pipes = Pipes()
        pipes.say(NEXT, pipes.about["window"])
        pipes.exactly(ANSWER.size + 1)
        os.kill(os.getpid(), signal.SIGKILL)


class ChangesItsMind(Method):
    """Writes other predictions when all test images have been seen."""

    def attack(self, images):
        atexit.register(self.change)

    def change(self):
        logits = np.load(OUT / "logits.npy")
        np.save(OUT / "logits.npy", logits[:, ::-1])


class PoisonsFeatures(Method):
    """Wants what the next run is given in the place of images to be its own."""

    def fit(self, train):
        super().fit(train)
        self.features = next(train.batches(2)).inputs
        self.features[:] = 77  # a copy, if it is right

    def predict(self, inputs):
        if not self.done:
            self.done = True
            self.attack(inputs)
        return np.eye(self.classes, dtype=np.float32)[np.arange(len(inputs)) % self.classes]

    def attack(self, inputs):
        inputs[:] = 77
        mine = np.full((4, 3), 77, np.float32)
        np.save(OUT / "features.npy", mine)
        for path in (IN / "train" / "features.npy", IN / "test" / "features.npy", IN / "job.json"):
            try:
                np.save(path, mine)
                got("wrote", path)
            except OSError:
                pass
        for path in Path("/farfield").rglob("*.npy"):
            if os.access(path, os.W_OK) and OUT not in path.parents:
                got("could write", path)
