"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.sequences import seq_ft, seq_wise_ft, zscl

SPECS: tuple[MethodSpec, ...] = (seq_ft.SPEC, seq_wise_ft.SPEC, zscl.SPEC)
