"""The unlabeled data of WILDS 2.0 (Sagawa et al., ICLR 2022, arXiv 2112.05090): which splits there are, by number.

Their numbers start at 10, so that they meet none of the labeled ones; iWildCam's only split is 13 here, where its own
package has 0, which is the number of train.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from farfield_evaluators.suites.wilds.datasets import (
    CAMELYON17,
    FMOW,
    GLOBALWHEAT,
    IWILDCAM,
    NO_SIZES,
    POVERTY,
    Dataset,
)

NUMBERS: Mapping[str, int] = MappingProxyType(
    {"train_unlabeled": 10, "val_unlabeled": 11, "test_unlabeled": 12, "extra_unlabeled": 13}
)


def unlabeled(of: Dataset, *names: str, sizes: Mapping[str, int] = NO_SIZES, certain: tuple[str, ...] = ()) -> Dataset:
    """The unlabeled data that belong to a data set, in version 1.0 and with these splits."""
    return replace(
        of,
        name=f"{of.name}_unlabeled",
        version="1.0",
        title=f"{of.title}, unlabeled",
        splits=MappingProxyType({name: NUMBERS[name] for name in names}),
        source_splits=tuple(name for name in names if name == "train_unlabeled"),
        sizes=sizes,
        certain=certain,
    )


_THREE = ("train_unlabeled", "val_unlabeled", "test_unlabeled")
CAMELYON17_UNLABELED = unlabeled(
    CAMELYON17,
    *_THREE,
    sizes=MappingProxyType({"train_unlabeled": 1_799_247, "val_unlabeled": 600_030, "test_unlabeled": 600_030}),
    certain=_THREE,
)
IWILDCAM_UNLABELED = unlabeled(IWILDCAM, "extra_unlabeled", sizes=MappingProxyType({"extra_unlabeled": 819_120}))
FMOW_UNLABELED = unlabeled(FMOW, *_THREE)
POVERTY_UNLABELED = unlabeled(POVERTY, *_THREE)
GLOBALWHEAT_UNLABELED = unlabeled(GLOBALWHEAT, *_THREE, "extra_unlabeled")
