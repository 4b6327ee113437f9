"""`groups/elpv`: functional and defective solar cells, where nine of ten in training are monocrystalline.

Input: images. Label: functional or defective. Domain: the crystal type, which changes what a sound cell looks like:
dark grains of polycrystalline silicon are no defect. The headline is the accuracy in the worst of the four groups of a
class and a crystal type. Licence of the data: CC BY-NC-SA 4.0; they are the operator's copy and never shipped.
"""

from farfield_evaluators.plans.trials import SINGLE_RUNS
from farfield_evaluators.suites.groups.board import board

PAPER = (
    "Deitsch et al., Automatic classification of defective photovoltaic module cells in electroluminescence images, "
    "Solar Energy 185, 2019 (arXiv 1807.02894)"
)
IMAGES = (
    "Buerhop-Lutz et al., A Benchmark for Visual Identification of Defective Solar Cells in Electroluminescence "
    "Imagery, EU PVSEC 2018"
)
USUALLY = {"functional": "monocrystalline", "defective": "monocrystalline"}

ELPV = board(
    name="groups/elpv",
    title="Solar cells in groups",
    plan=SINGLE_RUNS,
    summary="Find defective solar cells of a crystal type that is rare in training.",
    description=(
        "Real cells of 44 solar modules in electroluminescence (ELPV). Of the training cells of either class nine of "
        "ten are monocrystalline; the validation and the test set have as many polycrystalline ones. A cell is "
        "defective from a defect probability of one half on, as in the data set's paper. A method may fit on the "
        "training set, whose domains are the crystal types, and choose settings by the validation set, or fit on it "
        "too. The board is ranked by the accuracy in the worst of the four groups of a class and a crystal type. The "
        "figure behind +/- is the standard error over the group's test images."
    ),
    pack="groups-elpv",
    aligned="Monocrystalline",
    conflicting="Polycrystalline",
    licence="CC BY-NC-SA 4.0: no commercial use. Not shipped; the operator installs elpv-dataset.",
    citations=(PAPER, IMAGES),
)
