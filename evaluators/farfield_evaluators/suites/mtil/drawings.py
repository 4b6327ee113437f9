"""Four kinds of drawn things, learned one kind after the other.

Input: images. Label: a class of its kind. Domain: the kind. Protocol: MTIL's (Zheng et al. 2023, arXiv 2303.06628).
Licence: each source's own, listed beside the images of the distribution `farfield-demo`.
"""

from farfield_evaluators.data import attribution
from farfield_evaluators.suites.mtil.board import sequence_board
from farfield_evaluators.suites.mtil.plan import InOrder

PACK = "mtil-drawings"
KINDS = {
    "food": ("citrus fruit", "mushroom", "orchard fruit", "tropical fruit", "vegetable"),
    "traffic": ("aircraft", "car", "traffic sign or light", "truck or bus"),
    "farm": ("bovine", "equine", "pig", "poultry or game bird", "sheep or goat"),
    "wild": ("insect", "pachyderm", "primate", "reptile or amphibian", "rodent", "water bird"),
}
"""Of each task its classes, of the index's own."""
ORDERS = (("food", "traffic", "farm", "wild"), ("wild", "farm", "traffic", "food"))
DRAWINGS = sequence_board(
    {"food": "Food", "traffic": "Traffic", "farm": "Farm animals", "wild": "Wild animals"},
    InOrder(ORDERS),
    name="mtil/drawings",
    title="Drawings, one kind after the other",
    summary="Learn four kinds of drawn things one after the other, and lose neither them nor the next ones.",
    description=(
        "Food, traffic, farm animals and wild animals, in two orders. After each task a model is tested on all four, "
        "on each among its own classes. Transfer is the accuracy on tasks that are still to come, Last that when all "
        "are learned, and Average the mean of all times and tasks. No thing is both learned from and tested on. "
        "Pictures of other things, without labels, are there for those who ask for them."
    ),
    pack=PACK,
    licence=attribution.licence_line(attribution.DRAWINGS, attribution.PHOTOGRAPHS),
)
