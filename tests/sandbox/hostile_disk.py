"""Hostile methods that hide what they hold on the disk. Copied beside `hostile.py`, and only ever imported by it."""

import mmap
import os
import socket
import time

import numpy as np
from hostile import OUT, Method, test_inputs


class HidesInUnlinkedFiles(Method):
    """No folder shows what these hold."""

    def attack(self, images):
        self.held = [self.hidden(number) for number in range(12)]
        time.sleep(2)

    def hidden(self, number):
        path = OUT / f"unseen-{number}"
        file = path.open("w+b")
        path.unlink()
        return filled(file)


def filled(file):
    for _ in range(16):
        file.write(os.urandom(1 << 20))
    file.flush()
    return file


class HidesInNamelessFiles(HidesInUnlinkedFiles):
    def hidden(self, number):
        return filled(os.fdopen(os.open(OUT, os.O_TMPFILE | os.O_RDWR, 0o600), "w+b"))


class HidesInMappings(HidesInUnlinkedFiles):
    """Closed and unlinked, the file stays for as long as it is mapped."""

    def hidden(self, number):
        with super().hidden(number) as file:
            return mmap.mmap(file.fileno(), 4096)


class HidesInFlight(HidesInUnlinkedFiles):
    """A descriptor that was sent and not received is in no process. It is held to the very end."""

    def attack(self, images):
        super().attack(images)
        np.save(OUT / "logits.npy", np.zeros((test_inputs(), self.classes), np.float32))
        (OUT / "result.json").write_text('{"outputs": ["logits"]}')
        os._exit(0)

    def hidden(self, number):
        here, there = socket.socketpair()
        with super().hidden(number) as file:
            socket.send_fds(here, [b"x"], [file.fileno()])
        return here, there


class HidesInLockedFolders(HidesInUnlinkedFiles):
    def hidden(self, number):
        folder = OUT / f"locked-{number}" / "inner"
        folder.mkdir(parents=True)
        filled((folder / "file").open("wb")).close()
        for one in (folder, folder.parent):
            one.chmod(0)


class HidesDeep(Method):
    """Deeper than a path may be long, and than Python's stack."""

    def attack(self, images):
        here = os.open(OUT / "work", os.O_RDONLY)
        for _ in range(1500):
            os.mkdir("down", dir_fd=here)
            inner = os.open("down", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        filled(os.fdopen(os.open("file", os.O_CREAT | os.O_RDWR, dir_fd=here), "w+b"))
        time.sleep(600)
