"""What this worker's machine has: the sandbox, the methods that are installed in it, the packs, and its particulars."""

import logging
import platform
import subprocess
import sys
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from farfield_workers.compiling import compile_in_background
from farfield_workers.evaluation import Evaluator
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.next_run import NextRun
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.sandbox.choose import Chosen, choose
from farfield_workers.sandbox.runtime import threads
from farfield_workers.settings import WorkerSettings

log = logging.getLogger(__name__)
RECORDED = ("farfield", "farfield-platform", "numpy", "pillow", "torch", "timm", "open_clip_torch")


class Machine:
    """Found out at the first need, and described afresh when it is asked to."""

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self._compiling: subprocess.Popen[bytes] | None = None

    @cached_property
    def chosen(self) -> Chosen:
        """Chosen at the first need: it gathers the base environment, which takes a while the first time."""
        chosen = choose(self.settings.sandbox, self.settings.var)
        if chosen.lacks:
            log.warning("no submitted code is run here: %s", chosen.lacks)
        if chosen.base is not None:
            self._compiling = compile_in_background(chosen.base.folder)
        return chosen

    @property
    def sandbox(self) -> Sandbox:
        return self.chosen.sandbox

    @cached_property
    def installed(self) -> Installed:
        return describe_installed(self.sandbox)

    def describe_afresh(self) -> Installed:
        """The methods as they are installed now."""
        self.__dict__.pop("installed", None)
        return self.installed

    @property
    def packs(self) -> Path:
        return self.settings.var / "packs"

    @property
    def evaluator(self) -> Evaluator:
        base = self.chosen.base.fingerprint if self.chosen.base else ""
        var, ceiling = self.settings.var, self.settings.ceiling
        return Evaluator(self.installed, self.sandbox, var, ceiling, base, self.next_run)

    @cached_property
    def next_run(self) -> NextRun:
        """Where the run after this one is laid out."""
        return NextRun(self.settings.var, self.sandbox)

    def environment(self) -> dict[str, Any]:
        """What a run's record says of the machine, as JSON."""
        return {
            "python": sys.version.split()[0],
            "platform": platform.platform(),
            "worker": self.settings.name,
            "sandbox": self.sandbox.name,
            "device": self.settings.gpu or "cpu",
            "threads": threads(),
            "packages": {name: present for name in RECORDED if (present := _version(name))},
        }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
