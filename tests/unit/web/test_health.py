"""The health page."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_says_ok(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "database": True})
