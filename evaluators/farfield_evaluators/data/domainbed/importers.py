"""Every DomainBed data set that `farfield data import` brings, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from farfield_evaluators.data.domainbed.digits import FASHION, MNIST, import_digits
from farfield_evaluators.data.domainbed.folders import DataProblems, import_folders
from farfield_evaluators.data.domainbed.official import OFFICIAL
from farfield_evaluators.data.domainbed.styles import NAME as STYLES
from farfield_evaluators.data.domainbed.styles import import_styles
from farfield_evaluators.data.packs import Pack, PackError


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked for.

    path: the data's folder; packs: where packs lie; subset: whether a part of the release will do; report: where to
    write every problem found, one a line.
    """

    path: Path | None
    packs: Path
    subset: bool = False
    report: Path | None = None


def import_domainbed(name: str, request: Request) -> Pack:
    """Import one of IMPORTERS by its name.

    Raises PackError when it needs a path and has none or the other way round, and what its importer raises.
    """
    if name == STYLES:
        if request.path is not None or request.subset:
            raise PackError(f"{name} comes with the distribution `farfield-demo`; it takes no PATH and no --subset")
        return import_styles(request.packs)
    if request.path is None:
        raise PackError(f"{name} is not shipped; give PATH, the folder with your copy of it")
    try:
        return IMPORTERS[name](request.path, request.packs, subset=request.subset)
    except DataProblems as error:
        if request.report is not None:
            _write_report(request.report, error.problems)
        raise


def _write_report(path: Path, problems: Sequence[str]) -> None:
    try:
        path.write_text("\n".join(problems) + "\n", encoding="utf-8")
    except OSError as error:
        raise PackError(f"{path}: the report cannot be written: {error.strerror}") from error


Importer = Callable[..., Pack]  # (path, packs, *, subset)
IMPORTERS: dict[str, Importer] = {
    **{spec.name: partial(import_folders, spec) for spec in OFFICIAL},
    **{spec.name: partial(import_digits, spec) for spec in (MNIST, FASHION)},
    "domainbed/colored-mnist": partial(import_digits, MNIST),
    "domainbed/rotated-mnist": partial(import_digits, MNIST),
    "domainbed/colored-fashion": partial(import_digits, FASHION),
    "domainbed/rotated-fashion": partial(import_digits, FASHION),
}
NAMES: tuple[str, ...] = (STYLES, *IMPORTERS)
