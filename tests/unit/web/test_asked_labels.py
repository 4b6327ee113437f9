"""The labels that a run asked for are on its page and in the API, round by round, where there is a budget."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import report_of

from farfield_web.runs import lease
from farfield_web.runs.asked_labels import labels_of, labels_sentence
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report

LABELS = {"asked": [9, 9, 4], "rounds": 5, "per_round": 9}


def test_page_and_api_have_them(run: Run, client: Client) -> None:
    leased = lease.claim("w", "cpu")
    assert leased is not None
    report = report_of(leased)
    store_report(report | {"environment": report["environment"] | {"labels": LABELS}})
    assert client.get(f"/api/v1/runs/{leased.pk}").json()["labels"] == LABELS
    assert (
        "Labels: 22 of 45 asked for, in 3 of 5 rounds: 9, 9, 4." in client.get(f"/runs/{leased.pk}/").content.decode()
    )


def test_without_a_budget_there_are_none(run: Run, client: Client) -> None:
    assert client.get(f"/api/v1/runs/{run.pk}").json()["labels"] is None
    assert "Labels:" not in client.get(f"/runs/{run.pk}/").content.decode()
    assert labels_sentence(None) == ""


def test_who_asked_for_none_is_said_to_have() -> None:
    assert labels_sentence(LABELS | {"asked": []}) == "0 of 45 asked for, in 0 of 5 rounds."


@pytest.mark.parametrize(
    "said",
    [
        None,
        [9],
        {},
        LABELS | {"asked": 9},
        LABELS | {"asked": [-1]},
        LABELS | {"asked": [True]},
        LABELS | {"asked": ["9"]},
        LABELS | {"asked": [0] * 1001},
        LABELS | {"rounds": None},
        LABELS | {"per_round": 1 << 60},
    ],
)
def test_what_is_no_account_of_labels_is_not_shown(said: Any) -> None:
    assert labels_of({"labels": said}) is None
