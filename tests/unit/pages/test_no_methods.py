"""A benchmark on which no method is run: a method is refused with a sentence, and predictions are offered."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.pages.conftest import signed_in
from tests.unit.pages.content import BOARD, Site
from tests.unit.web.plans import NAME, install

from farfield_evaluators.plans.trials import Trials
from farfield_web.accounts.tokens import create_token

pytestmark = [pytest.mark.django_db, pytest.mark.services]
SAYS = "No method is run on Mini by shots: only results made elsewhere are taken."


@pytest.fixture
def scored_only(site: Site, monkeypatch: pytest.MonkeyPatch) -> Client:
    install(monkeypatch, Trials(1), runs_methods=False)
    return signed_in(site.ada)


def test_the_ways_in_are_predictions_alone(scored_only: Client) -> None:
    page = scored_only.get(f"/submit/{NAME}/").content.decode()
    assert SAYS in page
    assert "Upload predictions" in page
    assert "Listed methods" not in page
    assert "Upload a package" not in page
    assert "Predictions only: no method is run" in scored_only.get("/submit/").content.decode()
    for path in (f"/boards/{NAME}/", f"/benchmarks/{NAME}/"):
        assert "Submit predictions</a>" in scored_only.get(path).content.decode()
    assert "Submit a method</a>" in scored_only.get(f"/boards/{BOARD}/").content.decode()


def test_the_protocol_tells_of_no_runs_and_no_training(scored_only: Client) -> None:
    page = scored_only.get(f"/benchmarks/{NAME}/").content.decode()
    assert SAYS in page
    assert "Training split" not in page
    assert "of each submission" not in page
    other = scored_only.get(f"/benchmarks/{BOARD}/").content.decode()
    assert "Training split" in other
    assert "of each submission" in other


@pytest.mark.parametrize("way", ["with/tuned", "bring/package", "bring/container"])
def test_other_ways_lead_to_the_one_there_is_and_say_why(scored_only: Client, way: str) -> None:
    answer = scored_only.get(f"/submit/{NAME}/{way}/", follow=True)
    assert answer.redirect_chain == [(f"/submit/{NAME}/", 302)]
    assert answer.content.decode().count(SAYS) == 2  # as the page has it, and as what just happened
    assert scored_only.get(f"/submit/{NAME}/bring/nothing/").status_code == 404


@pytest.mark.parametrize("kind", ["configuration", "plugin", "container"])
def test_the_api_refuses_every_method(scored_only: Client, site: Site, kind: str) -> None:
    body: dict[str, Any] = {"benchmark": NAME, "kind": kind, "track": "open", "method": "tuned", "upload": "0" * 64}
    headers = {"Authorization": f"Bearer {create_token(site.ada, 'test')[1]}"}
    answer = Client().post("/api/v1/submissions", body, content_type="application/json", headers=headers)
    error = answer.json()["error"]
    assert (error["code"], error["message"], error["field"]) == ("benchmark.no_methods", SAYS, "benchmark")
    assert scored_only.get(f"/api/v1/benchmarks/{NAME}").json()["runs_methods"] is False
