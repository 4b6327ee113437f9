"""The floor of every retrieval board: embeddings by chance, which follow from what is embedded and nothing else."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims

DIMENSIONS = 64
SEED_WORDS = 4


class ChanceRetrieval:
    """Each embedding is drawn from a seed that is the hash of the caption or of the pixels."""

    def __init__(self, context: RunContext) -> None:
        pass

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Embeddings [M, DIMENSIONS]."""
        return drawn(text.encode() for text in texts)

    def embed_images(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Embeddings [B, DIMENSIONS]."""
        return drawn(image.tobytes() for image in images)


def drawn(contents: Iterable[bytes]) -> npt.NDArray[np.float64]:
    """Normal numbers [N, DIMENSIONS], the same for the same bytes."""
    seeds = [np.frombuffer(hashlib.sha256(content).digest(), np.uint64, SEED_WORDS) for content in contents]
    return np.stack([np.random.default_rng(seed.tolist()).normal(size=DIMENSIONS) for seed in seeds])


SPEC = MethodSpec(
    name="chance-retrieval",
    family=TaskFamily.RETRIEVAL,
    summary="Embeddings by chance: the floor.",
    build=ChanceRetrieval,
    inputs=Images(size=8, interpolation="nearest", crop="squash"),
    claims=TrackClaims(backbone="none"),
    resources=Resources(memory_gib=0.5, minutes=5.0),
    batch_size=256,
    licence="Apache-2.0",
)
