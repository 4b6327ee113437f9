"""Fixtures of the whole session. They are registered once, here: imported twice they would start things twice."""

from tests.live import live
from tests.services import django_db_modify_db_settings, postgres

__all__ = ["django_db_modify_db_settings", "live", "postgres"]
