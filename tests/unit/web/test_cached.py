"""What a run's worker had in a cache is on the run's record, page and API, and told beside what it cost."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import report_of

from farfield_web.leaderboards.plots.costs import spent_by, warm_of
from farfield_web.runs import lease
from farfield_web.runs.cached import cached_of
from farfield_web.runs.models import Run
from farfield_web.runs.reported import BadReport
from farfield_web.runs.tasks import store_report


@pytest.mark.parametrize("value", [[1], {"words": 1.0}, {"features": 1.5}, {"pixels": True}, {"pixels": "1"}])
def test_what_is_no_share_is_a_bad_report(value: Any) -> None:
    with pytest.raises(BadReport):
        cached_of(value)


def test_it_is_kept_with_the_run_and_told(run: Run, client: Client) -> None:
    leased = lease.claim("w", "cpu")
    assert leased is not None
    store_report(report_of(leased, cached={"features": 1, "texts": 0.75, "pixels": 0.5}))
    assert client.get(f"/api/v1/runs/{leased.pk}").json()["cached"] == {"features": 1.0, "texts": 0.75, "pixels": 0.5}
    page = client.get(f"/runs/{leased.pk}/").content.decode()
    assert "100% of the features, 75% of the text embeddings, 50% of the pixels" in page
    assert warm_of(spent_by([leased.submission_id])[leased.submission_id]) == 0.75
