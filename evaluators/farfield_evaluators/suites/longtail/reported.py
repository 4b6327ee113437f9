"""Published figures of long-tailed recognition.

Figures by bucket stand under the convention of the code they were computed with: all of these count a class of exactly
100 or 20 training images as medium-shot. PaCo's buckets are left out, for its code was not read.
"""

from collections.abc import Iterator, Mapping, Sequence

from farfield_evaluators.reported import Key, Reported, percent
from farfield_evaluators.suites.longtail.metrics import bucket_accuracy
from farfield_evaluators.suites.longtail.shots import BUCKETS, DECOUPLING

_IMAGENET, _PLACES, _INATURALIST = "longtail/imagenet-lt", "longtail/places-lt", "longtail/inaturalist18"
_KANG = "[V] README of the code of Kang et al. 2020 (arXiv 1910.09217)"
_TANG = "[V] README of the code of Tang et al. 2020 (arXiv 2009.12991)"
_REN = "[V] README of the code of Ren et al. 2020 (arXiv 2007.10740)"
_HOU = "[V] README of the code of Hou et al. 2022 (arXiv 2203.01522)"
_SHOTS: Mapping[str, Sequence[tuple[str, str, tuple[float, ...]]]] = {
    _IMAGENET: (
        ("ResNeXt-50, joint training", _KANG, (65.9, 37.5, 7.7, 44.4)),
        ("ResNeXt-50, NCM", _KANG, (56.6, 45.3, 28.1, 47.3)),
        ("ResNeXt-50, cRT", _KANG, (61.8, 46.2, 27.4, 49.6)),
        ("ResNeXt-50, tau-normalisation", _KANG, (59.1, 46.9, 30.7, 49.4)),
        ("ResNeXt-50, LWS", _KANG, (60.2, 47.2, 30.3, 49.9)),
        ("ResNeXt-50, class-balanced sampling", _KANG, (61.8, 40.1, 15.5, 45.1)),
        ("ResNeXt-50, square-root sampling", _KANG, (64.3, 41.2, 17.0, 46.8)),
        ("ResNeXt-50, progressively balanced sampling", _KANG, (61.9, 43.2, 19.4, 47.2)),
        ("ResNeXt-50, cross-entropy", _TANG, (66.1, 38.4, 8.9, 45.0)),
        ("ResNeXt-50, cosine head", _TANG, (67.3, 41.3, 14.0, 47.6)),
        ("ResNeXt-50, focal loss", _TANG, (64.3, 37.1, 8.2, 43.7)),
        ("ResNeXt-50, OLTR", _TANG, (51.0, 40.8, 20.8, 41.9)),
        ("ResNeXt-50, De-confound", _TANG, (67.9, 42.7, 14.7, 48.6)),
        ("ResNeXt-50, De-confound-TDE", _TANG, (62.7, 48.8, 31.6, 51.8)),
        ("ResNet-10, RIDE with 3 experts", _HOU, (57.0, 40.3, 25.5, 44.7)),
        ("ResNet-10, RIDE with 3 experts and BatchFormer", _HOU, (56.3, 42.1, 28.3, 45.7)),
        ("ResNet-50, RIDE with 3 experts", _HOU, (64.9, 50.4, 33.2, 53.6)),
        ("ResNet-50, RIDE with 3 experts and BatchFormer", _HOU, (64.3, 51.4, 35.1, 54.1)),
        ("ResNeXt-50, RIDE in one stage", _HOU, (67.3, 52.8, 34.6, 55.9)),
        ("ResNeXt-50, RIDE in one stage and BatchFormer", _HOU, (66.6, 54.2, 36.0, 56.5)),
    ),
    _INATURALIST: (
        ("ResNet-50, RIDE with 3 experts", _HOU, (68.1, 72.7, 73.2, 72.5)),
        ("ResNet-50, RIDE with 3 experts and BatchFormer", _HOU, (65.5, 74.5, 75.8, 74.1)),
    ),
}
_ALL: Mapping[str, Sequence[tuple[str, str, float]]] = {
    _IMAGENET: (
        ("ResNet-10, softmax", _REN, 34.8),
        ("ResNet-10, BALMS", _REN, 41.6),
        ("ResNet-50, PaCo", _HOU, 57.0),
        ("ResNet-50, PaCo and BatchFormer", _HOU, 57.4),
    ),
    _PLACES: (("ResNet-152, softmax", _REN, 30.2), ("ResNet-152, BALMS", _REN, 38.3)),
}
_COLUMNS: tuple[Key, ...] = (
    *((bucket_accuracy(DECOUPLING, bucket).name, "test") for bucket in BUCKETS),
    ("accuracy", "test"),
)


def _rows() -> Iterator[Reported]:
    for benchmark, table in _SHOTS.items():
        for method, source, values in table:
            figures = percent(dict(zip(_COLUMNS, values, strict=True)))
            yield Reported(benchmark=benchmark, method=method, source=source, figures=figures)
    for benchmark, rows in _ALL.items():
        for method, source, value in rows:
            figures = percent({("accuracy", "test"): value})
            yield Reported(benchmark=benchmark, method=method, source=source, figures=figures)


REPORTED: tuple[Reported, ...] = tuple(_rows())
