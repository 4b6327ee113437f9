"""Fixtures that several folders of tests share."""

from tests.live import live

__all__ = ["live"]
