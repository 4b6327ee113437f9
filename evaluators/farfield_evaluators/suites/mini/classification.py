"""ImageNet OOD, in small: photographs as ID, ten drawing styles as shifts, real ImageNet classes.

Input: images. Label: one of the named sets of ImageNet synsets (as in BREEDS, Santurkar et al. 2021). Domains: the
photographs, and one per drawing style. Accuracy is top-1; the headline is the unweighted mean over the shifts.
Licence: each source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

STYLES = {
    "openmoji": "OpenMoji",
    "openmoji-outline": "OpenMoji outline",
    "twemoji": "Twemoji",
    "noto": "Noto",
    "noto-blob": "Noto blob",
    "fluent-flat": "Fluent flat",
    "fluent-contrast": "Fluent contrast",
    "fluent-3d": "Fluent 3D",
    "emojione-v1": "EmojiOne 1",
    "symbola": "Symbola",
}
_ID = Domain(name="photographs", title="Photographs", role="id", set="id/test", credit=attribution.PHOTOGRAPHS)
_SHIFTS = tuple(
    Domain(name=n, title=t, role="shift", set=f"shift/{n}", credit=attribution.STYLES[n]) for n, t in STYLES.items()
)

IMAGENET_OOD_MINI = Benchmark(
    name="imagenet-ood/mini",
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="ImageNet OOD, mini",
    summary="Classify photographs, then the same things as ten artists draw them.",
    description=(
        "Classes are named sets of real ImageNet synsets. Photographs are the in-distribution test set; each of ten "
        "drawing styles is a shift. A method may fit on the small training split of photographs. All test images "
        "are pooled and shuffled, so a method cannot tell which domain an image is from. Shifts count alike, "
        "whatever their size. The figure behind +/- is the standard error over test images."
    ),
    pack="farfield-mini",
    plan=SINGLE_RUNS,
    train_set="id/train",
    domains=(_ID, *_SHIFTS),
    metrics=(ACCURACY,),
    scorers=(scorers.ACCURACY,),
    columns=(
        Column(metric="accuracy", domain="shifts", title="Mean of shifts"),
        Column(metric="accuracy", domain="id", title="ID"),
        *(Column(metric="accuracy", domain=n, title=t) for n, t in STYLES.items()),
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
    shows="truth",
    public_labels=True,
    citations=(
        "Hendrycks et al., The Many Faces of Robustness, ICCV 2021 (arXiv 2006.16241)",
        "Santurkar et al., BREEDS: Benchmarks for Subpopulation Shift, ICLR 2021 (arXiv 2008.04859)",
    ),
)
