"""Hostile methods that write what is not to be read. Copied beside `hostile.py`, and only ever imported by it."""

import contextlib
import json
import os
import pickle
import time

import numpy as np
from hostile import OUT, Forges, Method


class Exploit:
    def __reduce__(self):
        return (os.system, ("touch /tmp/farfield-exploited",))


class ReturnsAPickle(Forges):
    def forge(self, count):
        (OUT / "logits.npy").write_bytes(pickle.dumps(Exploit()))


class ReturnsAnObjectArray(Forges):
    def forge(self, count):
        np.save(OUT / "logits.npy", np.array([Exploit()] * count, dtype=object), allow_pickle=True)


class ReturnsNaN(Forges):
    def forge(self, count):
        np.save(OUT / "logits.npy", np.full((count, self.classes), np.nan, np.float32))


class TooManyRows(Forges):
    def forge(self, count):
        np.save(OUT / "logits.npy", np.zeros((10 * count, self.classes), np.float32))


class TooFewRows(Forges):
    def forge(self, count):
        np.save(OUT / "logits.npy", np.zeros((count - 1, self.classes), np.float32))


class HeaderLies(Forges):
    """A header that claims a petabyte."""

    def forge(self, count):
        header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 40, self.classes)}
        with (OUT / "logits.npy").open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)


class LinksOut(Forges):
    def forge(self, count):
        (OUT / "logits.npy").symlink_to("/etc/passwd")
        (OUT / "probe-repeat.npy").symlink_to("/etc/shadow")


class NamedPipe(Forges):
    """Opening it waits for a writer that never comes."""

    def forge(self, count):
        os.mkfifo(OUT / "logits.npy")
        with contextlib.suppress(OSError):
            (OUT / "progress.json").unlink()
        os.mkfifo(OUT / "progress.json")
        time.sleep(1.5)


class DeepJson(Forges):
    def forge(self, count):
        super().forge(count)
        (OUT / "progress.json").write_text("[" * 1_000_000)
        (OUT / "error.json").write_text("{" * 1_000_000)
        time.sleep(1.0)


class LocksItsFolders(Forges):
    """Takes away the permission to look into what it leaves, so that it cannot be removed."""

    def forge(self, count):
        deep = OUT / "work" / "a" / "b"
        deep.mkdir(parents=True)
        (deep / "file").write_text("x")
        for folder in (deep, deep.parent, deep.parent.parent):
            folder.chmod(0)
        super().forge(count)


class BlamesThePlatform(Method):
    """Says that the platform failed, to be run again for ever at no cost."""

    def attack(self, images):
        (OUT / "error.json").write_text(json.dumps({"code": "platform.error", "message": "<script>x</script>" * 1000}))
        os._exit(1)
