"""Suites of workers held against the site's own: a result counts only where both have the same version of it."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from farfield.packaging.plain import visible
from farfield_evaluators.catalog import Catalog, catalog
from farfield_evaluators.own.spec import is_file
from farfield_evaluators.suite_identity import SuiteIdentity, SuiteOffer
from farfield_web.runs.workers import kept
from farfield_web.submissions.models import Worker

log = logging.getLogger(__name__)
UNKNOWN, OTHER, UNREADABLE = "suite.unknown", "suite.other_version", "suite.bad_data"
MOST_SUITES = 200


@dataclass(frozen=True, kw_only=True)
class RefusedOffer:
    """A suite of a worker that the site does not take: a code, a sentence, and the benchmarks that go with it."""

    name: str
    code: str
    message: str
    benchmarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a worker says of its suites, held against the site's: `rows` are kept with the worker."""

    refused: tuple[RefusedOffer, ...]
    rows: tuple[dict[str, Any], ...]


def hold(offered: Sequence[Any], broken: Sequence[Any] = ()) -> Held:
    """Look at each suite that a worker offers; `broken` are those that the worker itself cannot use.

    What cannot be read is refused by its number, and the rest goes on.
    """
    refused: list[RefusedOffer] = []
    rows: list[dict[str, Any]] = []
    for number, said in enumerate(offered[:MOST_SUITES], 1):
        try:
            offer = SuiteOffer.from_json(said)
        except ValueError as error:
            refused.append(RefusedOffer(name=_name_in(said) or f"number {number}", code=UNREADABLE, message=str(error)))
            continue
        reason = why_refused(offer)
        refused += [reason] if reason else []
        rows.append({**offer.as_json(), "refused": reason.message if reason else ""})
    return Held(refused=tuple(refused), rows=(*rows, *(_broken(said) for said in broken[:MOST_SUITES])))


def why_refused(offer: SuiteOffer) -> RefusedOffer | None:
    """Why the site does not take a worker's suite; None when it does."""
    ours = _own(offer.identity.name)
    message = _unknown(offer.identity, catalog()) if ours is None else difference(offer.identity, ours)
    if not message:
        return None
    code = UNKNOWN if ours is None else OTHER
    return RefusedOffer(name=offer.identity.name, code=code, message=message, benchmarks=offer.benchmarks)


def difference(theirs: SuiteIdentity, ours: SuiteIdentity) -> str:
    """What differs between a worker's suite and the site's of the same name, and which side to mend; empty if nothing.

    >>> one = SuiteIdentity(name="s", distribution="d", version="1.10", digest="a")
    >>> difference(SuiteIdentity(name="s", distribution="d", version="1.9", digest="a"), one)
    'the worker has d 1.9, the site 1.10: upgrade the worker to 1.10'
    """
    if theirs.distribution != ours.distribution:
        both = f"the worker has it of {theirs.distribution}, the site of {ours.distribution}"
        return f"{both}: uninstall the one that is not meant, and restart"
    if theirs.version != ours.version:
        both = f"the worker has {ours.distribution} {theirs.version}, the site {ours.version}"
        return f"{both}: {_remedy(theirs.version, ours.version)}"
    if theirs.digest != ours.digest:
        both = (
            f"both have {ours.distribution} {ours.version}, with different protocols ({theirs.digest}, {ours.digest})"
        )
        return f"{both}: {_same_on_both(ours)}"
    return ""


def foreign_benchmarks(worker: str) -> frozenset[str]:
    """Benchmarks whose suite the worker announced in a version that is not the site's now: nothing of them is claimed.

    The site may have been upgraded since the worker announced itself.
    """
    rows: Iterable[Any] = Worker.objects.filter(name=kept(worker)).values_list("suites", flat=True).first() or ()
    offers = [SuiteOffer.from_json({k: row[k] for k in row if k != "refused"}) for row in rows if row.get("digest")]
    return frozenset(name for offer in offers if why_refused(offer) for name in offer.benchmarks)


def why_foreign(benchmark: str, environment: Mapping[str, Any]) -> str:
    """Why a result on a benchmark does not count: it came by another version of its suite. Empty when it does."""
    try:
        theirs = SuiteIdentity.from_json(environment.get("suite"))
    except ValueError as error:
        return f"the report does not say by which suite it came: {error}; upgrade the worker"
    owner = catalog().owners.get(benchmark)
    if owner is not None and owner.identity.name != theirs.name:
        return f"{benchmark} is of the suite {owner.identity}, and the result came by {theirs}"
    ours = _own(theirs.name)
    return _unknown(theirs, catalog()) if ours is None else difference(theirs, ours)


def _own(name: str) -> SuiteIdentity | None:
    return next((each.identity for each in catalog().installed if each.identity.name == name), None)


def _unknown(theirs: SuiteIdentity, here: Catalog) -> str:
    refused = next((each for each in here.refused if each.name == theirs.name), None)
    if refused is not None:
        return f"the site cannot use its own copy: {refused.reason}; {refused.remedy}"
    if is_file(theirs):
        return f"the site has no {theirs.distribution}: copy it to the site's folder of benchmarks, and restart"
    wanted = f"{theirs.distribution} {theirs.version}"
    return f"the site has no suite of that name: install {wanted} on the site, or uninstall it on the worker"


def _same_on_both(ours: SuiteIdentity) -> str:
    return "copy the same file to both, and restart" if is_file(ours) else "install the same build of it on both"


def _remedy(theirs: str, ours: str) -> str:
    try:
        worker_is_older = Version(theirs) < Version(ours)
    except InvalidVersion:
        return "install the same version on both"
    return f"upgrade the worker to {ours}" if worker_is_older else f"upgrade the site to {theirs}"


def _broken(said: Any) -> dict[str, Any]:
    texts = said if isinstance(said, Mapping) else {}
    parts = {name: visible(str(texts.get(name, "")), 200) for name in ("name", "distribution", "version")}
    reason = visible(str(texts.get("reason", "")), 1000)
    return {**parts, "digest": "", "benchmarks": [], "refused": reason or "the worker cannot use it"}


def _name_in(said: Any) -> str:
    name = said.get("name") if isinstance(said, Mapping) else None
    return visible(name, 60) if isinstance(name, str) else ""
