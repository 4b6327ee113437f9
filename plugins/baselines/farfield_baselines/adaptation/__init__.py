"""Methods that adapt to other data than they have labels of, one a file.

Nothing imports torch at its top, so that listing the methods takes no time.
"""

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
