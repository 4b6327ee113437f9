"""In which numbers a run computes: its benchmark says so, and every process of the run is told by its environment.

Where a device has faster arithmetic with fewer digits, its libraries may use it without being asked: NVIDIA's compute
convolutions of float32 with 10 bits in the place of 23 (TF32) since their cards of 2020. Figures would depend on the
card then, so a platform's processes never do.
"""

import os
from enum import StrEnum

VARIABLE = "FARFIELD_PRECISION"
TF32 = "NVIDIA_TF32_OVERRIDE"  # read by cuBLAS and cuDNN, above all that a program asks of them; 0 forbids it


class Precision(StrEnum):
    """float32: as it is written. bfloat16: frozen networks may round to that where their library thinks it safe."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


def told(precision: Precision, *, gpu: bool) -> dict[str, str]:
    """The variables of a process that computes so; none for what every process does anyway.

    >>> told(Precision.FLOAT32, gpu=False), told(Precision.BFLOAT16, gpu=True)
    ({}, {'NVIDIA_TF32_OVERRIDE': '0', 'FARFIELD_PRECISION': 'bfloat16'})
    """
    forbidden = {TF32: "0"} if gpu else {}
    return forbidden | ({} if precision is Precision.FLOAT32 else {VARIABLE: precision.value})


def asked() -> Precision:
    """What this process was told. Raises ValueError for a word that is no precision."""
    return Precision(os.environ.get(VARIABLE) or Precision.FLOAT32)
