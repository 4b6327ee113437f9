"""Text embeddings that a method asks for while it runs: of the frozen networks whose features it is given.

The platform computes them once for the same prompts, outside of the method's process, and gives what it has.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
MOST_PROMPTS, LONGEST_PROMPT = 100_000, 1_000  # of one question; characters
MOST_TEXT_BYTES = 16 << 20  # of one question's prompts as UTF-8
MOST_QUESTIONS = 20  # of one run


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Unit embeddings float32 [P, D] of the prompts, in their order.

    `scale` is what cosines with them are multiplied by: of CLIP the exponential of its learned `logit_scale`.
    """

    embeddings: Floats
    scale: float


@dataclass(frozen=True, kw_only=True)
class TextTower:
    """A backbone's text side: `embed` gives unit embeddings float32 [P, D] of P prompts; `scale` as in `Embedded`."""

    embed: Callable[[Sequence[str]], Any]
    scale: float


Ask = Callable[[str, Mapping[str, Any], Sequence[str]], Embedded | None]


def is_answered(prompts: object) -> bool:
    """Whether so many and so long prompts are computed by the platform.

    >>> is_answered(["a photo of a zebra"]), is_answered([]), is_answered("zebra"), is_answered(["z" * 2000])
    (True, False, False, False)
    """
    if not isinstance(prompts, list | tuple) or not 1 <= len(prompts) <= MOST_PROMPTS:
        return False
    return all(isinstance(prompt, str) and len(prompt) <= LONGEST_PROMPT for prompt in prompts)


class Texts:
    """What `RunContext.texts` is. `ask` gets (backbone, settings, prompts), and gives what `embed` does."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def embed(self, backbone: str, settings: Mapping[str, Any], prompts: Sequence[str]) -> Embedded | None:
        """Of the network that `Frozen` makes of the method's settings. None where the platform does not have them: of
        any other network, of one without a text side, of too many prompts, of more than 16 MiB of them as UTF-8, and
        after MOST_QUESTIONS questions. Raises JobError for what is no answer.
        """
        return self._ask(backbone, settings, prompts) if is_answered(prompts) else None
