"""CNS-Bench: ImageNet's classes under 14 shifts, each of which grows in six steps.

Input: images that Stable Diffusion generated, 50 seeds of 100 classes. Label: one of ImageNet's 1000 classes. Domains:
the shifts. Data: doi 10.17617/3.MAGNKP. Citation: Duenkel et al., ICCV 2025 (arXiv 2507.17651). Licence: CC0 1.0.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.suites.imagenet.nuisance.scoring import (
    DROPS,
    FAILED,
    MARGIN,
    SCALE,
    SEED,
    TRAJECTORIES,
)
from farfield_evaluators.tracks import IMAGENET, OPEN

PACK = "imagenet/cns-bench"
SHIFTS = {
    "cartoon": "Cartoon",
    "plush": "Plush toy",
    "pencil": "Pencil sketch",
    "painting": "Painting",
    "sculpture": "Sculpture",
    "graffiti": "Graffiti",
    "video": "Video game",
    "tattoo": "Tattoo",
    "snow": "Heavy snow",
    "rain": "Heavy rain",
    "fog": "Dense fog",
    "haze": "Haze",
    "dust": "Dust",
    "sandstorm": "Sandstorm",
}
"""Titles by the word that the name of a shift's folder has in it, such as `cartoon_style` and `heavy_snow`."""


CNS_BENCH = Benchmark(
    name="imagenet-ood/cns-bench",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="CNS-Bench",
    summary="Classify generated images of ImageNet's classes while one of 14 shifts grows in six steps.",
    description=(
        "A trajectory is one generated thing at the scales 0 to 2.5 of a shift. It fails at the smallest scale at "
        "which it is not recognised among all 1000 classes. The margin is the mean of 3 less that scale, 0 for a "
        "trajectory that never fails; shifts count alike. No training image is given."
    ),
    pack=PACK,
    train_set=None,
    domains=tuple(Domain(name=name, title=title, role="shift", set=f"shift/{name}") for name, title in SHIFTS.items()),
    metrics=(metrics.ACCURACY, *TRAJECTORIES.gives),
    scorers=(scorers.ACCURACY, TRAJECTORIES),
    columns=(
        Column(metric=MARGIN.name, domain="shifts", title="Failure margin"),
        Column(metric=metrics.ACCURACY.name, domain="shifts", title="Accuracy"),
        Column(metric=FAILED.name, domain="shifts", title="Failed trajectories"),
        *(Column(metric=metric.name, domain="shifts", title=metric.title) for metric in DROPS.values()),
        *(Column(metric=MARGIN.name, domain=name, title=title) for name, title in SHIFTS.items()),
    ),
    groups=(SEED, SCALE),
    tracks=(OPEN, IMAGENET),
    licence="CC0 1.0, by the release's annotations.",
    citations=("Duenkel et al., CNS-Bench, ICCV 2025 (arXiv 2507.17651)", "odunkel/CNS-Bench, 3c09a99"),
)
