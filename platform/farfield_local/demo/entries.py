"""What the demo author submits."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from farfield.choices import INPUT


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A method with its default settings, entered in a benchmark; in a tier of it where it has tiers.

    `input` chooses what it takes, where that is not the method's first.
    """

    benchmark: str
    method: str
    input: str = ""
    tier: str = ""

    @property
    def config(self) -> dict[str, str]:
        """The settings that are not the method's defaults."""
        return {INPUT: self.input} if self.input else {}

    def __str__(self) -> str:
        named = " on ".join(filter(None, (self.method, self.input)))
        return f"{' '.join(filter(None, (self.benchmark, self.tier)))}  {named}"


def on(chosen: str, *methods: str) -> tuple[str, ...]:
    """These methods with that input, as the site names such entries."""
    return tuple(f"{method} on {chosen}" for method in methods)


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board that the demo fills. `first` are the methods of a first look, at least four that tell something.

    `needs` is a pack that is not there wherever the demo runs: of data that are not shipped.
    """

    benchmark: str
    first: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    tier: str = ""
    needs: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        return self.first + self.more


class Part(StrEnum):
    """How much is submitted: each part holds the one before. See docs/quickstart.md for how long they take."""

    FIRST = "first"
    MORE = "more"
    FULL = "full"


# The budget of the first part of all boards together: 5 minutes on two cores, installation included.
BOARDS = (
    Board(
        benchmark="imagenet-ood/mini",
        first=("constant", "lite0", "ncm", "linear-probe"),
        more=(
            "zero-shot",
            *on("mini-clip", "linear-probe", "clip-wise-ft"),
            "clip-ft",
            "clip-car-ft",
            "clip-lp-ft",
            "nmtune",
            "loki",
        ),
    ),
    Board(
        benchmark="ood-detection/mini",
        first=("constant-detector", *on("lite0", "msp", "energy", "mahalanobis", "ash")),
        more=(*on("lite0", "max-logit", "react-train", "vim", "knn", "gradnorm", "abet"), *on("mini-clip", "mcm")),
    ),
    Board(
        benchmark="ood-detection/drawings",
        more=(*on("lite0", "msp", "energy", "max-logit", "knn", "mahalanobis", "vim"), *on("scratch", "energy", "knn")),
        needs="openood-drawings",
    ),
    Board(
        benchmark="open-set/drawings",
        more=on("lite0", "msp", "energy", "knn", "mahalanobis"),
        needs="open-set-drawings",
    ),
    Board(
        benchmark="groups/drawings",
        first=("ncm", "wilds-erm", "wilds-groupdro", "dfr"),
        more=("linear-probe", "class-reweighting", "group-reweighting", "jtt", "wilds-irm", "wilds-coral"),
    ),
    Board(
        benchmark="longtail/drawings",
        first=("lt-cross-entropy", "balanced-softmax", "logit-adjustment", "tau-norm"),
        more=("ncm", "crt", "lws", "deconfound-tde", "ifl", "lt-batchformer", "h2e"),
    ),
    Board(
        benchmark="adaptation/drawings",
        more=("lite0", "ncm", "linear-probe", "wilds-erm", "wilds-coral", "shot-lp-ft"),
    ),
    Board(benchmark="adaptation/drawings-active", more=("linear-probe", "ask-random", "ask-margin", "lftl")),
    Board(
        benchmark="groups/elpv",
        more=(
            "ncm",
            "linear-probe",
            "wilds-erm",
            "class-reweighting",
            "group-reweighting",
            "wilds-groupdro",
            "dfr",
            "jtt",
        ),
        needs="groups-elpv",
    ),
    Board(
        benchmark="fsdet/scenes",
        more=("fs-centre-box", "fs-prototypes", "tfa-fc", "tfa-cos", "mtfa", "imtfa", "reft"),
        needs="fsdet-scenes",
    ),
    Board(benchmark="rdfsl/drawings", more=("fsc-prototypes", *on("mini-clip", "fsc-prototypes"), "crlnet")),
    Board(
        benchmark="open-dg/drawings",
        more=("zero-shot", "linear-probe", "open-probe", *on("mini-clip", "open-probe")),
    ),
    Board(benchmark="coco-c/scenes", more=("faster-rcnn",), needs="coco-c-scenes"),
    Board(
        benchmark="domainbed/styles",
        tier="smoke",
        first=on("lite0", "dg-class-means", "erm", "irm", "coral"),
        more=on("lite0", "groupdro", "mixup", "vrex", "sam"),
    ),
)
EARLY = ("ncm", "lite0", "dg-class-means")
SWEEPS = tuple(replace(board, tier="defaults") for board in BOARDS if board.tier)

EVERY = "*"  # the pattern that all names match


def entries(part: Part, absent: Collection[str] = (), pattern: str = EVERY) -> tuple[Entry, ...]:
    """Everything that is submitted up to this part, in the order in which it is shown: the first part first.

    `absent` are packs that boards need and that are not there. `pattern`, as a shell has them, chooses boards.
    """
    return tuple(entry for entry in _entries(part, absent) if is_chosen(entry, pattern))


def _entries(part: Part, absent: Collection[str]) -> list[Entry]:
    filled = [board for board in BOARDS if board.needs not in absent or not board.needs]
    of_first = sorted((_entry(board, method) for board in filled for method in board.first), key=_is_waited_for)
    of_more = [_entry(board, method) for board in filled for method in board.more]
    of_full = [_entry(board, method) for board in SWEEPS for method in board.methods]
    return {Part.FIRST: of_first, Part.MORE: of_first + of_more, Part.FULL: of_first + of_more + of_full}[part]


def _is_waited_for(entry: Entry) -> int:
    """Those first that take long, or compute the features which others wait for."""
    return EARLY.index(entry.method) if entry.method in EARLY else len(EARLY)


def boards(part: Part, absent: Collection[str] = (), pattern: str = EVERY) -> tuple[Board, ...]:
    """The boards on which the entries of this part stand."""
    every = [board for board in ((*BOARDS, *SWEEPS) if part is Part.FULL else BOARDS) if is_chosen(board, pattern)]
    present = [board for board in every if board.needs not in absent or not board.needs]
    return tuple(board for board in present if board.first or part is not Part.FIRST)


def is_chosen(filled: Board | Entry, pattern: str) -> bool:
    """Whether the pattern matches the name of the benchmark."""
    return fnmatchcase(filled.benchmark, pattern)


def _entry(board: Board, method: str) -> Entry:
    name, _, chosen = method.partition(" on ")
    return Entry(benchmark=board.benchmark, method=name, input=chosen, tier=board.tier)
