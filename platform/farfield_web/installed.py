"""Which suites this process has, said where an operator looks: in its log when it starts, and by `manage.py check`."""

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, register

from farfield_evaluators.catalog import catalog

log = logging.getLogger(__name__)


def log_suites() -> None:
    """A line for each suite that is installed, and an error for each that cannot be used."""
    for each in catalog().installed:
        log.info("suite %s, protocol %s", each.identity, each.identity.digest)
    for refused in catalog().refused:
        log.error("not used: %s", refused)


@register()
def suites_can_be_used(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """A suite that is refused keeps the site from nothing but its own benchmarks: a warning."""
    return [
        checks.Warning(f"The suite {each.name!r} of {each.distribution} {each.version} is not used: {each.reason}.",
                hint=f"{each.remedy[:1].upper()}{each.remedy[1:]}.", id="farfield.W002")
        for each in catalog().refused
    ]  # fmt: skip
