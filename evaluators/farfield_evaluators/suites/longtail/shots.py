"""Which classes are many-shot, medium-shot and few-shot, by one of the conventions that the references disagree on.

OLTR (Liu et al., CVPR 2019, arXiv 1904.05160) counts a class with exactly 100 training images as many-shot and one with
exactly 20 as few-shot; the code of Decoupling (Kang et al., ICLR 2020, arXiv 1910.09217) counts both as medium-shot.
Figures by one are not comparable with figures by the other, so a convention is part of a metric's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.columns import PackColumn

Ints = npt.NDArray[np.int64]
BUCKETS = ("many", "medium", "few")
MANY, MEDIUM, FEW = range(len(BUCKETS))


@dataclass(frozen=True, kw_only=True)
class Convention:
    """Many-shot is a class of at least `many` training images, few-shot one of at most `few`.

    strict: of more than `many` and of less than `few`.
    """

    many: int
    few: int
    strict: bool = False

    @property
    def bounds(self) -> dict[str, str]:
        """By bucket what a metric's name ends in, such as "ge100"."""
        least, most = ("gt", "lt") if self.strict else ("ge", "le")
        inside = (self.few, self.many) if self.strict else (self.few + 1, self.many - 1)
        return {"many": f"{least}{self.many}", "medium": f"{inside[0]}to{inside[1]}", "few": f"{most}{self.few}"}

    @property
    def column(self) -> str:
        """The name of the pack's column that has the bucket of an example's class."""
        return f"shots-{self.bounds['many']}-{self.bounds['few']}"

    @property
    def spec(self) -> PackColumn:
        """The column as a pack declares it."""
        return PackColumn(name=self.column, kind="group", values=BUCKETS)

    def says(self, bucket: str) -> str:
        """The rule in words: which classes are in the bucket.

        >>> Convention(many=100, few=20).says("few")
        'at most 20 training images'
        """
        if bucket == "medium":
            return f"{self.bounds['medium'].replace('to', ' to ')} training images"
        words = ("more than", "fewer than") if self.strict else ("at least", "at most")
        return f"{words[bucket == 'few']} {getattr(self, bucket)} training images"

    def sign(self, bucket: str) -> str:
        """The rule in short, for a column's title.

        >>> Convention(many=100, few=20, strict=True).sign("many")
        '> 100'
        """
        signs = {"ge": "\u2265 ", "gt": "> ", "le": "\u2264 ", "lt": "< "}
        bound = self.bounds[bucket]
        return signs[bound[:2]] + bound[2:] if bound[:2] in signs else bound.replace("to", " to ")

    def buckets(self, counts: Sequence[int] | Ints) -> Ints:
        """The bucket of each class [C], as a number of BUCKETS, from its training images [C].

        >>> Convention(many=100, few=20).buckets([101, 100, 99, 21, 20, 19]).tolist()
        [0, 0, 1, 1, 2, 2]
        >>> Convention(many=100, few=20, strict=True).buckets([101, 100, 99, 21, 20, 19]).tolist()
        [0, 1, 1, 1, 1, 2]
        """
        images = np.asarray(counts, np.int64)
        many = images > self.many if self.strict else images >= self.many
        few = images < self.few if self.strict else images <= self.few
        return np.where(many, MANY, np.where(few, FEW, MEDIUM))


OLTR = Convention(many=100, few=20)
DECOUPLING = Convention(many=100, few=20, strict=True)
CONVENTIONS = (OLTR, DECOUPLING)
SMALL = Convention(many=20, few=8)
"""For data of some hundred images, where no class has a hundred."""
