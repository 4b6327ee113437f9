"""The methods on any CLIP model keep their protocol with a tiny one, which is a transformer and not the mini CLIP."""

from pathlib import Path
from typing import Any

import pytest

from farfield import MethodSpec
from farfield.testing import check_method
from farfield_baselines.classification.listed import ON_CLIP
from farfield_baselines.retrieval import clip_retrieval
from farfield_baselines.sequences.listed import SPECS

RETRIEVAL = clip_retrieval.SPEC.with_input("clip")


@pytest.mark.parametrize("spec", [*ON_CLIP, *SPECS, RETRIEVAL], ids=lambda spec: spec.name)
def test_keeps_its_protocol(spec: MethodSpec, tmp_path: Path, tiny: dict[str, str], tokenizer_file: Path) -> None:
    known = spec.config.__dataclass_fields__
    small: dict[str, Any] = {"epochs": 1, "images": 4, "draws": 1, "tokenizer": str(tokenizer_file)}
    check_method(spec, tmp_path, {**tiny, **{name: value for name, value in small.items() if name in known}})
