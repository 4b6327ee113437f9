"""Fine-tuning that several methods begin with is trained once, and what follows is as if each had trained it."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.baselines.both_ways import Built, built

from farfield import MethodSpec
from farfield_baselines import fine_tuned
from farfield_baselines.classification import clip_ft, clip_layerwise, wise_ft

SHARING = (clip_ft.SPEC, wise_ft.SPEC, clip_layerwise.SPEC)


@pytest.mark.parametrize("spec", SHARING, ids=lambda spec: spec.name)
def test_with_the_base_every_logit_is_the_same(spec: MethodSpec, short: dict[str, Any], tmp_path: Path) -> None:
    method = built(spec, short, tmp_path)
    alone, shared = method.said(), method.said(method.base())
    assert shared.predicted == alone.predicted
    assert (shared.steps, alone.steps) == (0, 6)
    assert method.said(method.base(seed=6)).predicted != alone.predicted


def test_every_alpha_goes_on_from_one_training(short: dict[str, Any], tmp_path: Path) -> None:
    base = built(clip_ft.SPEC, short, tmp_path).base()
    ends = [wise(short, tmp_path, alpha=alpha).said(base) for alpha in (0.0, 1.0)]
    assert [end.steps for end in ends] == [0, 0]
    assert ends[1].predicted == built(clip_ft.SPEC, short, tmp_path).said(base).predicted
    assert ends[0].predicted != ends[1].predicted


@pytest.mark.parametrize("settings", [{"choose_alpha": True}, {"training_seed": 9}])
def test_what_is_trained_otherwise_has_no_base(short: dict[str, Any], tmp_path: Path, settings: dict[str, Any]) -> None:
    usual, other = wise(short, tmp_path), wise(short, tmp_path, **settings)
    assert usual.spec.base is not None
    assert usual.spec.base.comes_first(usual.config)
    assert not usual.spec.base.comes_first(other.config)


def test_a_network_that_is_too_large_to_be_kept_is_trained_in_the_run(
    short: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = built(clip_ft.SPEC, short, tmp_path)
    monkeypatch.setattr(fine_tuned, "MOST_BYTES", 1000)
    base = method.base()
    assert list(base) == [fine_tuned.TOO_LARGE]
    assert method.said(base) == method.said()


def wise(short: dict[str, Any], tmp_path: Path, **settings: Any) -> Built:
    return built(wise_ft.SPEC, {**short, **settings}, tmp_path)
