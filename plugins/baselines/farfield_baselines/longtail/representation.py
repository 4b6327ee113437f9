"""What decoupled methods train first: cross-entropy on images as they come (Kang et al. 2020, arXiv 1910.09217)."""

from farfield import RunContext, TrainingSet
from farfield_baselines.longtail.core import LongTail
from farfield_baselines.trained.core import Array
from farfield_baselines.trained.first import arrays_of


def representation(context: RunContext, train: TrainingSet, *, val: TrainingSet | None = None) -> dict[str, Array]:
    """The network with its classifier, every tensor by name."""
    return arrays_of(LongTail, context, train, val=val)
