"""Fixtures of the whole session. They are registered once, here: imported twice they would start things twice."""

import gc
from collections.abc import Generator

import pytest
from hypothesis import settings
from tests.live import live
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
