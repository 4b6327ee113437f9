"""Methods that learn tasks one after the other, with both towers of any CLIP model."""

from farfield import MethodSpec
from farfield_baselines.sequences import seq_ft, seq_wise_ft, zscl

SPECS: tuple[MethodSpec, ...] = (seq_ft.SPEC, seq_wise_ft.SPEC, zscl.SPEC)
