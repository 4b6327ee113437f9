"""What WILDS fixed of each of its ten data sets: splits and their numbers, metadata, replicates, what is reported.

Koh et al., WILDS, ICML 2021 (arXiv 2012.07421), in the form of its package, version 2.0. Everything here is a value:
importers, scorers and benchmarks read it, and nothing of it depends on somebody's copy of the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Task = Literal["classification", "regression", "detection", "multi-label", "tokens"]
SOURCE = "from_source_domain"
FOLD_NAMES = ("A", "B", "C", "D", "E")
NO_SIZES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Replicate:
    """One of the runs over which a figure is a mean: `seed:0`, or `fold:A`."""

    kind: Literal["seed", "fold"]
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


def seeds(count: int) -> tuple[Replicate, ...]:
    """The replicates of so many seeds, from 0.

    >>> [str(replicate) for replicate in seeds(2)]
    ['seed:0', 'seed:1']
    """
    return tuple(Replicate(kind="seed", value=str(number)) for number in range(count))


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One data set of WILDS.

    name, version: as its folder has them, `{name}_v{version}`. splits: the official number of each by name, in the
    order of the numbers, which is not the names'. fields: of the metadata, in order, SOURCE last; Py150 has one field
    more for each position of a file, `tok_{i}_type`, before that. source_splits: whose examples SOURCE is 1 for.
    group_field: what training goes by. headline, reported: keys of WILDS' figures, the headline first. classes: how
    many, tasks of MolPCBA, 0 for a number that is told. sizes: how many examples a release is said to have, by split;
    those of `certain` are known from several sources, and only they are held against a copy.
    """

    name: str
    version: str
    title: str
    task: Task
    splits: Mapping[str, int] = field(hash=False)
    fields: tuple[str, ...]
    group_field: str
    replicates: tuple[Replicate, ...] = seeds(3)
    headline: str
    reported: tuple[str, ...]
    classes: int
    source_splits: tuple[str, ...] = ("train",)
    sizes: Mapping[str, int] = field(default_factory=lambda: NO_SIZES, hash=False)
    certain: tuple[str, ...] = ()

    @property
    def variant(self) -> str:
        """What follows `wilds/` in the name of its benchmark."""
        return self.name.removeprefix("ogb-")

    @property
    def benchmark(self) -> str:
        return f"wilds/{self.variant}"

    @property
    def folder(self) -> str:
        """The folder of the release, in the folder of all of WILDS; MolPCBA's is that of OGB's own package."""
        return "ogbg_molpcba" if self.name == "ogb-molpcba" else f"{self.name}_v{self.version}"

    @property
    def evaluated(self) -> tuple[str, ...]:
        """The splits of which predictions are handed in: all but train."""
        return tuple(name for name in self.splits if name != "train")


def _splits(*names: str) -> Mapping[str, int]:
    return MappingProxyType({name: number for number, name in enumerate(names)})


_FIVE = ("train", "val", "test", "id_val", "id_test")
_ID_FIRST = ("train", "id_val", "id_test", "val", "test")


def _sizes(order: tuple[str, ...], *counts: int) -> Mapping[str, int]:
    return MappingProxyType(dict(zip(order, counts, strict=True)))


IWILDCAM = Dataset(
    name="iwildcam",
    version="2.0",
    title="iWildCam",
    task="classification",
    splits=_splits(*_FIVE),
    fields=("location", "sequence", "year", "month", "day", "hour", "minute", "second", "y", SOURCE),
    group_field="location",
    headline="F1-macro_all",
    reported=("F1-macro_all", "acc_avg"),
    classes=182,
    sizes=_sizes(_FIVE, 129_809, 14_961, 42_791, 7_314, 8_154),
    certain=("train", "test", "id_test"),
)
CAMELYON17 = Dataset(
    name="camelyon17",
    version="1.0",
    title="Camelyon17",
    task="classification",
    splits=_splits("train", "id_val", "test", "val"),
    fields=("hospital", "slide", "y", SOURCE),
    group_field="hospital",
    replicates=seeds(10),
    headline="acc_avg",
    reported=("acc_avg",),
    classes=2,
    sizes=_sizes(("train", "id_val", "test", "val"), 302_436, 33_560, 85_054, 34_904),
    certain=("train", "id_val", "test", "val"),
)
RXRX1 = Dataset(
    name="rxrx1",
    version="1.0",
    title="RxRx1",
    task="classification",
    splits=_splits("train", "val", "test", "id_test"),
    fields=("cell_type", "experiment", "plate", "well", "site", "y", SOURCE),
    group_field="experiment",
    headline="acc_avg",
    reported=("acc_avg",),
    classes=1139,
    sizes=_sizes(("train", "val", "test", "id_test"), 40_612, 9_854, 34_432, 40_612),
)
MOLPCBA = Dataset(
    name="ogb-molpcba",
    version="1.0",
    title="OGB-MolPCBA",
    task="multi-label",
    splits=_splits("train", "val", "test"),
    fields=("scaffold", SOURCE),
    group_field="scaffold",
    headline="ap",
    reported=("ap",),
    classes=128,
    sizes=_sizes(("train", "val", "test"), 350_343, 43_793, 43_793),
)
GLOBALWHEAT = Dataset(
    name="globalwheat",
    version="1.1",
    title="GlobalWheat",
    task="detection",
    splits=_splits(*_FIVE),
    fields=("session", "country", "location", "stage", SOURCE),
    group_field="session",
    headline="detection_acc_avg_dom",
    reported=("detection_acc_avg_dom",),
    classes=1,
    sizes=_sizes(_FIVE, 2_943, 1_424, 1_434, 357, 357),
)
CIVILCOMMENTS = Dataset(
    name="civilcomments",
    version="1.0",
    title="CivilComments",
    task="classification",
    splits=_splits("train", "val", "test"),
    fields=(
        "male",
        "female",
        "LGBTQ",
        "christian",
        "muslim",
        "other_religions",
        "black",
        "white",
        "identity_any",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
        "sexual_explicit",
        "y",
        SOURCE,
    ),
    group_field="black",
    replicates=seeds(5),
    headline="acc_wg",
    reported=("acc_wg", "acc_avg"),
    classes=2,
    sizes=_sizes(("train", "val", "test"), 269_038, 45_180, 133_782),
    certain=("train",),
)
FMOW = Dataset(
    name="fmow",
    version="1.1",
    title="FMoW",
    task="classification",
    splits=_splits(*_ID_FIRST),
    fields=("region", "year", "y", SOURCE),
    group_field="year",
    headline="acc_worst_region",
    reported=("acc_worst_region", "acc_avg"),
    classes=62,
    source_splits=("train", "id_val", "id_test"),
    sizes=_sizes(_ID_FIRST, 76_863, 11_483, 11_327, 19_915, 22_108),
)
POVERTY = Dataset(
    name="poverty",
    version="1.1",
    title="PovertyMap",
    task="regression",
    splits=_splits(*_ID_FIRST),
    fields=("urban", "y", "country", SOURCE),
    group_field="country",
    replicates=tuple(Replicate(kind="fold", value=name) for name in FOLD_NAMES),
    headline="r_wg",
    reported=("r_wg", "r_all"),
    classes=0,
)
AMAZON = Dataset(
    name="amazon",
    version="2.1",
    title="Amazon",
    task="classification",
    splits=_splits("train", "val", "id_val", "test", "id_test"),
    fields=("user", "product", "category", "year", "y", SOURCE),
    group_field="user",
    headline="10th_percentile_acc",
    reported=("10th_percentile_acc", "acc_avg"),
    classes=5,
    source_splits=("train", "id_val", "id_test"),
    sizes=_sizes(("train", "val", "id_val", "test", "id_test"), 245_502, 100_050, 46_950, 100_050, 46_950),
)
PY150 = Dataset(
    name="py150",
    version="1.0",
    title="Py150",
    task="tokens",
    splits=_splits(*_FIVE),
    fields=("repo", SOURCE),
    group_field="repo",
    headline="acc",
    reported=("acc", "Acc (Overall)"),
    classes=50_001,
    sizes=_sizes(_FIVE, 79_866, 5_160, 39_974, 5_000, 20_000),
)
DATASETS: Mapping[str, Dataset] = MappingProxyType(
    {
        dataset.name: dataset
        for dataset in (
            IWILDCAM,
            CAMELYON17,
            RXRX1,
            MOLPCBA,
            GLOBALWHEAT,
            CIVILCOMMENTS,
            FMOW,
            POVERTY,
            AMAZON,
            PY150,
        )
    }
)
