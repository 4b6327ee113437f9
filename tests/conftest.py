"""Fixtures of the whole session. They are registered once, here: imported twice they would start things twice."""

import gc
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings
from tests.live import end_site, live
from tests.schedule import STAY_TOGETHER, SiteScheduling, is_last_user, unnamed_users
from tests.services import django_db_modify_db_settings, postgres

__all__ = ["django_db_modify_db_settings", "live", "postgres"]

# A property is not a matter of time: a loaded machine must not make one fail.
settings.register_profile("farfield", deadline=None)
settings.load_profile("farfield")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: to look through it for rubbish, again and again, was half of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if wrong := unnamed_users(items):
        raise pytest.UsageError(f"these use the site of tests/live.py and do not import Live from it: {sorted(wrong)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        if is_last_user(item, nextitem):
            end_site(item.config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SiteScheduling | None:
    return SiteScheduling(config, log) if stay_together(config) else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[STAY_TOGETHER] = stay_together(node.config)


def stay_together(config: pytest.Config) -> bool:
    return bool(config.getoption("dist") == "loadfile")
