"""What a run used over time: kept from heartbeats and the report, drawn on its page, and given by the API."""

from typing import Any

import pytest
import vl_convert
from django.test import Client
from tests.unit.web.conftest import api_error, report_of

from farfield_evaluators.wire import MOST_POINTS
from farfield_web.accounts.models import User
from farfield_web.runs import lease, verbs
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report

pytestmark = [pytest.mark.services, pytest.mark.django_db]
GIB = 1 << 30
USED = {"every": 0.5, "memory": [GIB // 2, GIB], "cpu": [1.5, 0.25], "gpu": None}
KEPT = {name: value for name, value in USED.items() if value is not None}


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


def beat(as_worker: Any, run: Run, usage: Any) -> Any:
    said = {"token": run.token, "stage": "running", "progress": None, "log": "", "log_offset": 0, "usage": usage}
    return as_worker(f"runs/{run.pk}/heartbeat", said)


def used(run: Run) -> Any:
    return Run.objects.get(pk=run.pk).usage


def test_it_is_there_while_the_run_goes_on_and_afterwards(as_worker: Any, leased: Run, client: Client) -> None:
    beat(as_worker, leased, USED)
    beat(as_worker, leased, None)
    assert used(leased) == KEPT
    longer = {**KEPT, "memory": [GIB // 2, GIB, GIB], "cpu": [1.5, 0.25, 3.0]}
    store_report(report_of(leased, usage={**longer, "gpu": None}))
    assert used(leased) == longer
    plot = client.get(f"/api/v1/runs/{leased.pk}/usage").json()
    assert plot["rows"] == [
        {"seconds": 0.5, "memory": 0.5, "cpu": 1.5},
        {"seconds": 1.0, "memory": 1.0, "cpu": 0.25},
        {"seconds": 1.5, "memory": 1.0, "cpu": 3.0},
    ]
    assert plot["spec"]["data"]["values"] == plot["rows"]
    assert client.get(f"/api/v1/runs/{leased.pk}").json()["usage"] == longer


def test_that_of_a_gpu_is_drawn_with_it(leased: Run, client: Client) -> None:
    with_gpu = {**USED, "gpu": {"memory": [0, 2 * GIB], "busy": [0.0, 0.85]}}
    store_report(report_of(leased, usage=with_gpu))
    assert used(leased) == with_gpu
    plot = client.get(f"/api/v1/runs/{leased.pk}/usage").json()
    assert plot["rows"][1] == {"seconds": 1.0, "memory": 1.0, "cpu": 0.25, "gpu_memory": 2.0, "gpu": 0.85}
    drawn = vl_convert.vegalite_to_svg({**plot["spec"], "width": 600})
    assert "Memory (GiB), GPU memory (GiB)" in drawn
    assert "Processors, GPU" in drawn
    assert "<td>1</td><td>2</td><td>0.25</td><td>0.85</td>" in client.get(f"/runs/{leased.pk}/").content.decode()


def test_the_runs_page_draws_it_and_has_it_as_a_table(as_worker: Any, leased: Run, client: Client) -> None:
    before = client.get(f"/runs/{leased.pk}/").content.decode()
    assert "What it used over time" not in before
    assert "plots.js" not in before
    assert client.get(f"/api/v1/runs/{leased.pk}/usage").status_code == 404
    store_report(report_of(leased, usage=USED))
    page = client.get(f"/runs/{leased.pk}/").content.decode()
    assert f'data-spec="/api/v1/runs/{leased.pk}/usage"' in page
    assert "<td>0.5</td><td>0.5</td><td>1.5</td>" in page
    assert f'href="/runs/{leased.pk}/#usage"' in client.get(f"/submissions/{leased.submission_id}/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {**USED, "memory": [1] * (MOST_POINTS + 1)},
        {**USED, "cpu": [-1.0, 0.5]},
        {**USED, "memory": [-1, 1]},
        {**USED, "swap": [1, 1]},
        {**USED, "gpu": {"memory": [1, 1]}},
    ],
)
def test_what_is_no_such_curve_is_refused(as_worker: Any, leased: Run, wrong: Any) -> None:
    assert api_error(beat(as_worker, leased, wrong)) == (400, "request.invalid")
    assert used(leased) == {}


def test_points_that_do_not_belong_together_are_not_kept(as_worker: Any, leased: Run) -> None:
    assert beat(as_worker, leased, {**USED, "cpu": [1.0]}).status_code == 200
    assert used(leased) == {}


def test_a_new_attempt_has_used_nothing(as_worker: Any, leased: Run, person: User) -> None:
    beat(as_worker, leased, USED)
    verbs.cancel(leased.submission, person)
    verbs.retry(leased.submission, person)
    assert used(leased) == {}
