"""How a pack holds shots: an example for each taken annotation, in a set for each way to be among the shots.

FsDet's loader makes a record of every annotation of a shot file, not of every image: an image with three taken objects
is learned from three times, with one box each. Shots are nested, so a record of the 1 shot set is one of the 2 shot set
too. A pack has each record once: in the set of all numbers of shots that it is among, such as `novel-0-in-2.3.5`. The
sets that runs learn from join those: `support-5-0` has novel records, `support-all-5-0` base ones besides.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.masks import SIZE
from farfield_evaluators.data.source import Joins
from farfield_evaluators.own.coco import COLUMNS as COCO_COLUMNS
from farfield_evaluators.suites.fsdet.names import ALL_SHOTS, NOVEL_SHOTS, TEST, TRAIN

__all__ = ["ALL_SHOTS", "COLUMNS", "NOVEL_SHOTS", "TEST", "TRAIN", "joined_sets", "record_set", "shots_of"]

_SIZE = PackColumn(name=SIZE, kind="rows", dtype="int64", width=2)  # height and width of the image, in pixels
COLUMNS: tuple[PackColumn, ...] = (*COCO_COLUMNS, _SIZE)
_KINDS = ("novel", "base")


def record_set(*, novel: bool, group: int, shots: Collection[int]) -> str:
    """The set of a record: of a novel or a base class, in a shot set, among the shots of these numbers.

    >>> record_set(novel=True, group=0, shots=(5, 2, 3))
    'novel-0-in-2.3.5'
    """
    return f"{_KINDS[0 if novel else 1]}-{group}-in-{'.'.join(map(str, sorted(shots)))}"


def shots_of(name: str) -> tuple[str, int, tuple[int, ...]] | None:
    """Kind, group and numbers of shots of a record's set; None for another set.

    >>> shots_of("novel-0-in-2.3.5"), shots_of("test")
    (('novel', 0, (2, 3, 5)), None)
    """
    kind, _, rest = name.partition("-")
    group, _, shots = rest.partition("-in-")
    if kind not in _KINDS or not shots:
        return None
    return kind, int(group), tuple(map(int, shots.split(".")))


def joined_sets(names: Iterable[str], shots: Sequence[int], groups: Sequence[int]) -> Joins:
    """The sets that runs learn from, of the sets of records that there are. One without a record is not among them."""
    records = {name: told for name in sorted(set(names)) if (told := shots_of(name)) is not None}
    return tuple(_joined(records, shots, groups))


def _joined(
    records: dict[str, tuple[str, int, tuple[int, ...]]], shots: Sequence[int], groups: Sequence[int]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for start, kinds in ((NOVEL_SHOTS, _KINDS[:1]), (ALL_SHOTS, _KINDS)):
        for number in shots:
            for group in groups:
                parts = [
                    n for n, (kind, of, among) in records.items() if kind in kinds and of == group and number in among
                ]
                if parts:
                    yield f"{start}-{number}-{group}", tuple(parts)
