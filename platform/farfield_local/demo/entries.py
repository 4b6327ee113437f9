"""What the demo author submits."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A method with its default settings, entered in a benchmark."""

    benchmark: str
    method: str

    def __str__(self) -> str:
        return f"{self.benchmark}  {self.method}"


BOARDS = {
    "imagenet-ood/mini": (
        "constant",
        "lite0",
        "lite0-ncm",
        "lite0-linear-probe",
        "mini-clip-zero-shot",
        "mini-clip-linear-probe",
        "mini-clip-wise-ft",
    ),
    "ood-detection/mini": (
        "constant-detector",
        "lite0-msp",
        "lite0-max-logit",
        "lite0-energy",
        "lite0-knn",
        "mini-clip-mcm",
    ),
}
ENTRIES = tuple(Entry(benchmark=board, method=method) for board, methods in BOARDS.items() for method in methods)
