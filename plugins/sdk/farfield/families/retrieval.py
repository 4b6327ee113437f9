"""Retrieval: embeddings of captions and of images, in one space; which of them belong together nobody is told.

Captions come all at once, in an order that says nothing, and are embedded before the first image is given. How many
dimensions both have is the method's affair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from farfield.errors import JobError, ProtocolError
from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size
from farfield.families.streams import Batched
from farfield.families.toys import Toys, check_stream, close
from farfield.method import Inputs as Declared
from farfield.protocols import Retriever
from farfield.runtime.loops import Array, as_array, checked
from farfield.runtime.rows import Out
from farfield.runtime.streamed import begin

MOST_DIMENSIONS = 4096
DIMENSIONS, TEXTS, IMAGES = "dimensions", "texts", "images"
_TEXTS, _IMAGES = "embed_texts: embeddings", "embed_images: embeddings"


def texts_of(method: Retriever, captions: Sequence[str]) -> Array:
    """Embeddings float32 [M, D] of the captions. Raises ProtocolError for anything else."""
    returned = as_array(method.embed_texts(list(captions)), _TEXTS)
    if returned.ndim != 2 or not 1 <= returned.shape[1] <= MOST_DIMENSIONS:
        fits = f"the shape ({len(captions)}, D) with D from 1 to {MOST_DIMENSIONS}"
        raise ProtocolError(f"{_TEXTS} must have {fits}, got {returned.shape}")
    return checked(returned, (len(captions), returned.shape[1]), _TEXTS)


@dataclass(frozen=True)
class OfImages:
    """How images are embedded where captions have so many dimensions."""

    dimensions: int

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        return {IMAGES: ArrayRule(shape=(size.examples, self.dimensions))}

    def rows(self, method: Retriever, images: Array, size: Size) -> dict[str, Array]:
        """Embeddings float32 [B, D] of one batch. Raises ProtocolError for anything else."""
        return {IMAGES: checked(method.embed_images(images), (len(images), self.dimensions), _IMAGES)}

    @property
    def batched(self) -> Batched:
        return Batched(predict=self.rows, phase="embed")


class Retrieval:
    """`embed_texts` -> float32 [M, D], `embed_images` -> float32 [N, D]; `dimensions` is D, int64 [1]."""

    name = "retrieval"
    title = "Retrieval"
    protocol = Retriever
    members = ("embed_texts", "embed_images")
    optional = ()
    annotated = ()
    curves = False
    asks = False
    bases = False
    probes = True

    def problems(self, inputs: Declared) -> list[str]:
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        return {
            DIMENSIONS: ArrayRule(shape=(1,), dtype="int64", lowest=1, highest=MOST_DIMENSIONS, of_inputs=False),
            TEXTS: ArrayRule(shape=(size.texts,), columns=DIMENSIONS, of_inputs=False),
            IMAGES: ArrayRule(shape=(size.examples,), columns=DIMENSIONS),
        }

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        if not inputs.captions:
            raise JobError("a run of retrieval needs captions")
        texts = texts_of(method, inputs.captions)
        before = {DIMENSIONS: np.array([texts.shape[1]], np.int64), TEXTS: texts}
        out.save(before)
        begin(inputs.test, before)
        images = OfImages(texts.shape[1])
        images.batched.run(images, method, inputs, out, schedule)

    def check(self, build: Build) -> None:
        toys = Toys(build)
        method = check_stream(build, toys, lambda _: None, _Both())
        if build.spec.stochastic or build.spec.transductive:
            return
        turned = texts_of(method, toys.captions[::-1])[::-1]
        if not close(turned, texts_of(method, toys.captions)):
            says = "the embedding of a caption changes with those beside it"
            raise ProtocolError(f"{says}; embed each caption by itself, or declare transductive=True")


class _Both:
    """Captions and images, one after the other."""

    def whole(self, method: Any, inputs: Inputs, batch: int) -> Array:
        """The embeddings [M + N, D]."""
        texts = texts_of(method, inputs.captions)
        return np.concatenate([texts, OfImages(texts.shape[1]).batched.whole(method, inputs, batch)])


FAMILY = Retrieval()
