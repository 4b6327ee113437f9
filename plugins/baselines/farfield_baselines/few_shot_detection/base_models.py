"""What is kept of a base phase: a file of tensors, and the classes that the model knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from farfield.errors import ConfigError

if TYPE_CHECKING:
    import torch

    Tensors = Mapping[str, torch.Tensor]

FILE = "base.safetensors"
PUBLISHED = "backbone.trunk."  # tensors that come with a distribution, and are never trained
CLASSES = "classes"


def save(folder: Path, tensors: Tensors, classes: Sequence[int]) -> None:
    """Write the tensors, but for those of a trunk that is published, for a model of these label numbers."""
    from safetensors.torch import save_file

    own = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items() if trained(name)}
    save_file(own, folder / FILE, metadata={CLASSES: ",".join(map(str, classes))})


def load(folder: Path, expected: Tensors, classes: Sequence[int]) -> dict[str, torch.Tensor]:
    """What `save` wrote there, of the names and shapes that are expected. Raises ConfigError for anything else."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(folder / FILE, framework="pt") as opened:
            known = str((opened.metadata() or {}).get(CLASSES, ""))
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - it is no mapping
    except (OSError, SafetensorError) as error:
        raise ConfigError([f"base model: {FILE} cannot be read ({error}); train it again"]) from error
    if known != ",".join(map(str, classes)):
        raise ConfigError([f"base model: it knows the classes {known[:200]}, and not those of this benchmark"])
    wanted = {name: tensor.shape for name, tensor in expected.items() if trained(name)}
    if {name: tensor.shape for name, tensor in tensors.items()} != wanted:
        raise ConfigError(["base model: its tensors are not those of these settings; train it again with them"])
    return tensors


def trained(name: str) -> bool:
    """Whether the tensor of this name is the base phase's own."""
    return not name.startswith(PUBLISHED)
