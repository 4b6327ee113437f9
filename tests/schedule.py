"""Which tests stay together in a session of several processes: those of a file, and all that use the whole site.

Half a minute of a processor goes into a site until its worker has announced itself, so only one process starts one. It
ends with the last of them, for a fifth of a processor goes into one that nobody uses.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parents[1]
SITE, FIXTURE = "tests/live.py", "live"
STAY_TOGETHER = "stay_together"  # what a process of several is told: whether SiteScheduling hands out the tests
USES_SITE = re.compile(r"^from tests\.live import .*\bLive\b", re.MULTILINE)


class SiteScheduling(LoadFileScheduling):
    """By files in their order; the files whose tests use the site are as one."""

    def _split_scope(self, nodeid: str) -> str:
        return together_with(nodeid.partition("::")[0])


@cache
def together_with(file: str) -> str:
    """What the tests of `file`, a path below the root, stay together with: itself or SITE."""
    return SITE if USES_SITE.search((ROOT / file).read_text(encoding="utf-8")) else file


def is_last_user(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Whether no later test of this process uses the site; known only where all its users follow one another."""
    if not getattr(item.config, "workerinput", {}).get(STAY_TOGETHER):
        return False
    return _may_use_site(item) and not (nextitem is not None and _may_use_site(nextitem))


def _may_use_site(item: pytest.Item) -> bool:
    return together_with(str(item.path.relative_to(ROOT))) == SITE


def unnamed_users(items: Iterable[pytest.Item]) -> set[str]:
    """Files whose tests use the site and that do not import its type, by which they are known."""
    users = {item.path for item in items if FIXTURE in getattr(item, "fixturenames", ())}
    files = {str(path.relative_to(ROOT)) for path in users}
    return {file for file in files if together_with(file) != SITE}
