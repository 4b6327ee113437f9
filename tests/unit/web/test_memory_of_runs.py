"""Kind: limits that do not say what they limit. The memory that a run held is on its record, page and API."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import report_of

from farfield_web.runs import lease
from farfield_web.runs.memory import memory_of, memory_sentence
from farfield_web.runs.models import Run
from farfield_web.runs.reported import BadReport
from farfield_web.runs.tasks import store_report

MEMORY = {"peak_bytes": 700 << 20, "limit_bytes": 1 << 30, "counted": "control group (v2)"}


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


def test_a_report_says_what_was_held_at_most() -> None:
    assert memory_of(MEMORY) == MEMORY
    assert memory_of(None) == memory_of({}) == {}


@pytest.mark.parametrize(
    "value",
    [
        [1],
        {**MEMORY, "peak_bytes": -1},
        {**MEMORY, "peak_bytes": True},
        {**MEMORY, "limit_bytes": 1.5},
        {**MEMORY, "limit_bytes": 1 << 60},
        {"peak_bytes": 1},
    ],
)
def test_what_is_no_memory_is_a_bad_report(value: Any) -> None:
    with pytest.raises(BadReport):
        memory_of(value)


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_it_is_kept_with_the_run_however_that_ended(leased: Run, client: Client, outcome: str) -> None:
    store_report(report_of(leased, memory=MEMORY, outcome=outcome))
    assert Run.objects.get().memory == MEMORY
    assert client.get(f"/api/v1/runs/{leased.pk}").json()["memory"] == MEMORY
    page = client.get(f"/runs/{leased.pk}/").content.decode()
    assert "Memory, at most" in page
    assert "0.684 GiB" in page


def test_a_new_attempt_begins_without(leased: Run) -> None:
    store_report(report_of(leased, memory=MEMORY, outcome="failed", infrastructure=True))
    assert Run.objects.get().memory == {}


def test_the_page_has_it_beside_what_was_declared() -> None:
    assert memory_sentence(MEMORY) == "0.684 GiB at most, of the 1 GiB that the method declares."
    assert memory_sentence(MEMORY | {"peak_bytes": 5 << 20}).startswith("5 MiB at most")
    assert memory_sentence({}) == ""
