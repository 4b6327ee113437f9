"""The tracks that image benchmarks share: what a method may have learned from."""

from farfield_evaluators.benchmark import Track

OPEN = Track(
    name="open",
    title="Open",
    description="Any pre-training and any extra data, as long as the method names them.",
    pretraining=None,
    extra_data=True,
)
IMAGENET = Track(
    name="imagenet-1k",
    title="ImageNet-1k",
    description="Pre-training on ImageNet-1k at most; nothing else but the benchmark's own training split.",
    pretraining=("imagenet-1k",),
)
SCRATCH = Track(
    name="scratch",
    title="From scratch",
    description="No pre-training: only the benchmark's own training split.",
    pretraining=(),
)
