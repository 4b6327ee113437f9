"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.selection import keep_density, keep_far_from_centre, keep_random

SPECS: tuple[MethodSpec, ...] = (keep_random.SPEC, keep_density.SPEC, keep_far_from_centre.SPEC)
