"""Known attacks, each run as a submitted method through the whole evaluation path, on every isolating backend.

For each: what happens to it, what its author is told, and that the next run on the same worker is unharmed. Under
bubblewrap they run in sandboxes that were started ahead, as any but the first two runs of a method do.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import psutil
import pytest
from tests.sandbox.laid import laid_out
from tests.unit.workers.conftest import Recorder, whole

from farfield import Frozen
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_workers import evaluation
from farfield_workers.backbones import Backbone
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.feature_files import IMAGES, keep
from farfield_workers.inspection import Candidate, inspect
from farfield_workers.installed import Installed, limits_of
from farfield_workers.next_run import NextRun
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox import volume
from farfield_workers.sandbox.base import MIB, Sandbox, StartsAhead
from farfield_workers.sandbox.docker import DockerSandbox
from farfield_workers.sandbox.usage import tree
from farfield_workers.shared_features import digests_of

PARTS = ("hostile", "hostile_disk", "hostile_inputs", "hostile_outputs")
SOURCES = [Path(__file__).with_name(f"{name}.py") for name in PARTS]
BENCHMARK = find("imagenet-ood/mini")
CANARY = "canary-7d1f0c"
# What a run that survives its own attack must not take: its limit is 6 s, and ending it takes a moment.
LONGEST_SECONDS = 25.0


@dataclass
class Listener:
    """Something on this machine that hostile code must not reach; counts who comes."""

    folder: Path
    came: list[str] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    def addresses(self) -> dict[str, Any]:
        abstract = f"farfield-{os.getpid()}"
        port = self._listen(socket.AF_INET, ("0.0.0.0", 0))[1]
        port6 = self._listen(socket.AF_INET6, ("::1", 0))[1] if socket.has_ipv6 else port
        path = str(self.folder / "socket")
        self._listen(socket.AF_UNIX, path)
        self._listen(socket.AF_UNIX, "\0" + abstract)
        return {"port": port, "port6": port6, "host": own_address(), "unix": path, "abstract": abstract}

    def _listen(self, family: int, address: Any) -> Any:
        one = socket.socket(family, socket.SOCK_STREAM)
        try:
            one.bind(address)
        except OSError:  # no IPv6 on this machine: nothing to reach there
            one.close()
            return "", 9
        one.listen()
        self.sockets.append(one)
        threading.Thread(target=self._accept, args=(one,), daemon=True).start()
        return one.getsockname()

    def _accept(self, one: socket.socket) -> None:
        while True:
            try:
                connection, _ = one.accept()
            except OSError:
                return
            self.came.append(str(one.family))
            connection.close()

    def close(self) -> None:
        for one in self.sockets:
            one.close()


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(one.getsockname()[0])


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    folder = Path("/tmp") / f"ff-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    listener = Listener(folder)
    yield listener
    listener.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Path:
    """The hostile package, as the builder would have installed it."""
    folder = laid_out(tmp_path_factory.mktemp("plugin"), *SOURCES)
    (folder / "addresses.json").write_text(json.dumps(listener.addresses()))
    return folder


@dataclass
class Stage:
    """A worker's evaluation path with the hostile package."""

    sandbox: Sandbox
    plugin: Path
    pack: Pack
    var: Path
    description: dict[str, Any]
    methods: list[str]
    next_run: NextRun
    # Started by this process before, and no run: the site that other tests of this session have, say.
    others: tuple[int, ...] = field(default_factory=lambda: tuple(child.pid for child in psutil.Process().children()))

    def run(self, name: str, observer: Recorder, backbones: Mapping[str, Backbone] = MappingProxyType({})) -> Outcome:
        """With a backbone on its features, of which it is said that the method may be given them."""
        frozen = [Frozen(backbones={"": backbone}).describe() for backbone in backbones]
        description = self.description | {"name": name, "frozen": frozen}
        request = Request(
            benchmark=BENCHMARK,
            pack=self.pack,
            runnable=Runnable(description=description, plugin=self.plugin),
            cell=Cell(at={"trial": 0}, seed=1),
        )
        installed = Installed(methods={}, backbones=dict(backbones))
        self.next_run.expect()
        try:
            return Evaluator(installed, self.sandbox, self.var, next_run=self.next_run).run(request, observer)
        finally:
            self.next_run.tidy()

    def end(self, name: str, observer: Recorder) -> str:
        """ "scored", or the failure's code."""
        try:
            self.run(name, observer)
        except RunFailure as failure:
            assert failure.message
            assert not failure.infrastructure, failure.message
            assert "\n" not in failure.message[:80]
            return failure.code
        return "scored"


@pytest.fixture(scope="module")
def stage(
    isolated: Sandbox, plugin: Path, pack: Pack, tmp_path_factory: pytest.TempPathFactory, monkeymodule: None
) -> Stage:
    var = tmp_path_factory.mktemp("var")
    other = var / "scratch" / "run-of-somebody-else"
    other.mkdir(parents=True)
    (other / "weights.bin").write_text(CANARY)
    candidate = Candidate(distribution="hostile", method="hostile-harmless", config={}, plugin=plugin)
    description = inspect(isolated, candidate, var, Recorder())
    text = "".join(source.read_text() for source in SOURCES)
    listed = re.findall(r"^class (\w+)\((?:Method|Forges|HidesInUnlinkedFiles)\):", text, re.MULTILINE)
    words = [name.replace("NaN", "Nan") for name in listed if name != "Forges"]
    methods = ["hostile" + re.sub(r"[A-Z]", lambda c: f"-{c[0].lower()}", name) for name in words]
    return Stage(isolated, plugin, pack, var, description, methods, NextRun(var, isolated))


@pytest.fixture(scope="module")
def monkeymodule() -> Iterator[None]:
    """The worker's credentials, as they lie in its environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("FARFIELD_WORKER_TOKEN", "FARFIELD_BROKER_URL", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, CANARY)
        # The same limits as ever, only smaller, so that no attack has to fill gigabytes before it is ended.
        smaller = {"output_bytes": 64 * MIB, "output_files": 2000, "tmp_bytes": 64 * MIB, "shared_bytes": 64 * MIB}
        patch.setattr(evaluation, "limits_of", lambda *args: replace(limits_of(*args), **smaller))
        yield


TIME, MEMORY, OUTPUT, DISK = "resources.time", "resources.memory", "resources.output", "resources.disk"
PREDICTIONS, INPUTS = "predictions.invalid", "plugin.test_inputs"
ATTACKS: list[tuple[str, set[str]]] = [
    # What looks for labels and secrets finds nothing, and is scored like anybody.
    ("reads-the-environment", {"scored"}),
    ("searches-the-files", {"scored"}),
    ("reads-other-processes", {"scored"}),
    ("searches-the-memory", {"scored"}),
    ("imports-the-platform", {"scored"}),
    ("writes-outside", {"scored"}),
    ("poisons-features", {"scored"}),
    ("remounts", {"scored"}),
    ("connects-out", {"scored"}),
    ("opens-odd-sockets", {"scored"}),
    ("calls-the-kernel", {"scored"}),
    ("patches-the-clock", {"scored"}),
    ("leaves-a-daemon", {"scored"}),
    ("floods-the-log", {"scored"}),
    ("closes-its-output", {"scored", "plugin.raised", "plugin.crashed"}),
    # What uses too much is ended, with the limit's name.
    ("fork-bomb", {TIME, MEMORY, "plugin.raised", "plugin.crashed"}),
    ("memory-bomb", {MEMORY}),
    ("memory-bomb-of-many", {MEMORY}),
    ("shared-memory-bomb", {"resources.disk", OUTPUT, MEMORY}),
    ("address-space", {MEMORY, "plugin.raised"}),
    ("disk-bomb", {OUTPUT}),
    ("one-long-file", {OUTPUT}),
    ("sparse-file", {OUTPUT}),
    ("many-files", {OUTPUT}),
    ("hides-in-unlinked-files", {OUTPUT, DISK}),
    ("hides-in-nameless-files", {OUTPUT, DISK}),
    ("hides-in-mappings", {OUTPUT, DISK}),
    ("hides-in-flight", {OUTPUT, DISK}),
    ("hides-in-locked-folders", {OUTPUT, DISK}),
    ("hides-deep", {OUTPUT}),
    ("fills-tmp", {"resources.disk", OUTPUT, MEMORY}),
    ("zip-bomb", {OUTPUT}),
    ("infinite-loop", {TIME}),
    ("ignores-signals", {TIME}),
    ("kills-everything", {"plugin.crashed"}),
    # What lies in its output is refused as predictions.
    ("returns-a-pickle", {PREDICTIONS}),
    ("returns-an-object-array", {PREDICTIONS}),
    ("returns-nan", {PREDICTIONS}),
    ("too-many-rows", {PREDICTIONS}),
    ("too-few-rows", {PREDICTIONS}),
    ("header-lies", {PREDICTIONS}),
    ("links-out", {PREDICTIONS}),
    ("named-pipe", {PREDICTIONS}),
    # These would be scored, had they asked for all test inputs before they left.
    ("deep-json", {INPUTS}),
    ("locks-its-folders", {INPUTS}),
    ("blames-the-platform", {"plugin.raised"}),
    # What wants test inputs in another way than one batch after the other.
    ("looks-while-it-learns", {"scored"}),
    ("asks-while-it-learns", {INPUTS}),
    ("asks-and-forges", {"predictions.changed"}),
    ("never-asks", {INPUTS}),
    ("asks-out-of-order", {INPUTS}),
    ("asks-for-other-pixels", {INPUTS}),
    ("floods-the-requests", {INPUTS}),
    ("asks-without-end", {INPUTS}),
    ("stops-within-a-request", {TIME}),
    ("dies-within-an-answer", {"plugin.crashed"}),
    ("changes-its-mind", {"predictions.changed"}),
]


@pytest.mark.parametrize(("attack", "ends"), ATTACKS, ids=[name for name, _ in ATTACKS])
def test_an_attack(stage: Stage, listener: Listener, attack: str, ends: set[str]) -> None:
    observer = Recorder()
    listener.came.clear()
    started = time.monotonic()
    end = stage.end(f"hostile-{attack}", observer)
    took = time.monotonic() - started
    assert end in ends, observer.text[-2000:]
    assert "GOT" not in observer.text, observer.text[-4000:]
    assert CANARY not in observer.text
    assert listener.came == []
    assert took < LONGEST_SECONDS
    assert len(observer.text) < 4 << 20
    assert leftovers(stage) == ["run-of-somebody-else"]
    assert volume._mounts_below(stage.var) == []
    assert alive(stage) == []
    assert not Path("/tmp/farfield-exploited").exists()
    assert stage.end("hostile-harmless", Recorder()) == "scored"


DISK_ATTACKS = [name for name, _ in ATTACKS if name.startswith(("hides", "many", "one-", "sparse"))]


@pytest.mark.parametrize("attack", DISK_ATTACKS)
def test_a_disk_that_is_shared_is_measured(stage: Stage, attack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an ordinary user, and where there are no loop devices, no run has a file system of its own."""
    monkeypatch.setattr(volume, "unusable", lambda: "not here")
    assert stage.end(f"hostile-{attack}", Recorder()) == OUTPUT
    assert leftovers(stage) == ["run-of-somebody-else"]
    assert stage.end("hostile-harmless", Recorder()) == "scored"


def test_the_sandbox_was_started_ahead(stage: Stage) -> None:
    if isinstance(stage.sandbox, StartsAhead):
        while len(stage.next_run._ran) < 2:
            stage.run("hostile-harmless", Recorder())
        assert stage.run("hostile-harmless", Recorder()).waited


def test_nothing_that_a_run_writes_reaches_the_features_of_the_next(stage: Stage) -> None:
    backbone, images = Backbone(name="given", plugin="operator", version="1"), whole(stage.pack)
    path = stage.var / "cache" / "features" / images.fingerprint / f"{backbone.word}.npy"
    path.parent.mkdir(parents=True)
    np.save(stage.var / "draft.npy", np.random.default_rng(0).random((len(images), 3), np.float32))
    keep(stage.var / "draft.npy", path, {}, MIB)
    np.save(path.parent / IMAGES, digests_of(images))
    before = {each: each.read_bytes() for each in path.parent.iterdir() if each.suffix in (".npy", ".json")}
    observer = Recorder()
    outcome = stage.run("hostile-poisons-features", observer, {backbone.name: backbone})
    assert outcome.cached == {"features": 1.0}
    assert "GOT" not in observer.text
    assert before == {each: each.read_bytes() for each in path.parent.iterdir() if each.suffix in (".npy", ".json")}


def test_every_attack_is_tried(stage: Stage) -> None:
    assert {f"hostile-{name}" for name, _ in ATTACKS} == set(stage.methods) - {"hostile-harmless"}


def test_time_is_measured_outside(stage: Stage) -> None:
    assert stage.run("hostile-patches-the-clock", Recorder()).seconds["run"] > 1.2


def test_the_last_lines_of_a_flood_are_there(stage: Stage) -> None:
    observer = Recorder()
    stage.run("hostile-floods-the-log", observer)
    assert "bytes of log left out]" in observer.text
    assert "the last line" in observer.text


def leftovers(stage: Stage) -> list[str]:
    return sorted(path.name for path in (stage.var / "scratch").iterdir())


def alive(stage: Stage) -> list[str]:
    """What is left of runs of this very process, and of any daemon."""
    found = []
    if stage.sandbox.name == "bubblewrap":
        started = [child.pid for child in psutil.Process().children() if child.pid not in stage.others]
        found = [str(pid) for child in started for pid in tree(child)]
    if isinstance(stage.sandbox, DockerSandbox):
        found += stage.sandbox.containers()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if b"farfield-daemon" in path.read_bytes():
                found.append(path.parent.name)
    return found
