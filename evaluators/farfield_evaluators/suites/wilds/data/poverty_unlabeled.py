"""PovertyMap with the unlabeled villages of WILDS 2.0, which every fold splits by its own countries.

An unlabeled village is in the set of the fold that tests its country; the set `unlabeled` joins them all. Neither how
it is settled nor its wealth is known: it stands as "not known", and as a 0 that nobody is given.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, PackColumn, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.wilds.data import poverty
from farfield_evaluators.suites.wilds.data.packing import missing, present
from farfield_evaluators.suites.wilds.data.places import locate
from farfield_evaluators.suites.wilds.data.poverty_pack import NAME as LABELED
from farfield_evaluators.suites.wilds.data.poverty_pack import WEALTH, Villages, built, look, source_of
from farfield_evaluators.suites.wilds.data.release import Ints, Release
from farfield_evaluators.suites.wilds.data.unlabeled import POVERTY_UNLABELED
from farfield_evaluators.suites.wilds.data.with_unlabeled import UNLABELED, Further
from farfield_evaluators.suites.wilds.datasets import FOLD_NAMES

NAME = f"{LABELED}-{UNLABELED}"
TABLE = "unlabeled_metadata.csv"
URBAN = PackColumn(name="urban", kind="group", values=("0", "1", "not known"))
NOT_KNOWN = 2


def import_poverty_with_unlabeled(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import both releases, whose folders lie in `path`. `subset`, and what is raised, as of `import_poverty`."""
    labeled, root = look(path, subset=subset), locate(POVERTY_UNLABELED, path, TABLE)
    release = poverty.read_unlabeled(root)
    chosen = present(release, root) if subset else np.arange(len(release))
    sets = sets_of(release, chosen)
    problems = [
        f"no unlabeled village is of a country that fold {fold} tests" for fold in FOLD_NAMES if fold not in sets
    ]
    problems += [] if subset else missing(release, root, chosen)
    if problems:
        raise ImportProblems(root, NAME, problems, advice="" if subset else SUBSET_ADVICE)
    own = source_of(labeled)
    named = [_set(fold) for fold in sets]
    villages = Villages(release=release, root=root, chosen=chosen, sets=named, side=labeled.side, more=_unknown)
    return built(_source(own, villages, first=len(labeled.folds[FOLD_NAMES[0]])), packs, path)


def sets_of(release: Release, chosen: Ints) -> list[str]:
    """The fold that tests the country of each of these rows [n]."""
    tested = {country: fold for fold, countries in poverty.TEST_COUNTRIES.items() for country in countries}
    return [tested[poverty.COUNTRIES[int(number)]] for number in release.column("country")[chosen].tolist()]


def _source(own: Source, villages: Villages, first: int) -> Source:
    named = tuple(_set(fold) for fold in FOLD_NAMES)
    return replace(
        own,
        name=NAME,
        title=f"{own.title}, with unlabeled data",
        examples=Joined([own.examples, Further(items=villages, first=first)]),
        columns=(URBAN, *(column for column in own.columns if column.name != URBAN.name)),
        joined=(*own.joined, (UNLABELED, named)),
        notes=(*own.notes, f"unlabeled: {len(villages):,} villages"),
    )


def _set(fold: str) -> str:
    return f"{UNLABELED}-{fold}"


def _unknown(place: int) -> Mapping[str, Any]:
    return {URBAN.name: NOT_KNOWN, WEALTH: 0.0}
