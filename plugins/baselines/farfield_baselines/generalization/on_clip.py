"""The methods on a CLIP backbone."""

from farfield import MethodSpec
from farfield_baselines.generalization import (
    clip_car_ft,
    clip_erm,
    clip_linear_probe,
    clip_wise_ft,
    clip_zero_shot,
)

SPECS: tuple[MethodSpec, ...] = (
    clip_zero_shot.SPEC,
    clip_linear_probe.SPEC,
    clip_erm.SPEC,
    clip_wise_ft.SPEC,
    clip_car_ft.SPEC,
)
