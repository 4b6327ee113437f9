"""A toy plugin, a small pack and a recording observer."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from tests.smallpack import small_pack
from tests.toyplugin import install_toy_plugin

from farfield_evaluators.data.packs import Pack
from farfield_workers.execution import Progress
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.shared_features import Chosen


def whole(pack: Pack) -> Chosen:
    """All images of a pack."""
    return Chosen(pack=pack, positions=np.arange(len(pack.spans)))


@dataclass
class Recorder:
    """Remembers what it was told; `stop_when` is asked at every tick."""

    stages: list[str] = field(default_factory=list)
    seen: list[Progress] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    text: str = ""
    stop_when: object = None

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def progress(self, progress: Progress) -> None:
        self.seen.append(progress)

    def log(self, text: str) -> None:
        self.text += text

    def used(self, reading: Reading) -> None:
        self.readings.append(reading)

    def alive(self) -> None:
        if callable(self.stop_when) and self.stop_when(self):
            raise Stopped


@pytest.fixture(autouse=True)
def toy_plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = install_toy_plugin(tmp_path_factory.getbasetemp() / "toy-plugin")
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(folder))
    return folder


@pytest.fixture
def sandbox() -> ProcessSandbox:
    return ProcessSandbox()


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return small_pack(tmp_path_factory.mktemp("pack"))


def described(*plugins: Path) -> Installed:
    """What is installed when these plugins' folders are on the path, too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FARFIELD_PLUGIN_PATH", os.pathsep.join(map(str, plugins)))
        return describe_installed(ProcessSandbox())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The toys beside all else: to describe them takes a process, so it is asked for once."""
    return described(install_toy_plugin(tmp_path_factory.getbasetemp() / "toy-plugin"))


@pytest.fixture
def observer() -> Recorder:
    return Recorder()
