"""`fsdet/scenes`: few-shot detection and segmentation that runs here, on scenes composed of the shipped drawings."""

from farfield_evaluators.benchmark import Domain
from farfield_evaluators.data import attribution
from farfield_evaluators.data.attribution import SCENES as CREDIT
from farfield_evaluators.suites.fsdet.board import FewShotData, few_shot_board
from farfield_evaluators.suites.fsdet.plan import Shots
from farfield_evaluators.suites.fsdet.scenes.names import NAME, SEEN_SET, SHOT_SETS, SHOTS
from farfield_evaluators.suites.fsdet.scenes.things import BASE_NUMBERS, NOVEL_NUMBERS
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

SCENES = few_shot_board(
    "gfsis",
    FewShotData(pack=NAME, base=BASE_NUMBERS, novel=NOVEL_NUMBERS, masks=True),
    Shots(shots=SHOTS, shot_sets=SHOT_SETS),
    name="fsdet/scenes",
    title="Few-shot scenes of drawings",
    summary="Detect and outline drawn things of 24 base and 8 novel classes, the novel ones from 1, 5 or 10 shots.",
    description=(
        "Drawings are cut out and composed on textured grounds, so that boxes and masks are exact. 320 scenes show the "
        "base classes; shots of all classes come from other scenes, in three shot sets. Both test sets show all "
        "classes: one as a family of artists drew them of whom no training scene has a drawing, by which the board is "
        "ranked, and one as the artists did that were learned from, on new grounds."
    ),
    licence=f"CC BY-SA 4.0. {attribution.licence_line(attribution.DRAWINGS)}",
    citations=(
        "Wang et al., Frustratingly Simple Few-Shot Object Detection, ICML 2020 (arXiv 2003.06957)",
        "Ganea et al., Incremental Few-Shot Instance Segmentation, CVPR 2021 (arXiv 2105.05312)",
    ),
    tracks=(OPEN, IMAGENET, SCRATCH),
    test=Domain(name="test", title="Unseen artists", role="shift", set="test", credit=CREDIT),
    further=(Domain(name="seen", title="Seen artists", role="id", set=SEEN_SET, credit=CREDIT),),
    shows="truth",
)
