"""Domain extrapolation: ERM that trains on generated images of domains that a language model thought of, too.

Li et al. 2024, arXiv 2403.05523: the model describes domains that no training image shows, and a generator draws the
classes in them. Neither runs here: the images are a folder, `<new domain>/<class>/<image>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Batch, setting
from farfield_baselines.generalization.core import Algorithm, Config, Setup
from farfield_baselines.generalization.declare import declare

FOLDER = "generated"


@dataclass(frozen=True, kw_only=True)
class ExtrapolatedConfig(Config):
    """Where the images lie."""

    generated: str = setting("", help="Folder of generated images, <new domain>/<class>/<image>; empty is ERM.")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A generated image: its file, and its class by number."""

    path: Path
    label: int


class Extrapolated(Algorithm):
    """Each new domain gives as many images to a step as a training domain does, and counts alike."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        folder = self.config.generated
        self.new_domains = new_domains(Path(folder), setup.class_names) if folder else {}

    def prepare(self, minibatches: Sequence[Batch]) -> Sequence[Batch]:
        return [*minibatches, *(self._batch(of, like=minibatches[0]) for of in self.new_domains.values())]

    def _batch(self, images: Sequence[Drawn], *, like: Batch) -> Batch:
        import torch

        # Drawn by torch, whose generator the run seeds anew for each step.
        chosen = [images[int(n)] for n in torch.randint(len(images), (len(like.labels),))]
        labels = np.array([each.label for each in chosen])
        pixels = np.stack([_read(each.path, like.inputs.shape[1:3]) for each in chosen])
        return Batch(inputs=pixels, labels=labels, domains=np.full(len(labels), -1))


def new_domains(folder: Path, class_names: Sequence[str]) -> dict[str, list[Drawn]]:
    """The images of each new domain. Raises ValueError for a folder of no class, and for one without images."""
    numbers = {_plain(name): number for number, name in enumerate(class_names)}
    by_domain: dict[str, list[Drawn]] = {}
    for home in sorted(folder.glob("*/*/")):
        label = numbers.get(_plain(home.name))
        if label is None:
            raise ValueError(
                f"{FOLDER}: {home.parent.name}/{home.name} is none of the classes {', '.join(class_names)}"
            )
        images = [Drawn(path=path, label=label) for path in sorted(home.iterdir()) if path.is_file()]
        by_domain.setdefault(home.parent.name, []).extend(images)
    if not by_domain or not all(by_domain.values()):
        raise ValueError(f"{FOLDER}: {folder} has no images below <new domain>/<class>/")
    return by_domain


def _plain(name: str) -> str:
    return name.casefold().replace("_", " ").replace("-", " ")


def _read(path: Path, size: tuple[int, ...]) -> npt.NDArray[Any]:
    """uint8 [H, W, 3], squashed as the platform does for these methods. Raises ValueError for what is no image."""
    from PIL import Image

    height, width = size
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR))
    except OSError as error:
        raise ValueError(f"{FOLDER}: {path} is no image that can be read: {error}") from error


SPEC = declare(
    "extrapolated-erm",
    Extrapolated,
    "ERM, also on generated images of domains that a language model describes.",
    ("Li et al. 2024, arXiv 2403.05523",),
    config=ExtrapolatedConfig,
    images_only=True,
)
