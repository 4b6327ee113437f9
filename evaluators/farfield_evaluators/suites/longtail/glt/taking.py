"""The order in which GLT takes images for its sets, from classes whose images are sorted into attributes.

Tang et al., ECCV 2022 (arXiv 2207.09504), section 3, as the release's construction does it: first the test set that is
balanced over classes and attributes, then that balanced over classes; the rest is cut to its long tail, and of that the
long-tailed test set and the validation set are taken. What is left is trained on.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.suites.longtail.data.cut import profile
from farfield_evaluators.suites.longtail.glt.clusters import ConstructionError

SHARES = (7, 2, 1)
MANY_OF_1000, MEDIUM_OF_1000 = 400, 850
SPARED = 4  # at most a quarter of an attribute's images goes to the balanced test set
Images = Sequence[Sequence[Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is taken.

    test, val: images of an attribute, on average. balanced: most training images of a class where classes are balanced.
    most, ratio: of the profile of a long-tailed training set, where no counts are given.
    """

    test: int = 20
    val: int = 10
    balanced: int = 145
    most: int = 1800
    ratio: float = 20


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An image of a set, with its label, which is a rank, the frequency of its class, and its attribute."""

    image: str
    label: int
    frequency: int
    attribute: int


class Stock:
    """Images [class][attribute] that are not taken yet, the largest class first. Taking removes them."""

    def __init__(self, images: Images, names: Sequence[str]) -> None:
        self._left = [[list(own) for own in attributes] for attributes in images]
        self._names = names

    @property
    def sizes(self) -> list[int]:
        """Images of each class that are left."""
        return [sum(map(len, attributes)) for attributes in self._left]

    def take(self, counts: Sequence[Sequence[int]]) -> list[Taken]:
        """The first images of each class's attributes, so many of each.

        Raises ConstructionError, naming the class, where there are fewer.
        """
        taken = []
        for label, of_class in enumerate(counts):
            for attribute, count in enumerate(of_class):
                left = self._left[label][attribute]
                if len(left) < count:
                    told = f"attribute {attribute} of the class {self._names[label]} has {len(left)} images left"
                    raise ConstructionError(
                        f"{told}, and {count} are to be taken; fewer --test or --val images would do"
                    )
                taken += [self._as_taken(image, label, attribute) for image in left[:count]]
                del left[:count]
        return taken

    def balanced(self, most: int) -> list[list[int]]:
        """Of each class as many images of every attribute: at most a quarter of any attribute's."""
        least = [min([most, *(len(own) // SPARED for own in attributes)]) for attributes in self._left]
        return [[count] * len(SHARES) for count in least]

    def draw(self, count: int, rng: random.Random) -> list[Taken]:
        """So many images of all that are left, each as likely. Raises ConstructionError where there are fewer."""
        left = self.rest()
        if len(left) < count:
            raise ConstructionError(f"{len(left)} images are left, and {count} are to be drawn; fewer --test would do")
        drawn = [left.pop(rng.randint(0, len(left) - 1)) for _ in range(count)]
        self._left = [[[] for _ in SHARES] for _ in self._left]
        for each in left:
            self._left[each.label][each.attribute].append(each.image)
        return drawn

    def cut(self, counts: Sequence[int]) -> None:
        """Leave of each class at most so many images, in the shares of attributes."""
        for attributes, count in zip(self._left, counts, strict=True):
            for own, share in zip(attributes, shares_of(count), strict=True):
                del own[share:]

    def rest(self) -> list[Taken]:
        """All images that are left."""
        return [
            self._as_taken(image, label, attribute)
            for label, attributes in enumerate(self._left)
            for attribute, own in enumerate(attributes)
            for image in own
        ]

    def _as_taken(self, image: str, label: int, attribute: int) -> Taken:
        return Taken(image=image, label=label, frequency=frequency_of(label, len(self._left)), attribute=attribute)


def frequency_of(rank: int, classes: int) -> int:
    """0 for the first 400 of 1000 classes, 1 for the next 450, 2 for the rest; of other numbers in the same shares.

    >>> [frequency_of(rank, 1000) for rank in (399, 400, 849, 850)]
    [0, 1, 1, 2]
    """
    return (rank * 1000 >= MANY_OF_1000 * classes) + (rank * 1000 >= MEDIUM_OF_1000 * classes)


def shares_of(images: int) -> list[int]:
    """How many of so many images each attribute has, each share rounded down."""
    return [share * images // sum(SHARES) for share in SHARES]


def in_shares(per_attribute: int) -> list[int]:
    """So many images of an attribute on average, in the shares of attributes.

    >>> in_shares(20), in_shares(10)
    ([42, 12, 6], [21, 6, 3])
    """
    unit = per_attribute * len(SHARES) // sum(SHARES)
    return [share * unit for share in SHARES]


def profile_of(left: Sequence[int], sizes: Sizes) -> list[int]:
    """A long tail over the classes by rank, as `profile` has it, and never more than a class has left."""
    return [min(count, own) for count, own in zip(profile(len(left), sizes.most, sizes.ratio), left, strict=True)]


def long_tailed_sets(
    images: Images, names: Sequence[str], sizes: Sizes, seed: int, counts: Sequence[int] | None = None
) -> dict[str, list[Taken]]:
    """The sets of which classes and attributes are long-tailed in training. counts: training images by rank."""
    stock, rng, classes = Stock(images, names), random.Random(seed), len(images)  # noqa: S311 - reproducible, no secret
    bbl = stock.take(stock.balanced(sizes.test))
    bl = stock.take([in_shares(sizes.test)] * classes)
    stock.cut(counts if counts is not None else profile_of(stock.sizes, sizes))
    lt = stock.draw(classes * sizes.test * len(SHARES), rng)
    val = stock.draw(classes * sizes.val * len(SHARES), rng)
    return {"train": stock.rest(), "val": val, "test_lt": lt, "test_bl": bl, "test_bbl": bbl}


def balanced_sets(images: Images, names: Sequence[str], sizes: Sizes) -> dict[str, list[Taken]]:
    """The sets of which only attributes are long-tailed in training; it has no long-tailed test set."""
    stock, classes = Stock(images, names), len(images)
    bbl = stock.take(stock.balanced(sizes.test))
    bl = stock.take([in_shares(sizes.test)] * classes)
    stock.cut([min(sizes.balanced, left) for left in stock.sizes])
    val = stock.take([in_shares(sizes.val)] * classes)
    return {"train": stock.rest(), "val": val, "test_lt": [], "test_bl": bl, "test_bbl": bbl}
