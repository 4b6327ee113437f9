"""How a frozen network looks at images: without gradients, in the precision that the run was told, on its device.

Every network whose features the platform keeps passes images through here, so that the same digits come out wherever
they are computed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
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


class OnDevice:
    """A network as the platform asks it for features: `look` gives float32 [B, D] on the host of images [B, H, W, 3].

    `ready` is for a thread that reads ahead: on a GPU it copies images there from memory that is pinned, on a stream of
    its own, so that the network looks at those before meanwhile; on a processor they stay as they are. Where the device
    has no memory left for a batch, because others hold it, the batch stays on the host, or its halves are looked at one
    after the other.
    """

    def __init__(self, look: Callable[[Any], npt.NDArray[np.float32]], device: str) -> None:
        self._look, self._device = look, torch.device(device)
        self._copies: Any = None
        if self._device.type == "cuda":
            self._copies = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]

    def ready(self, images: npt.NDArray[Any]) -> Any:
        """uint8 [B, H, W, 3], a tensor on the device, whole when this returns, or the array where there is no room."""
        try:
            return self.copied(images)
        except torch.OutOfMemoryError:
            return images

    def __call__(self, images: Any) -> npt.NDArray[np.float32]:
        """Raises torch.OutOfMemoryError where there is no room for one image."""
        try:
            return self._look(images)
        except torch.OutOfMemoryError:
            if len(images) == 1:
                raise
        torch.cuda.empty_cache()  # outside of the handler, which holds what was computed
        half = len(images) // 2
        print(f"no memory on the device for {len(images)} images at once: they are looked at in halves", flush=True)
        return np.concatenate([self(images[:half]), self(images[half:])])

    def copied(self, images: npt.NDArray[Any]) -> Any:
        """As `ready`. Raises torch.OutOfMemoryError where the device has no room."""
        if self._copies is None:
            return images
        with torch.cuda.stream(self._copies):
            copied = torch.from_numpy(np.ascontiguousarray(images)).pin_memory().to(self._device, non_blocking=True)
        self._copies.synchronize()  # it is the reading thread that waits
        return copied


def forbid_tf32() -> None:
    """For this process: torch allows it in convolutions by default, and its digits depend on the card's generation."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
