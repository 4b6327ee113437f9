"""The conformance test an author calls from their own test suite.

    from farfield.testing import check_method

    def test_my_method(tmp_path):
        check_method(SPEC, tmp_path)

It builds the method, feeds it small random data of the declared kind through the runner's own loops, and checks
what comes back.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from farfield import families
from farfield.config import parse_config
from farfield.context import RunContext
from farfield.families.toys import CLASSES, DOMAINS, NOVEL, SYNSETS, TARGETS, TOLERANCE
from farfield.method import MethodSpec
from farfield.runtime.loops import require_claims, require_members

__all__ = ["TOLERANCE", "check_method"]


def check_method(
    spec: MethodSpec, work_folder: Path, config: Mapping[str, Any] | None = None, *, device: str = "cpu"
) -> None:
    """Check that a method keeps its family's protocol, with its default configuration or the one given.

    Raises FarfieldError with a sentence that says what to change; what the method itself raises passes through.
    """
    json.dumps(spec.describe(), allow_nan=False)
    chosen, settings = spec.chosen(config or {})
    families.of(spec.family).check(_Factory(chosen, work_folder, settings, device))


class _Factory:
    """Builds the method anew, always with the same context."""

    def __init__(self, spec: MethodSpec, work_folder: Path, config: dict[str, Any], device: str) -> None:
        self.spec = spec
        self._folder = work_folder
        self._device = device
        self._config: object = parse_config(spec.config, config)
        self.inputs = spec.inputs_of(self._config)

    def __call__(self) -> Any:
        context = RunContext(
            class_names=CLASSES,
            class_synsets=SYNSETS,
            domain_names=DOMAINS,
            novel_classes=NOVEL,
            target_names=TARGETS,
            masks=True,
            device=self._device,
            seed=7,
            config=self._config,
            work_folder=self._folder,
        )
        method = self.spec.build(context)
        require_members(method, families.of(self.spec.family))
        require_claims(method, self.spec.claims)
        return method
