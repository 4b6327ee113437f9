"""What was taken for what: sent by the worker that holds the run, and told as far as labels stay hidden."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, report_of
from tests.unit.web.test_outcomes import settings_of

from farfield_evaluators.catalog import find
from farfield_evaluators.confusions import Confusion, confusion
from farfield_web.entries.confusions import MIN_EXAMPLES, STEP, publish
from farfield_web.entries.models import RunConfusion
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission
from farfield_workers.client import LeaseEnded, SiteClient, SiteRefused

DOMAINS = [domain.name for domain in find(BOARD).domains]
LABELS = np.repeat([0, 1], [40, 10])


def made(domain: str = DOMAINS[0], wrong: int = 13) -> Confusion:
    """Of 40 dogs `wrong` are taken for cats; of 10 cats none for a dog."""
    said = LABELS.copy()
    said[:wrong] = 1
    return confusion(domain, (0, 1), LABELS, said)


@pytest.fixture
def site(client: Client, tmp_path: Path) -> SiteClient:
    """The worker's client, whose requests go to this site without a network."""

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {name: request.headers[name] for name in ("Authorization", "Farfield-Run-Token")}
        path, kind = request.url.raw_path.decode(), request.headers["Content-Type"]
        response = client.generic(request.method, path, request.content, kind, headers=headers)
        return httpx.Response(response.status_code, content=response.content)

    return SiteClient(settings_of(tmp_path, "worker-token"), httpx.MockTransport(answer))


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


def send(site: SiteClient, run: Run, *confusions: Confusion) -> None:
    site.send_confusions(run, confusions)  # type: ignore[arg-type] # of a claim its number and token


def public(monkeypatch: pytest.MonkeyPatch, labels: bool) -> None:
    """As if everybody might know the benchmark's test labels, or not."""
    shown = replace(find(BOARD), public_labels=labels, shows="")
    monkeypatch.setattr(Submission, "known_benchmark", property(lambda one: shown))


@pytest.mark.services
@pytest.mark.django_db
def test_all_counts_are_told_where_labels_are_public(
    site: SiteClient,
    leased: Run,
    client: Client,
    call: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Any,
) -> None:
    public(monkeypatch, True)
    with django_assert_max_num_queries(4):  # however many domains there are
        send(site, leased, made(), made(DOMAINS[1], wrong=0))
    address = f"submissions/{leased.submission_id}/classes"
    assert call("get", address).status_code == 404, "of a run that has not ended nothing is told"
    store_report(report_of(leased))
    whole = call("get", address).json()
    assert (whole["exact"], whole["domains"]) == (True, DOMAINS[:2])
    assert whole["matrix"] == [[67, 13], [0, 20]]
    one = call("get", f"{address}?domain={DOMAINS[0]}").json()
    assert one["mistakes"] == [{"label": "dog", "said": "cat", "share": 0.325, "count": 13}]
    assert one["classes"][0] == {"name": "dog", "recall": 0.675, "examples": 40}
    assert call("get", f"{address}?domain=nowhere").status_code == 404
    page = client.get(f"/submissions/{leased.submission_id}/?domain={DOMAINS[0]}").content.decode()
    assert "Confusion matrix" in page
    assert ">13</td>" in page


@pytest.mark.services
@pytest.mark.django_db
def test_hidden_labels_are_summed_up_coarsely(
    site: SiteClient, leased: Run, client: Client, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    public(monkeypatch, False)
    send(site, leased, made())
    store_report(report_of(leased))
    told = call("get", f"submissions/{leased.submission_id}/classes").json()
    assert (told["exact"], told["matrix"]) == (False, None)
    assert told["classes"] == [
        {"name": "dog", "recall": 0.7, "examples": None}, {"name": "cat", "recall": None, "examples": None}
    ]  # fmt: skip
    assert told["mistakes"] == [{"label": "dog", "said": "cat", "share": 0.3, "count": None}]
    page = client.get(f"/submissions/{leased.submission_id}/").content.decode()
    assert "in steps of 5 per cent" in page
    assert "Confusion matrix" not in page


@pytest.mark.parametrize("alone", range(0, 40, 7))
def test_a_class_said_of_one_image_tells_nothing_of_its_label(alone: int) -> None:
    """Whatever the image's label: the attack is to say the class "probe" of it alone."""
    told = set()
    for label in (0, 1):
        labels = np.repeat([0, 1], 40)
        labels[alone] = label
        said = np.zeros(80, np.int64)
        said[alone] = 2
        counts = confusion("d", (0, 1, 2), labels, said)
        told.add(publish(counts, ("dog", "cat", "probe"), ("d",), exact=False))
    assert len(told) == 1, "both labels give the same answer"


@pytest.mark.services
@pytest.mark.django_db
def test_what_is_no_confusion_of_the_benchmark_is_refused(site: SiteClient, leased: Run) -> None:
    good = made()
    for bad in (
        replace(good, domain="elsewhere"), replace(good, classes=(0, 1, 2)), replace(good, hits=(41, 10)),
        replace(good, pairs=((0, 2, 1),)), replace(good, pairs=((-1, 0, 1),)), replace(good, classes=(), counts=()),
    ):  # fmt: skip
        with pytest.raises(SiteRefused):
            send(site, leased, bad)
    assert not RunConfusion.objects.exists()
    send(site, leased, good)
    send(site, leased, made(wrong=1))
    assert RunConfusion.objects.get().counts["hits"] == [39, 10], "sent again it takes the place of the last"
    Run.objects.filter(pk=leased.pk).update(token="another")
    with pytest.raises(LeaseEnded):
        send(site, leased, good)


def test_the_bounds_are_what_the_page_says() -> None:
    assert (MIN_EXAMPLES, STEP) == (20, 0.05)
