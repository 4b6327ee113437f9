"""Classes with clusters of their own sizes, from which GLT's construction was run beside ours."""

import numpy as np

from farfield_evaluators.suites.longtail.glt.clusters import CLUSTERS, attributes_of
from farfield_evaluators.suites.longtail.glt.command import as_document
from farfield_evaluators.suites.longtail.glt.taking import Images, Sizes, Taken, balanced_sets, long_tailed_sets

SIZES = Sizes(test=40, val=10, balanced=145)
NAMES = ("n03", "n01", "n05", "n02", "n04")  # as a listing of folders may give them
COUNTS = [400, 390, 380, 375, 370]
SEED = 25


def clusters() -> dict[str, np.ndarray]:
    """Of each class the cluster of every image; two classes have as many images."""
    rng = np.random.default_rng(3)
    sizes = {"n03": 700, "n01": 900, "n05": 700, "n02": 1000, "n04": 800}
    return {name: rng.choice(CLUSTERS, sizes[name], p=(0.3, 0.1, 0.25, 0.1, 0.1, 0.15)) for name in NAMES}


def path(name: str, number: int) -> str:
    return f"/data/{name}/{number}.JPEG"


def cluster_dict(found: dict[str, np.ndarray]) -> dict[str, dict[int, list[str]]]:
    """As GLT's code keeps clusters: by class, by cluster in order of its first image."""
    kept: dict[str, dict[int, list[str]]] = {}
    for name, numbers in found.items():
        kept[name] = {}
        for place, cluster in enumerate(numbers.tolist()):
            kept[name].setdefault(cluster, []).append(path(name, place))
    return kept


def images() -> tuple[Images, list[str]]:
    """The classes with most images first, of equal ones in the order of NAMES, as GLT's code sorts them."""
    found = clusters()
    names = sorted(NAMES, key=lambda name: -len(found[name]))
    sorted_in = [
        [[path(name, place) for place in places.tolist()] for places in attributes_of(found[name])] for name in names
    ]
    return sorted_in, names


def sets(kind: str) -> dict[str, list[Taken]]:
    """The sets of "lt" or "bl" training."""
    return long_tailed_sets(*images(), SIZES, SEED, COUNTS) if kind == "lt" else balanced_sets(*images(), SIZES)


def document(kind: str) -> dict[str, object]:
    return as_document(sets(kind), images()[1])
