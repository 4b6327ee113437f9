"""What a comparison with OpenOOD's trainers has in common on both sides: tensors."""

import numpy as np
import torch

CLASSES, EXAMPLES, WIDTH, FREEDOM = 4, 6, 5, 7
LABELS = torch.tensor([0, 1, 2, 3, 1, 0])
HINTED = torch.tensor([True, False, True, True, False, False])


def tensor(seed: int, *shape: int) -> torch.Tensor:
    """Standard normal, and with a gradient."""
    values = np.random.RandomState(seed).standard_normal(shape).astype(np.float32)
    return torch.from_numpy(values).requires_grad_(True)


def unit(seed: int, *shape: int) -> torch.Tensor:
    """The same in rows of length 1."""
    rows = tensor(seed, *shape).detach()
    lengths: torch.Tensor = rows.norm(dim=1, keepdim=True)
    return (rows / lengths).requires_grad_(True)
