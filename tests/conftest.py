"""Fixtures of the whole session. They are registered once, here: imported twice they would start things twice."""

from hypothesis import settings
from tests.live import live
from tests.services import django_db_modify_db_settings, postgres

__all__ = ["django_db_modify_db_settings", "live", "postgres"]

# A property is not a matter of time: a loaded machine must not make one fail.
settings.register_profile("farfield", deadline=None)
settings.load_profile("farfield")
