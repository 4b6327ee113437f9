"""What a worker says of the suites that are installed on it: the site takes only what it knows in the same version."""

import logging

from farfield_evaluators.catalog import Catalog, catalog
from farfield_evaluators.suite_identity import SuiteOffer
from farfield_workers.client import SuitesSaid

log = logging.getLogger(__name__)


def announced_suites(installed: Catalog) -> SuitesSaid:
    """All that can be used, and all that cannot, which is logged: the operator may look at either end."""
    for each in installed.installed:
        log.info("suite %s, protocol %s", each.identity, each.identity.digest)
    for refused in installed.refused:
        log.error("not offered: %s", refused)
    offers = [
        SuiteOffer(identity=each.identity, benchmarks=tuple(benchmark.name for benchmark in each.suite.benchmarks))
        for each in installed.installed
    ]
    return SuitesSaid(
        offered=tuple(offer.as_json() for offer in offers),
        refused=tuple(refused.as_json() for refused in installed.refused),
    )


def suite_of(benchmark: str) -> dict[str, str]:
    """Who the suite of a benchmark is, for the record of a run; empty where none has it."""
    owner = catalog().owners.get(benchmark)
    return {} if owner is None else owner.identity.as_json()
