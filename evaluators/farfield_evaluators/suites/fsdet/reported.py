"""Published figures of few-shot detection on COCO, each on the board of its setting and protocol.

RefT's table has a row "iMTFA" with what the result files of iMTFA's authors call MTFA; it is not repeated here, where
both stand under their own names. Its row of TFA is FsDet's over ten seeds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from farfield_evaluators.reported import Key, Reported, percent
from farfield_evaluators.suites.fsdet.names import TEST
from farfield_evaluators.suites.fsdet.plan import COCO_SHOTS

_FSIS, _GFSIS, _IFSIS = "fsdet/coco-fsis", "fsdet/coco-gfsis", "fsdet/coco-ifsis"
_FSIS_FSRW, _GFSIS_FSRW = f"{_FSIS}-fsrw", f"{_GFSIS}-fsrw"
_TFA = "[V] results in the code of Wang et al. 2020 (arXiv 2003.06957)"
_DEFRCN = "[V] results in the code of Qiao et al. 2021 (arXiv 2108.09017)"
_DEFRCN_PAPER = "[V] Qiao et al. 2021 (arXiv 2108.09017), its table on COCO"
_DCFS = "[V] results in the code of Gao et al. 2022 (arXiv 2505.14239)"
_DCFS_AGAIN = f"{_DCFS}, who ran or collected them in the TFA-like protocol"
_IMTFA = "[V] result files in the code of Ganea et al. 2021 (arXiv 2105.05312), means over seeds"
_REFT = "[V] a picture of the table in the repository of Han et al. 2023 (arXiv 2301.01156)"
_ONE = "one training on the first shot set"

Row = Sequence[float | None]


@dataclass(frozen=True, kw_only=True)
class _Said:
    """AP in per cent by metric, a number for each number of shots, None where none is given."""

    board: str
    method: str
    source: str
    shots: Sequence[int]
    rows: Mapping[str, Row]


def _all(board: str, method: str, source: str, **rows: Row) -> _Said:
    return _Said(board=board, method=method, source=source, shots=COCO_SHOTS, rows=rows)


def _of(shots: Sequence[int], board: str, method: str, source: str, **rows: Row) -> _Said:
    return _Said(board=board, method=method, source=source, shots=shots, rows=rows)


_1_5_10, _5_10_30 = (1, 5, 10), (5, 10, 30)
_TABLE: tuple[_Said, ...] = (
    _all(_FSIS, "Faster R-CNN, fine-tuned", _DCFS_AGAIN, nap=(1.0, 1.8, 2.8, 4.0, 6.5, 11.1)),
    _all(_FSIS, "TFA", _DCFS_AGAIN, nap=(4.4, 5.4, 6.0, 7.7, 10.0, 13.7)),
    _all(_FSIS, "MPSR", _DCFS_AGAIN, nap=(5.1, 6.7, 7.4, 8.7, 9.8, 14.1)),
    _all(_FSIS, "FSDetView", _DCFS_AGAIN, nap=(4.5, 6.6, 7.2, 10.7, 12.5, 14.7)),
    _all(_FSIS, "DeFRCN", _DCFS_AGAIN, nap=(7.7, 11.4, 13.3, 15.5, 18.5, 22.5)),
    _all(_FSIS, "DCFS", _DCFS, nap=(8.1, 12.1, 14.4, 16.6, 19.5, 22.7)),
    _all(_FSIS, "Mask-DeFRCN", _DCFS_AGAIN, mask_nap=(6.7, 9.5, 11.0, 12.7, 15.4, 18.3)),
    _all(_FSIS, "DCFS with masks", _DCFS, mask_nap=(7.2, 10.3, 13.5, 15.7, 15.9, 18.3)),
    _of(_1_5_10, _FSIS, "MTFA", _IMTFA, nap=(2.47, 6.61, 8.52), mask_nap=(2.66, 6.62, 8.39)),
    _of(_1_5_10, _FSIS, "iMTFA", _IMTFA, nap=(3.28, 6.22, 7.14), mask_nap=(2.83, 5.24, 5.94)),
    _of(_5_10_30, _FSIS, "RefT, ResNet-50", _REFT, nap=(15.0, 19.3, 24.0), mask_nap=(14.2, 18.4, 22.5)),
    _of(
        _5_10_30, _FSIS, "Mask2Former, fine-tuned", _REFT, nap=(13.6, 17.3, 21.9), mask_nap=(12.7, 16.7, 20.8)
    ),
    _of(_5_10_30, _FSIS, "Meta-DETR", _REFT, nap=(15.4, 19.0, 22.2), mask_nap=(8.1, 10.1, None)),
    _of(_5_10_30, _FSIS, "Mask R-CNN, fine-tuned", _REFT, nap=(1.3, 2.5, 11.1), mask_nap=(None, 1.9, None)),
    _of(_5_10_30, _FSIS, "Meta R-CNN", _REFT, nap=(3.5, 5.6, 12.4), mask_nap=(None, 4.4, None)),
    _of(_5_10_30, _FSIS, "iFS-RCNN", _REFT, nap=(10.5, 11.3, 14.7), mask_nap=(9.4, 10.2, 13.1)),
    _all(_GFSIS, "TFA with cosine head", f"{_TFA}, ten seeds", nap=(1.9, 3.9, 5.1, 7.0, 9.1, 12.1)),
    _all(_GFSIS, "FSDetView", _DCFS_AGAIN, nap=(3.2, 4.9, 6.7, 8.1, 10.7, 15.9)),
    _all(
        _GFSIS, "DeFRCN", _DCFS_AGAIN,
        nap=(4.8, 8.5, 10.7, 13.6, 16.8, 21.2), bap=(30.4, 31.4, 32.1, 32.6, 34.0, 34.8),
    ),
    _all(
        _GFSIS, "DCFS", _DCFS,
        nap=(6.2, 10.4, 12.9, 15.7, 18.3, 21.9), bap=(34.4, 34.7, 34.9, 35.0, 35.7, 35.8),
    ),
    _all(
        _GFSIS, "Mask-DeFRCN", _DCFS_AGAIN,
        mask_nap=(4.5, 7.5, 9.5, 11.6, 14.3, 17.6), mask_bap=(24.6, 25.6, 26.2, 26.8, 28.2, 29.1),
    ),
    _all(
        _GFSIS, "DCFS with masks", _DCFS,
        mask_nap=(5.7, 9.4, 11.5, 13.5, 15.7, 18.3), mask_bap=(28.0, 28.5, 28.9, 29.1, 29.9, 30.3),
    ),
    _of(
        _1_5_10, _GFSIS, "MTFA", _IMTFA,
        nap=(2.10, 6.22, 8.28), bap=(31.73, 33.11, 33.83), mask_nap=(2.34, 6.38, 8.36), mask_bap=(29.85, 31.29, 31.84),
    ),
    _of(
        _1_5_10, _GFSIS, "RefT, ResNet-50", _REFT,
        nap=(5.2, 13.1, 18.6), bap=(38.4, 36.0, 37.7), mask_nap=(5.2, 12.4, 17.4), mask_bap=(36.3, 34.4, 36.0),
    ),
    _of(
        _1_5_10, _GFSIS, "RefT, ResNet-101", _REFT,
        nap=(5.2, 14.1, 18.9), bap=(38.5, 36.2, 37.7), mask_nap=(5.1, 12.7, 17.5), mask_bap=(36.4, 34.6, 36.0),
    ),
    _of(
        _1_5_10, _GFSIS, "RefT, Swin-T", _REFT,
        nap=(5.3, 16.8, 20.0), bap=(39.6, 37.0, 37.9), mask_nap=(5.2, 15.4, 18.5), mask_bap=(37.1, 35.0, 36.2),
    ),
    _of(
        _1_5_10, _GFSIS, "RefT, Swin-S", _REFT,
        nap=(5.2, 21.0, 24.2), bap=(40.4, 39.8, 40.5), mask_nap=(5.0, 19.4, 22.7), mask_bap=(38.3, 37.9, 38.3),
    ),
    _of(
        _1_5_10, _GFSIS, "RefT, Swin-B", _REFT,
        nap=(7.4, 20.2, 26.4), bap=(42.6, 40.9, 41.0), mask_nap=(7.1, 20.7, 24.8), mask_bap=(40.2, 38.7, 39.2),
    ),
    _of((10,), _GFSIS, "LVC, ResNet-50", _REFT, nap=(17.6,)),
    _of((10,), _GFSIS, "LVC, ResNet-101", _REFT, nap=(17.8,)),
    _of((10,), _GFSIS, "LVC, Swin-T", _REFT, nap=(18.6,)),
    _of((10,), _GFSIS, "LVC, Swin-S", _REFT, nap=(19.0,)),
    _of(
        _1_5_10, _IFSIS, "iMTFA", _IMTFA,
        nap=(3.23, 6.07, 6.97), bap=(27.81, 24.13, 23.36), mask_nap=(2.81, 5.19, 5.88), mask_bap=(25.90, 22.56, 21.87),
    ),
    _of(
        _1_5_10, _IFSIS, "RefT with cosine head, ResNet-50", _REFT,
        nap=(4.0, 12.0, 14.9), bap=(32.2, 31.8, 33.4), mask_nap=(3.1, 8.8, 11.1), mask_bap=(37.0, 35.3, 35.2),
    ),
    _of(_1_5_10, _IFSIS, "iFS-RCNN", _REFT, mask_nap=(4.0, 8.8, 10.1), mask_bap=(36.4, 36.3, 36.3)),
    _of((10,), _IFSIS, "Incremental-DETR", _REFT, nap=(14.4,), bap=(27.3,)),
    _all(_FSIS_FSRW, "DeFRCN", _DEFRCN_PAPER, nap=(9.3, 12.9, 14.8, 16.1, 18.5, 22.6)),
    _all(_FSIS_FSRW, "DeFRCN, as its repository has it", _DEFRCN, nap=(9.7, 13.1, 14.5, 15.6, 18.4, 22.6)),
    _all(_GFSIS_FSRW, "TFA with cosine head", f"{_TFA}, {_ONE}", nap=(3.4, 4.6, 6.6, 8.3, 10.0, 13.7)),
    _all(_GFSIS_FSRW, "TFA with linear head", f"{_TFA}, {_ONE}", nap=(2.9, 4.3, 6.7, 8.4, 10.0, 13.4)),
)  # fmt: skip


def _figures(said: _Said) -> Iterator[tuple[Key, float]]:
    for name, values in said.rows.items():
        for shots, value in zip(said.shots, values, strict=True):
            if value is not None:
                yield (name.replace("_", "-"), f"{TEST}[shots={shots}]"), value


REPORTED: tuple[Reported, ...] = tuple(
    Reported(benchmark=said.board, method=said.method, source=said.source, figures=percent(dict(_figures(said))))
    for said in _TABLE
)
