"""What the demo author submits."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A method with its default settings, entered in a benchmark; in a tier of it where it has tiers."""

    benchmark: str
    method: str
    tier: str = ""

    def __str__(self) -> str:
        return f"{' '.join(filter(None, (self.benchmark, self.tier)))}  {self.method}"


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board that the demo fills, with these methods."""

    benchmark: str
    methods: tuple[str, ...]
    tier: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(Entry(benchmark=self.benchmark, method=method, tier=self.tier) for method in self.methods)


GENERALIZATION = (
    "lite0-class-means",
    "lite0-erm",
    "lite0-irm",
    "lite0-groupdro",
    "lite0-mixup",
    "lite0-coral",
    "lite0-vrex",
    "lite0-sam",
)
BOARDS = (
    Board(
        benchmark="imagenet-ood/mini",
        methods=(
            "constant",
            "lite0",
            "lite0-ncm",
            "lite0-linear-probe",
            "mini-clip-zero-shot",
            "mini-clip-linear-probe",
            "mini-clip-wise-ft",
            "clip-ft",
            "clip-car-ft",
            "clip-lp-ft",
            "nmtune",
            "loki",
        ),
    ),
    Board(
        benchmark="ood-detection/mini",
        methods=(
            "constant-detector",
            "lite0-msp",
            "lite0-max-logit",
            "lite0-energy",
            "lite0-react",
            "lite0-vim",
            "lite0-ash",
            "lite0-mahalanobis",
            "lite0-gradnorm",
            "lite0-abet",
            "lite0-knn",
            "mini-clip-mcm",
        ),
    ),
    Board(benchmark="domainbed/styles", tier="smoke", methods=GENERALIZATION),
)
# What takes longer than a first look should: hours on two cores.
FULL = (Board(benchmark="domainbed/styles", tier="defaults", methods=GENERALIZATION),)


def boards(*, full: bool, methods: int | None = None) -> tuple[Board, ...]:
    """The boards of the demo, or of the full one, with the first `methods` of each or all."""
    chosen = (*BOARDS, *FULL) if full else BOARDS
    return tuple(replace(board, methods=board.methods[:methods]) for board in chosen)


def entries(of: tuple[Board, ...]) -> tuple[Entry, ...]:
    """Everything that is submitted for these boards."""
    return tuple(entry for board in of for entry in board.entries)
