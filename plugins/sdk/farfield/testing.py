"""The conformance test an author calls from their own test suite.

    from farfield.testing import check_method

    def test_my_method(tmp_path):
        check_method(SPEC, tmp_path)

It builds the method, feeds it small random data of the declared kind through the runner's own loops, and checks
what comes back.
"""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from farfield import families
from farfield.base import Base
from farfield.config import parse_config
from farfield.context import RunContext
from farfield.errors import ProtocolError
from farfield.families.toys import CLASSES, DOMAINS, NOVEL, SYNSETS, TARGETS, TOLERANCE, Toys, close
from farfield.method import MethodSpec
from farfield.runtime import base_arrays
from farfield.runtime.loops import Array, require_claims, require_members

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
        settings: object = parse_config(spec.config, config)
        self.inputs = spec.inputs_of(settings)
        self._context = RunContext(
            class_names=CLASSES,
            class_synsets=SYNSETS,
            domain_names=DOMAINS,
            novel_classes=NOVEL,
            target_names=TARGETS,
            masks=True,
            device=device,
            seed=7,
            config=settings,
            work_folder=work_folder,
        )
        if spec.base is not None and spec.base.comes_first(settings):
            base_arrays.require_same_images(spec, spec.base, settings)
            self._context = replace(self._context, base=self._checked_base(spec.base))

    def __call__(self) -> Any:
        method = self.spec.build(self._context)
        require_members(method, families.of(self.spec.family))
        require_claims(method, self.spec.claims, self.spec.base)
        return method

    def _checked_base(self, base: Base) -> dict[str, Array]:
        """The arrays of a declared base, saved and loaded. Raises ProtocolError where two trainings differ."""
        first, second = (base_arrays.trained(base, self._context, Toys(self)) for _ in range(2))
        alike = first.keys() == second.keys() and all(close(first[name], second[name]) for name in first)
        if not alike:
            says = "two bases with the same seed differ; seed every generator in base.train"
            raise ProtocolError(f"{says}, for one is trained for many runs")
        with tempfile.TemporaryDirectory(prefix="farfield-base-") as name:
            base_arrays.save(first, Path(name))
            return base_arrays.load(Path(name))
