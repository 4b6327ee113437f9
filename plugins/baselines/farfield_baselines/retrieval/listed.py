"""The methods of this folder, in the order of the documentation."""

from farfield import MethodSpec
from farfield_baselines.retrieval import chance_retrieval, clip_retrieval

SPECS: tuple[MethodSpec, ...] = (chance_retrieval.SPEC, clip_retrieval.SPEC)
