"""Detection under 15 corruptions at 5 severities: COCO-C, and the same of the scenes that are made here.

Input: images of their own sizes. Label: boxes of classes. Domains: the clean images, and each corruption at each
severity. Michaelis et al. 2019, arXiv 1907.07484; the corruptions: Hendrycks & Dietterich, ICLR 2019.
"""

from farfield_evaluators.citations import HENDRYCKS_C
from farfield_evaluators.data import attribution
from farfield_evaluators.suites.coco_c.board import corruption_board

COCO_PACK, SCENES_PACK = "coco-c", "coco-c-scenes"
_PAPER = "Michaelis et al., Benchmarking Robustness in Object Detection, 2019 (arXiv 1907.07484)"
_RANKED = (
    "A detector learns from clean images alone. mPC is the mean of its AP over 15 corruptions at 5 severities, and the "
    "board is ranked by it; rPC is its share of the clean AP, and ranks no detectors that differ in that."
)

COCO_C = corruption_board(
    name="coco-c/coco",
    title="COCO-C",
    summary="Detect COCO's 80 classes in its validation images under 15 corruptions at 5 severities.",
    description=f"{_RANKED} The validation set of 2017 is corrupted once, at import, and keeps its boxes.",
    pack=COCO_PACK,
    train_set="train",
    licence="COCO's annotations: CC BY 4.0; images: Flickr's terms. The corruptions: Apache-2.0.",
    citations=(_PAPER, HENDRYCKS_C, "Lin et al., Microsoft COCO, ECCV 2014 (arXiv 1405.0312)"),
)
SCENES_C = corruption_board(
    name="coco-c/scenes",
    title="Scenes of drawings, corrupted",
    summary="Detect drawn things in composed scenes under 15 corruptions at 5 severities.",
    description=f"{_RANKED} Both sets are scenes of the 24 base classes by the same artists, on other grounds.",
    pack=SCENES_PACK,
    shows="truth",
    credit=attribution.SCENES,
    train_set="base",
    licence=f"{attribution.licence_line(attribution.DRAWINGS)} The corruptions: Apache-2.0.",
    citations=(_PAPER, HENDRYCKS_C),
)
COCO_C_BENCHMARKS = (SCENES_C, COCO_C)
