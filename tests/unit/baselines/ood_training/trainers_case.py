"""What a comparison with OpenOOD's trainers has in common on both sides: tensors."""

import numpy as np
import torch

CLASSES, EXAMPLES, WIDTH, FREEDOM = 4, 6, 5, 7
LABELS = torch.tensor([0, 1, 2, 3, 1, 0])
GROUPS = ((1,), (0, 3, 2))
# Labels of eight images and of twelve outliers, and the cluster of each: one pure, one of outliers, two mixed.
NAMED = 8
GROUPED = [0, 0, 0, 1, 1, 2, 3, 3, -1, -1, -1, -1, -1, -1, -1, 1, -1, -1, -1, -1]
CLUSTERS = [0, 0, 0, 1, 1, 1, 2, 3, 0, 2, 2, 2, 1, 1, 3, 3, 3, 2, 3, 2]
HINTED = torch.tensor([True, False, True, True, False, False])


def features_of_classes() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Unit features [40, WIDTH] of all classes, their labels, and further ones."""
    return unit(40, 40, WIDTH).detach(), torch.arange(40) % CLASSES, unit(41, EXAMPLES, WIDTH).detach()


def tensor(seed: int, *shape: int) -> torch.Tensor:
    """Standard normal, and with a gradient."""
    values = np.random.RandomState(seed).standard_normal(shape).astype(np.float32)
    return torch.from_numpy(values).requires_grad_(True)


def unit(seed: int, *shape: int) -> torch.Tensor:
    """The same in rows of length 1."""
    rows = tensor(seed, *shape).detach()
    lengths: torch.Tensor = rows.norm(dim=1, keepdim=True)
    return (rows / lengths).requires_grad_(True)
