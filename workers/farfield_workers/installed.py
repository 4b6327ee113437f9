"""What is installed here, as the sandbox sees it: the worker itself never imports a plugin."""

import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield import Resources
from farfield.choices import refuse_former
from farfield.errors import PredictionsError, UnknownName
from farfield_workers.backbones import Backbone
from farfield_workers.execution import execute, of_runner
from farfield_workers.failures import RunFailure
from farfield_workers.quiet import Quiet
from farfield_workers.sandbox.base import GIB, OUT, Limits, Sandbox
from farfield_workers.untrusted import read_json_object

log = logging.getLogger(__name__)
DESCRIBE_LIMITS = Limits(memory_bytes=8 * GIB, seconds=300)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """Descriptions of the installed methods (see MethodSpec.describe) and backbones, by name.

    `refused` has a sentence for each plugin that does not work, which names it: the others are offered all the same.
    """

    methods: dict[str, dict[str, Any]]
    backbones: dict[str, Backbone]
    refused: tuple[str, ...] = ()

    def method(self, name: str) -> dict[str, Any]:
        """Raises UnknownName with the names that are installed, ConfigError for one that is an input of another now."""
        if name not in self.methods:
            refuse_former(self.methods.values(), name)
            raise UnknownName("method", name, list(self.methods))
        return self.methods[name]

    def backbone(self, name: str) -> Backbone:
        """Raises UnknownName with the names that are installed."""
        if name not in self.backbones:
            raise UnknownName("backbone", name, list(self.backbones))
        return self.backbones[name]


def describe_installed(sandbox: Sandbox) -> Installed:
    """Ask the runner. A plugin that is broken is refused by name. Raises RunFailure when none can be described."""
    try:
        found = _described(sandbox, "describe")
    except (RunFailure, PredictionsError) as error:
        log.warning("describing the plugins failed (%s); each is now tried apart", error)
        found = _described(sandbox, "describe-apart")
    backbones = {name: _backbone(name, values) for name, values in found["backbones"].items()}
    refused = tuple(str(line) for line in found.get("refused", ()))
    return Installed(methods={m["name"]: m for m in found["methods"]}, backbones=backbones, refused=refused)


def _backbone(name: str, values: Mapping[str, Any]) -> Backbone:
    takes = tuple(str(each) for each in values.get("takes", ()))
    plugin, version, dim = values["plugin"], values["version"], int(values.get("dim", 0))
    texts = values.get("texts") is True
    return Backbone(name=name, plugin=plugin, version=version, dim=dim, takes=takes, texts=texts)


def _described(sandbox: Sandbox, how: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="farfield-describe-") as folder:
        execution = of_runner(Path(folder), DESCRIBE_LIMITS, (how, OUT))
        execute(sandbox, execution, Quiet())
        return dict(read_json_object(execution.output / "result.json"))


def limits_of(description: dict[str, Any], ceiling: Resources | None = None) -> Limits:
    """The limits a described method asked for. Raises RunFailure `resources.not_offered` above the ceiling."""
    wanted = Resources(**description["resources"])
    if ceiling is not None and (wanted.memory_gib > ceiling.memory_gib or wanted.minutes > ceiling.minutes):
        asks = f"the method declares {wanted.memory_gib:g} GiB of memory and {wanted.minutes:g} minutes"
        allowed = f"at most {ceiling.memory_gib:.3g} GiB and {ceiling.minutes:g} minutes are allowed here"
        raise RunFailure("resources.not_offered", f"{asks}; {allowed}")
    return Limits.of(wanted)
