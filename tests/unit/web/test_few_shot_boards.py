"""A board of few-shot detection on the site: figures at each number of shots, with the 95% interval after ±."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import described
from tests.unit.web.plans import NAME, install
from tests.unit.web.test_other_plans import FINGERPRINT, finish

from farfield_evaluators.benchmark import Column
from farfield_evaluators.suites.fsdet.plan import Shots
from farfield_web.accounts.models import User
from farfield_web.runs.announce import announce
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.kinds import Kind

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def test_pages_and_api_show_the_interval_over_shot_sets(
    monkeypatch: pytest.MonkeyPatch, db: None, person: User, client: Client, call: Any
) -> None:
    """Of 0.4 and 0.6: 1.96 * 0.1 / sqrt(2), which is smaller than two standard errors of 0.1."""
    columns = (Column(metric="accuracy", domain="shifts[shots=5]", title="At 5 shots"),)
    benchmark = install(monkeypatch, Shots(shots=(5,), shot_sets=(0, 1)), columns=columns)
    data = {"version": benchmark.version, "fingerprint": FINGERPRINT, "key": benchmark.comparability_key(FINGERPRINT)}
    announce("worker-1", [described("kept")], {benchmark.name: data}, accepts=list(Kind))
    made = submit(person, Request(benchmark=NAME, method="kept", track="open"))
    for value in (0.4, 0.6):
        finish(benchmark, value)
    (row,) = call("get", f"leaderboards/{NAME}").json()["rows"]
    assert row["figures"][0] == {"value": 0.5, "stderr": 0.1, "std": None, "ci95": 0.139, "trials": 2}
    body = call("get", f"submissions/{made.pk}").json()
    assert {(figure["ci95"], figure["std"]) for figure in body["figures"]} == {(0.139, None)}
    assert call("get", f"benchmarks/{NAME}").json()["spread"] == "ci95"
    file = client.get(f"/boards/{NAME}/board.csv").content.decode().splitlines()
    assert file[0].endswith("shifts[shots=5].accuracy,shifts[shots=5].accuracy.stderr,shifts[shots=5].accuracy.ci95")
    for path in (f"/boards/{NAME}/", f"/submissions/{made.pk}/"):
        page = client.get(path).content.decode()
        assert "95% interval over 2 repeats: 1.96 standard deviations (ddof 0) over the root of 2" in page
        assert "13.9" in page
    assert "5 shots" in client.get(f"/submissions/{made.pk}/").content.decode()
