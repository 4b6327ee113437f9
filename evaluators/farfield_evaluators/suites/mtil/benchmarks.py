"""MTIL: eleven data sets learned one after the other by a model that can tell their classes before.

Input: images. Label: the class within its data set. Domain: the data set. Source: Zheng et al. 2023 (arXiv 2303.06628).
Data are the operator's copies. Licence: each data set's own.
"""

from farfield_evaluators.suites.mtil.board import sequence_board
from farfield_evaluators.suites.mtil.names import ORDERS, PACK, TASKS
from farfield_evaluators.suites.mtil.plan import InOrder

MTIL = sequence_board(
    {name: task.title for name, task in TASKS.items()},
    InOrder(ORDERS),
    name="mtil/official",
    title="MTIL",
    summary="Learn eleven data sets one after the other, and lose neither them nor what was known of the next ones.",
    description=(
        "Eleven data sets in two orders. After each task a model is tested on all of them, on each among its own "
        "classes. Transfer is the accuracy on tasks that are still to come, Last that when all are learned, and "
        "Average the mean of all times and tasks. A run learns from the tasks up to its own, and from images of no "
        "task without labels if it asks for them."
    ),
    pack=PACK,
    licence="Each data set's own.",
)
