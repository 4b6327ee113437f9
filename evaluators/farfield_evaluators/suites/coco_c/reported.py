"""Published figures on COCO-C: the result tables of the robust detection benchmark."""

from collections.abc import Sequence

from farfield_evaluators.reported import Reported, Unplaced, percent

_SOURCE = "[V] result tables of the robust detection benchmark (Michaelis et al. 2019, arXiv 1907.07484)"
_BOXES: Sequence[tuple[str, float, float, float]] = (  # clean AP, mPC, rPC
    ("Faster R-CNN, ResNet-50", 36.3, 18.2, 50.2),
    ("Faster R-CNN, ResNet-101", 38.5, 20.9, 54.2),
    ("Faster R-CNN, ResNeXt-101-32x4d", 40.1, 22.3, 55.5),
    ("Faster R-CNN, ResNeXt-101-64x4d", 41.3, 23.4, 56.6),
    ("Faster R-CNN, ResNet-50, deformable", 40.0, 22.4, 56.1),
    ("Faster R-CNN, ResNeXt-101-32x4d, deformable", 43.4, 26.7, 61.6),
    ("Mask R-CNN, ResNet-50", 37.3, 18.7, 50.1),
    ("Mask R-CNN, ResNet-50, deformable", 41.1, 23.3, 56.7),
    ("Cascade R-CNN, ResNet-50", 40.4, 20.1, 49.7),
    ("Cascade Mask R-CNN, ResNet-50", 41.2, 20.7, 50.2),
    ("RetinaNet, ResNet-50", 35.6, 17.8, 50.1),
    ("Hybrid Task Cascade, ResNeXt-101-64x4d, deformable", 50.6, 32.7, 64.7),
    ("Faster R-CNN, ResNet-50, trained on stylised and clean images", 34.6, 20.4, 58.9),
)
_MASKS: Sequence[tuple[str, float, float, float]] = (
    ("Mask R-CNN, ResNet-50", 34.2, 16.8, 49.1),
    ("Mask R-CNN, ResNet-50, deformable", 37.2, 20.7, 55.7),
    ("Cascade Mask R-CNN, ResNet-50", 35.7, 17.6, 49.3),
    ("Hybrid Task Cascade, ResNeXt-101-64x4d, deformable", 43.8, 28.1, 64.0),
    ("Mask R-CNN, ResNet-50, trained on stylised and clean images", 32.9, 19.0, 57.7),
)
REPORTED: tuple[Reported, ...] = tuple(
    Reported(
        benchmark="coco-c/coco",
        method=method,
        source=_SOURCE,
        figures=percent({("ap", "clean"): clean, ("mpc", "shifts"): mpc, ("rpc", "shifts"): rpc}),
    )
    for method, clean, mpc, rpc in _BOXES
)
UNPLACED: tuple[Unplaced, ...] = tuple(
    Unplaced(method=method, figure=f"COCO-C, masks, {figure}", value=round(value / 100, 6), source=_SOURCE)
    for method, *values in _MASKS
    for figure, value in zip(("clean AP", "mPC", "rPC"), values, strict=True)
)
