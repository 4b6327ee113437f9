"""COCO few-shot: 20 novel classes of COCO 2014 learned from 1 to 30 annotated objects each, after 60 base classes.

Input: images of their own sizes. Output: boxes with scores and labels, and masks from methods that have them. Domain:
FsDet's 5,000 test images of COCO's val2014. Sources: Lin et al., ECCV 2014, for COCO; Wang et al., ICML 2020, for the
split and shots; Ganea et al., CVPR 2021, for the incremental setting; Gao et al., NeurIPS 2022, for both protocols.
Data are the operator's copies. Licences: COCO's annotations are CC BY 4.0, images are Flickr's by their owners' terms.
"""

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.suites.fsdet import coco_classes
from farfield_evaluators.suites.fsdet.board import FewShotData, Setting, few_shot_board
from farfield_evaluators.suites.fsdet.plan import FSRW, TFA, TRAININGS, Shots

PACK = "fsdet-coco"
_DATA = FewShotData(pack=PACK, base=coco_classes.BASE, novel=coco_classes.NOVEL, masks=True)
_SETS, _TRAININGS = Shots(), Shots(shot_sets=(0,), protocol="fsrw", trainings=TRAININGS)
_DCFS = (
    "Gao et al., Decoupling Classifier for Boosting Few-shot Object Detection and Instance Segmentation, NeurIPS 2022"
)
_CITATIONS = (
    "Lin et al., Microsoft COCO: Common Objects in Context, ECCV 2014 (arXiv 1405.0312)",
    "Wang et al., Frustratingly Simple Few-Shot Object Detection, ICML 2020 (arXiv 2003.06957)",
    "Ganea et al., Incremental Few-Shot Instance Segmentation, CVPR 2021 (arXiv 2105.05312)",
    f"{_DCFS} (arXiv 2505.14239)",
)
_TITLES: dict[Setting, str] = {"fsis": "novel classes", "gfsis": "generalised", "ifsis": "incremental"}
_SUMMARIES: dict[Setting, str] = {
    "fsis": "20 novel classes from 1 to 30 objects of each; only they are scored.",
    "gfsis": "80 classes, of which 20 are learned from 1 to 30 objects of each, and all are scored.",
    "ifsis": "20 novel classes added to a detector that sees no base image again; all 80 are scored.",
}
_BOTH = "on the novel and on the base classes, from one list of detections"
_SAYS: dict[Setting, str] = {
    "fsis": "After its base classes a detector learns the novel ones from their shots, and is scored on these alone.",
    "gfsis": f"After its base classes a detector learns from the shots of all 80 classes, and is scored {_BOTH}.",
    "ifsis": "A detector learns its base classes, and novel ones are added to it from their shots without any base "
    f"image. It is scored {_BOTH}.",
}
_PROTOCOLS = {
    TFA: "A figure is the mean over ten shot sets, FsDet's seeds 0 to 9, with a run on each (TFA-like)",
    FSRW: "A figure is the mean over ten trainings on FsDet's first shot set, seed 0 (FSRW-like); at few shots it is "
    "higher than that over ten shot sets",
}


def _board(setting: Setting, plan: Shots) -> Benchmark:
    fsrw = plan.protocol == FSRW
    return few_shot_board(
        setting,
        _DATA,
        plan,
        name=f"fsdet/coco-{setting}{'-fsrw' if fsrw else ''}",
        title=f"COCO few-shot, {_TITLES[setting]}{', ten trainings' if fsrw else ''}",
        summary=_SUMMARIES[setting],
        description=f"{_SAYS[setting]} {_PROTOCOLS[plan.protocol]}; after ± stands the 95% interval.",
        licence="Annotations: CC BY 4.0. Images: Flickr's terms of use, each by its owner's licence.",
        citations=_CITATIONS,
    )


COCO_BOARDS: tuple[Benchmark, ...] = (
    _board("fsis", _SETS),
    _board("gfsis", _SETS),
    _board("ifsis", _SETS),
    _board("fsis", _TRAININGS),
    _board("gfsis", _TRAININGS),
)
