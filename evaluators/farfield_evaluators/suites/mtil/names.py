"""The eleven data sets of MTIL: their folders, titles and numbers of classes, and the two orders of the paper."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Task:
    """A data set: its folder below the imported one, and how many classes it has."""

    folder: str
    title: str
    classes: int


TASKS = {
    "aircraft": Task(folder="fgvc_aircraft", title="Aircraft", classes=100),
    "caltech101": Task(folder="caltech101", title="Caltech101", classes=101),
    "cifar100": Task(folder="cifar100", title="CIFAR100", classes=100),
    "dtd": Task(folder="dtd", title="DTD", classes=47),
    "eurosat": Task(folder="eurosat", title="EuroSAT", classes=10),
    "flowers": Task(folder="flowers", title="Flowers", classes=102),
    "food": Task(folder="food101", title="Food", classes=101),
    "mnist": Task(folder="mnist", title="MNIST", classes=10),
    "pets": Task(folder="pets", title="OxfordPet", classes=37),
    "cars": Task(folder="cars", title="StanfordCars", classes=196),
    "sun397": Task(folder="sun397", title="SUN397", classes=397),
}
ORDERS = (
    ("aircraft", "caltech101", "cifar100", "dtd", "eurosat", "flowers", "food", "mnist", "pets", "cars", "sun397"),
    ("cars", "food", "mnist", "pets", "flowers", "sun397", "aircraft", "caltech101", "dtd", "eurosat", "cifar100"),
)
PACK = "mtil"
PAPER = (
    "Zheng et al., Preventing Zero-Shot Transfer Degradation in Continual Learning of Vision-Language Models, "
    "ICCV 2023 (arXiv 2303.06628)"
)
REFERENCE = "reference"


def train_of(task: str) -> str:
    """The set that a task is learned from."""
    return f"train-{task}"


def asked_of(task: str) -> str:
    """The set that it is tested on."""
    return f"test-{task}"


def learned_sets(orders: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of every run the set that it learns from, `learned-1-2` in order 1 after 2 tasks, and the sets that make it.

    >>> learned_sets((("b", "a"),))
    (('learned-1-1', ('train-b',)), ('learned-1-2', ('train-b', 'train-a')))
    """
    return tuple(
        (f"learned-{number}-{after}", tuple(train_of(task) for task in order[:after]))
        for number, order in enumerate(orders, 1)
        for after in range(1, len(order) + 1)
    )
