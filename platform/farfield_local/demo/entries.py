"""What the demo author submits."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache

from farfield.choices import INPUT
from farfield.settings import split_pairs
from farfield_evaluators.catalog import find


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A method entered in a benchmark; in a tier of it where it has tiers.

    `input` chooses what it takes, where that is not the method's first. `settings` are NAME=VALUE of those that are
    not its defaults.
    """

    benchmark: str
    method: str
    input: str = ""
    tier: str = ""
    settings: tuple[str, ...] = ()

    @property
    def config(self) -> dict[str, str]:
        """The settings that are not the method's defaults, as words."""
        return ({INPUT: self.input} if self.input else {}) | split_pairs(self.settings)

    def __str__(self) -> str:
        on_input = " on ".join(filter(None, (self.method, self.input)))
        named = " with ".join(filter(None, (on_input, ", ".join(self.settings))))
        return f"{' '.join(filter(None, (self.benchmark, self.tier)))}  {named}"


def on(chosen: str, *methods: str) -> tuple[str, ...]:
    """These methods with that input, as the site names such entries."""
    return tuple(f"{method} on {chosen}" for method in methods)


def with_settings(settings: str, *methods: str) -> tuple[str, ...]:
    """These methods with those settings, "NAME=VALUE, NAME=VALUE"."""
    return tuple(f"{method} with {settings}" for method in methods)


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board that the demo fills. `first` are the methods of a first look, at least four that tell something.

    `more` and `full` are those that the later parts add. `swept` are those of `first` and `more` that the last part
    enters in the usual tier too. `needs` is a pack that is not there wherever the demo runs: it is made, or fetched,
    for the later parts alone.
    """

    benchmark: str
    first: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()
    tier: str = ""
    needs: str = ""


class Part(StrEnum):
    """How much is submitted: each part holds the one before. See docs/quickstart.md for how long they take."""

    FIRST = "first"
    MORE = "more"
    FULL = "full"


PROBES = ("linear-probe", *on("mini-clip", "linear-probe"))
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
        full=(
            *on(
                "lite0",
                "gen",
                "temp-scale-train",
                "kl-matching-train",
                "openmax",
                "vra-train",
                "scale",
                "dice",
                "nnguide",
            ),
            *on(
                "lite0",
                "relation",
                "she",
                "rmds",
                "residual",
                "fdbd",
                "nci",
                "odin",
                "iodin",
                "adascale-a",
                "adascale-l",
            ),
            *on("lite0", "rankfeat", "cfood", "gmm", "gram", "mds-ensemble"),
            *("rts", "g-odin", "conf-branch", "logit-norm", "t2f-norm", "vos", "cider", "abet-trained"),
            *("mc-dropout", "deep-ensemble", "zode", "cooked"),
        ),
    ),
    Board(
        benchmark="ood-detection/drawings",
        more=(*on("lite0", "msp", "energy", "max-logit", "knn", "mahalanobis", "vim"), *on("scratch", "energy", "knn")),
        needs="openood-drawings",
    ),
    Board(
        benchmark="ood-detection/drawings-outliers",
        more=on("lite0", "energy", "knn", "vim"),
        full=(
            *on("lite0", "grood"),
            *(
                "outlier-exposure",
                "mcd",
                "mix-oe",
                "udg",
                "npos",
                "palm",
                "reweight-ood",
                "arpl",
                "mos",
                "ish",
                "ascood",
            ),
        ),
        needs="openood-drawings-outliers",
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
    Board(benchmark="rdfsl/drawings-open", more=("fsc-prototypes", *on("mini-clip", "fsc-prototypes"))),
    Board(
        benchmark="open-dg/drawings",
        more=("zero-shot", "linear-probe", "open-probe", *on("mini-clip", "open-probe", "osloprompt")),
        needs="open-dg/drawings",
    ),
    Board(benchmark="unlearning/drawings", tier="one", more=("linear-probe", "adu-probe"), needs="unlearning/drawings"),
    Board(benchmark="clip-benchmark/drawings", tier="zero-shot", more=("zero-shot",), needs="clip-benchmark/drawings"),
    *(
        Board(
            benchmark="clip-benchmark/drawings",
            tier=tier,
            more=(*PROBES, *with_settings("training=clip-benchmark", *PROBES)),
            needs="clip-benchmark/drawings",
        )
        for tier in ("4-shot", "all")
    ),
    Board(
        benchmark="clip-benchmark/drawings-multilabel",
        more=("zero-shot",),
        needs="clip-benchmark/drawings-multilabel",
    ),
    Board(
        benchmark="clip-benchmark/drawings-captions",
        more=("chance-retrieval", "clip-retrieval"),
        needs="clip-benchmark/drawings-captions",
    ),
    Board(
        benchmark="mtil/drawings",
        more=("zero-shot", "ncm", *PROBES),
        full=with_settings("epochs=2, learning_rate=3e-5", "seq-ft", "seq-wise-ft", "zscl"),
        needs="mtil-drawings",
    ),
    *(
        Board(
            benchmark="pruning/drawings",
            tier=tier,
            more=("keep-random", "keep-density", "keep-far-from-centre"),
            needs="pruning-drawings",
        )
        for tier in ("25-percent", "50-percent")
    ),
    Board(benchmark="coco-c/scenes", more=("faster-rcnn",), needs="coco-c-scenes"),
    Board(
        benchmark="domainbed/styles",
        tier="smoke",
        first=on("lite0", "dg-class-means", "erm", "irm", "coral"),
        more=on("lite0", "groupdro", "mixup", "vrex", "sam"),
        swept=on("lite0", "erm", "mixup"),
        full=(
            *on("lite0", "adrmx", "andmask", "batchformer", "cad", "causirl-coral", "causirl-mmd", "cdann", "condcad"),
            *on(
                "lite0",
                "dann",
                "eqrm",
                "erm-plus-plus",
                "fish",
                "fishr",
                "ib-erm",
                "ib-irm",
                "iga",
                "mldg",
                "mmd",
                "mtl",
            ),
            *on("lite0", "mtl-mean", "rdm", "rsc", "sagnet", "sandmask", "sd", "selfreg", "swad", "transfer", "trm"),
            *on("lite0", "udim", "urm"),
        ),
    ),
)
EARLY = ("ncm", "lite0", "dg-class-means")

EVERY = "*"  # the pattern that all names match


@cache
def sweeps() -> tuple[Board, ...]:
    """Boards of sweeps over hyperparameters, with some of what was entered in their short tier, in their usual one."""
    plans = [(board, find(board.benchmark).plan) for board in BOARDS]
    return tuple(
        replace(board, first=(), more=(), full=board.swept, tier=plan.tiers[0].name)
        for board, plan in plans
        if plan.draws
    )


def entries(part: Part, absent: Collection[str] = (), pattern: str = EVERY) -> tuple[Entry, ...]:
    """Everything that is submitted up to this part, in the order in which it is shown: the first part first.

    `absent` are packs that boards need and that are not there. `pattern`, as a shell has them, chooses boards.
    """
    return tuple(entry for entry in _entries(part, absent) if is_chosen(entry, pattern))


def _entries(part: Part, absent: Collection[str]) -> list[Entry]:
    of_first = [_entry(board, method) for board in boards(part, absent) for method in board.first]
    of_more = [_entry(board, method) for board in boards(part, absent) for method in board.more]
    of_full = [_entry(board, method) for board in boards(part, absent) for method in board.full]
    of_first.sort(key=_is_waited_for)
    return {Part.FIRST: of_first, Part.MORE: of_first + of_more, Part.FULL: of_first + of_more + of_full}[part]


def _is_waited_for(entry: Entry) -> int:
    """Those first that take long, or compute the features which others wait for."""
    return EARLY.index(entry.method) if entry.method in EARLY else len(EARLY)


def boards(part: Part, absent: Collection[str] = (), pattern: str = EVERY) -> tuple[Board, ...]:
    """The boards on which the entries of this part stand."""
    every = [board for board in ((*BOARDS, *sweeps()) if part is Part.FULL else BOARDS) if is_chosen(board, pattern)]
    present = [board for board in every if board.needs not in absent or not board.needs]
    return tuple(board for board in present if board.first or part is not Part.FIRST)


def is_chosen(filled: Board | Entry, pattern: str) -> bool:
    """Whether the pattern matches the name of the benchmark."""
    return fnmatchcase(filled.benchmark, pattern)


def _entry(board: Board, method: str) -> Entry:
    named, _, settings = method.partition(" with ")
    name, _, chosen = named.partition(" on ")
    said = tuple(filter(None, settings.split(", ")))
    return Entry(benchmark=board.benchmark, method=name, input=chosen, tier=board.tier, settings=said)
