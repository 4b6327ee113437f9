"""How a frozen network looks at images: without gradients, in the precision that the run was told.

Every network whose features the platform keeps passes images through here, so that the same digits come out wherever
they are computed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from farfield.precision import Precision, asked


@contextmanager
def looking(device: str) -> Iterator[None]:
    """Inference, in float32 as it is written, or with autocast to bfloat16 where the benchmark allows that.

    Outputs may be bfloat16 then: whoever keeps them makes them float32. Raises ValueError for a precision that is none.
    """
    rounds, kind = asked() is Precision.BFLOAT16, torch.device(device).type
    if kind == "cuda":
        forbid_tf32()
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=rounds):
        yield


def forbid_tf32() -> None:
    """For this process: torch allows it in convolutions by default, and its digits depend on the card's generation."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
