"""From the 1,000 ImageNet classes to a benchmark's classes, each a set of synsets. It needs neither torch nor timm."""

import functools
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext
from farfield_baselines import lite0_file

SYNSETS = "data/_info/imagenet_synsets.txt"  # in timm's folder
Floats = npt.NDArray[np.float32]


class ClassMap:
    """Restricts ImageNet logits to the classes of a run.

    A class's logit is the maximum over its synsets' logits, as ObjectNet's evaluation projects its classes
    (Barbu et al. 2019): the prediction is then the class of the best allowed synset, and a class does not gain
    from having many synsets as it would by summing probabilities. Raises ValueError for a class without a synset.
    """

    def __init__(self, context: RunContext) -> None:
        synsets = context.class_synsets or ((),) * context.class_count
        self.members = [
            _indices(name, wnids, imagenet_index()) for name, wnids in zip(context.class_names, synsets, strict=True)
        ]

    def restrict(self, logits: npt.NDArray[Any]) -> Floats:
        """ImageNet logits [B, 1000] -> class logits [B, C]."""
        return np.stack([logits[:, members].max(axis=1) for members in self.members], axis=1)


class ImageNetHead:
    """Lite0's own linear classifier on pooled features, restricted to the classes of a run."""

    def __init__(self, context: RunContext) -> None:
        self.classes = ClassMap(context)
        self._weight, self._bias = lite0_file.imagenet_head()

    def __call__(self, features: npt.NDArray[Any]) -> Floats:
        """Features [B, 1280] -> class logits [B, C]."""
        return self.classes.restrict(features @ self._weight.T + self._bias)


@functools.cache
def imagenet_index() -> Mapping[str, int]:
    """WordNet id -> ImageNet class number, by timm's list, for which timm need not be imported.

    Raises ValueError where timm is not installed as files.
    """
    timm = find_spec("timm")
    if timm is None or timm.origin is None:
        raise ValueError("the list of ImageNet's classes is timm's, which is not installed")
    wnids = (Path(timm.origin).parent / SYNSETS).read_text("utf-8").split()
    return {wnid: number for number, wnid in enumerate(wnids)}


def _indices(name: str, wnids: Sequence[str], index: Mapping[str, int]) -> list[int]:
    unknown = [wnid for wnid in wnids if wnid not in index]
    if unknown or not wnids:
        reason = f"{', '.join(unknown)} is not one of the 1,000" if unknown else "it has none"
        raise ValueError(f"class {name!r} needs ImageNet synsets to be predicted by an ImageNet classifier: {reason}")
    return [index[wnid] for wnid in wnids]
