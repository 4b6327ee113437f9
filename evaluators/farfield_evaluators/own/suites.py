"""The TOML files of a folder as suites: each file one, so that a mistake in one harms no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from farfield.errors import FarfieldError, reason
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.reader import read_file
from farfield_evaluators.own.spec import SUITE, OwnError, OwnSpec
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.suite import Importer, Suite
from farfield_evaluators.suite_identity import SuiteIdentity, digest_of
from farfield_evaluators.suite_loading import InstalledSuite, RefusedSuite, Unusable, check_alone

PLACE = 200  # after those that are installed
MOST_FILES = 1000


@dataclass(frozen=True, kw_only=True)
class OwnSuite(Suite):
    """The suite of a file, whose card is made when it is asked for: only then is it known what was imported."""

    spec: OwnSpec

    def card(self, benchmark: str) -> str:
        from farfield_evaluators.own.card import card_of

        return card_of(self.spec, packs_folder())


def own_suites(
    folder: Path, installed: Sequence[InstalledSuite]
) -> tuple[tuple[InstalledSuite, ...], tuple[RefusedSuite, ...]]:
    """What the files of a folder describe, by name, and what is wrong with those that describe nothing."""
    taken, refused = [*installed], []
    for path in _files(folder):
        try:
            suite = _suite(path)
            check_alone(suite.suite, path.name, taken)
            taken.append(suite)
        except (FarfieldError, Unusable) as error:
            refused.append(_refused(path, error))
    return tuple(taken[len(installed) :]), tuple(refused)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.toml") if path.is_file())[:MOST_FILES]
    except OSError:
        return []


def _suite(path: Path) -> InstalledSuite:
    spec = read_file(path)
    suite = OwnSuite(
        spec=spec,
        name=f"{SUITE}-{spec.name}",
        benchmarks=(benchmark_of(spec),),
        place=PLACE,
        importers=partial(_importers, spec),
    )
    digest = digest_of(suite)
    identity = SuiteIdentity(name=suite.name, distribution=path.name, version=spec.version, digest=digest)
    return InstalledSuite(suite=suite, identity=identity)


def _importers(spec: OwnSpec) -> tuple[Importer, ...]:
    from farfield_evaluators.own.importer import importer_of

    return (importer_of(spec),)


def _refused(path: Path, error: Exception) -> RefusedSuite:
    problems = "; ".join(error.problems) if isinstance(error, OwnError) else f"{path.name}: {reason(error)}"
    told = {"name": f"{SUITE}-{path.stem}", "distribution": path.name, "version": ""}
    return RefusedSuite(**told, reason=problems, remedy=f"mend {path}")
