"""`groups/drawings`: animals and objects, of which most of one in training are line drawings and of the other coloured.

Input: images. Label: animal or object. Domain: the technique of the drawing. The headline is the accuracy in the worst
of the four groups of a class in a technique (Sagawa et al., ICLR 2020, arXiv 1911.08731). Licence: each source's own,
listed beside the images of the distribution `farfield-demo`.
"""

from farfield_evaluators.data import attribution
from farfield_evaluators.suites.groups.board import board

USUALLY = {"animal": "black-and-white", "object": "colour"}

DRAWINGS = board(
    name="groups/drawings",
    title="Drawings in groups",
    summary="Tell animals from objects, where in training the technique of a drawing nearly gives it away.",
    description=(
        "Nine of ten training drawings of animals are black and white, nine of ten of objects are in colour; in the "
        "validation and the test set both techniques are as frequent in both classes. No concept is in two of the "
        "sets. A method may fit on the training set, whose domains are the techniques, and choose settings by the "
        "validation set, or fit on it too. The board is ranked by the accuracy in the worst of the four groups of a "
        "class in a technique. The figure behind +/- is the standard error over the group's test images."
    ),
    pack="groups-drawings",
    aligned="Bias-aligned",
    conflicting="Bias-conflicting",
    credit=attribution.DRAWINGS,
    shows="truth",
    licence=attribution.licence_line(attribution.DRAWINGS),
    citations=(
        "Sagawa et al., Distributionally Robust Neural Networks for Group Shifts, ICLR 2020 (arXiv 1911.08731)",
    ),
)
