"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.few_shot_classification import crlnet, prototypes

SPECS: tuple[MethodSpec, ...] = (prototypes.SPEC, crlnet.SPEC)
