"""Wrong labels by ImageNet-NLT's colours, as pure functions of labels and a seed (Yi et al. 2022, arXiv 2207.13378).

Blue: an image's label is that of another class, each as likely. Red: an image is in truth none of the classes, as what
a search on the web brings; its label stays. Purple: half of each. How the release drew its sets is not published; these
are our reading.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
COLOURS = ("blue", "red", "purple")


@dataclass(frozen=True, kw_only=True)
class Noisy:
    """labels [N]; outside: where the image is none of the classes; wrong: where label and image disagree, bool [N]."""

    labels: Ints
    outside: npt.NDArray[np.bool_]
    wrong: npt.NDArray[np.bool_]


def noisy(labels: Ints, colour: str, share: float, classes: int, seed: int) -> Noisy:
    """round(share N) of the labels made wrong; of purple noise the first half is blue."""
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(labels))[: round(share * len(labels))]
    blue = drawn[: {"blue": len(drawn), "red": 0, "purple": len(drawn) // 2}[colour]]
    changed, outside, wrong = labels.copy(), np.zeros(len(labels), bool), np.zeros(len(labels), bool)
    changed[blue] = (labels[blue] + rng.integers(1, classes, len(blue))) % classes
    outside[drawn[len(blue) :]] = True
    wrong[drawn] = True
    return Noisy(labels=changed, outside=outside, wrong=wrong)
