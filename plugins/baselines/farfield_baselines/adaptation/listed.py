"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.adaptation import fixmatch, lftl, noisy_student, pseudo_label, sampled, shot_lp_ft

SPECS: tuple[MethodSpec, ...] = (
    pseudo_label.SPEC,
    noisy_student.SPEC,
    fixmatch.SPEC,
    shot_lp_ft.SPEC,
    lftl.SPEC,
    *sampled.SPECS,
)
