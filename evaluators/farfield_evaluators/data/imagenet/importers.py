"""Every data set around ImageNet that `farfield data import` brings, by name."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.imagenet import classic, compose, image_lists, mini_c, objectnet
from farfield_evaluators.data.imagenet.corrupted import C_EXTRA, C, import_corruptions
from farfield_evaluators.data.imagenet.flat_val import import_flat, is_flat
from farfield_evaluators.data.imagenet.folders import import_release
from farfield_evaluators.data.imagenet.official import RELEASES, VAL
from farfield_evaluators.data.imagenet.problems import ImportProblems
from farfield_evaluators.data.packs import Pack, PackError

Importer = Callable[..., Pack]  # (path, packs, *, subset)


def import_val(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """The validation set, in class folders or flat with the devkit's ground truth. Raises as the two importers."""
    flat = is_flat(path, VAL)
    if flat is None:
        return import_release(VAL, path, packs, subset=subset)
    return import_flat(VAL, flat, path, packs, subset=subset)


IMPORTERS: Mapping[str, Importer] = MappingProxyType(
    {
        **{release.name: partial(import_release, release) for release in RELEASES},
        VAL.name: import_val,
        objectnet.NAME: objectnet.import_objectnet,
        **{spec.name: partial(import_corruptions, spec) for spec in (C, C_EXTRA)},
        **{
            spec.name: partial(image_lists.import_lists, spec)
            for spec in (image_lists.NEAR_FAR, image_lists.FULL_SPECTRUM)
        },
        classic.NAME: classic.import_classic,
    }
)
COMPOSED: Mapping[str, Callable[[Path], Pack]] = MappingProxyType(
    {compose.NAME: compose.compose, mini_c.NAME: mini_c.import_mini_c}
)
NAMES: tuple[str, ...] = (*IMPORTERS, *COMPOSED)


def import_imagenet(
    name: str, path: Path | None, packs: Path, *, subset: bool = False, report: Path | None = None
) -> Pack:
    """Import one of NAMES. report: where every problem found is written, one a line.

    Raises PackError when it needs a path and has none or the other way round, and what its importer raises.
    """
    if name in COMPOSED:
        if path is not None or subset:
            raise PackError(f"{name} is made of what is imported or installed here; it takes no PATH and no --subset")
        return COMPOSED[name](packs)
    if path is None:
        raise PackError(f"{name} is not shipped; give PATH, the folder with your copy of it")
    try:
        return IMPORTERS[name](path, packs, subset=subset)
    except ImportProblems as error:
        if report is not None:
            _write_report(report, error)
        raise


def _write_report(path: Path, error: ImportProblems) -> None:
    try:
        path.write_text("\n".join(error.problems) + "\n", encoding="utf-8")
    except OSError as failure:
        raise PackError(f"{path}: the report cannot be written: {failure.strerror}") from failure
