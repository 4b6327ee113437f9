"""Both methods keep their protocol, with their defaults and at the ends of their settings."""

from pathlib import Path

import pytest
from farfield_specimen.plugin import CLASSIFIER, DETECTOR

from farfield import MethodSpec
from farfield.testing import check_method


@pytest.mark.parametrize("spec", [CLASSIFIER, DETECTOR], ids=lambda spec: spec.name)
@pytest.mark.parametrize("config", [{}, {"bins": 2, "neighbours": 50}])
def test_conformance(spec: MethodSpec, config: dict[str, int], tmp_path: Path) -> None:
    check_method(spec, tmp_path, config)
