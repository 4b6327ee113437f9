"""Standard or not, by the rules of a benchmark's authors: on boards, pages and in the API, with the reasons."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.evaluators.test_standing import RULES
from tests.unit.web.conftest import described, npz, report_of
from tests.unit.web.plans import NAME, install
from tests.unit.web.sweeps import ALL
from tests.unit.web.test_other_plans import FINGERPRINT, finish
from tests.unit.web.test_probes import probes

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.plans.trials import Trials
from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.leaderboards.queries import board, board_page
from farfield_web.leaderboards.selection import Selection
from farfield_web.runs import lease, workers
from farfield_web.runs.announce import announce
from farfield_web.runs.submit import Request, submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.request import Claims
from farfield_web.submissions.uploads import receive

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BEFORE = "3363c25fdaeb5d6c1605cf8891dad41863e0ea1115ddf03cfe53f18e0e06b9e4"


def claiming(name: str, **more: Any) -> dict[str, Any]:
    return described(name, claims={"backbone": "none", "pretraining": [], "extra_data": [], **more})


@pytest.fixture
def benchmark(db: None, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    ruled = install(monkeypatch, Trials(3, spread="std"), standing=RULES)
    data = {"version": ruled.version, "fingerprint": FINGERPRINT, "key": ruled.comparability_key(FINGERPRINT)}
    methods = [
        claiming("kept"),
        claiming("retrained", departs=["trains-on-validation"]),
        claiming("cheat", departs=["uses-test-data"]),
        {**claiming("adapts"), "transductive": True},
    ]
    announce("worker-1", methods, {ruled.name: data}, accepts=list(Kind))
    return ruled


def entered(
    benchmark: Benchmark, person: User, method: str, values: tuple[float, ...] = (0.4, 0.5, 0.6), **more: Any
) -> Submission:
    made = submit(person, Request(benchmark=NAME, method=method, track="open"))
    for value in values:
        finish(benchmark, value, **more)
    return made


def reasons(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    return {
        row.entry.submission.method_name: row.entry.standing.reasons
        for row in board(benchmark).rows
        if row.entry.standing
    }


def test_every_entry_of_such_a_board_is_standard_or_says_why_not(benchmark: Benchmark, person: User) -> None:
    for name in ("kept", "retrained", "adapts"):
        entered(benchmark, person, name)
    assert reasons(benchmark) == {
        "kept": (),
        "retrained": ("it was trained on validation data, too",),
        "adapts": ("it predicts with statistics of the test batch",),
    }
    assert [row.rank for row in board(benchmark).rows] == [1, 1, 1]
    for badge, named in (("standard", {"kept"}), ("not standard", {"retrained", "adapts"})):
        rows = board_page(benchmark, "", Selection(badges=(badge,))).rows
        assert {row.entry.submission.method_name for row in rows} == named


def test_a_probe_counts_more_than_what_is_declared(benchmark: Benchmark, person: User) -> None:
    entered(benchmark, person, "kept", probes=probes(batch_independent=False))
    (told,) = reasons(benchmark).values()
    assert told == ("a probe found that its predictions depend on the test batch",)


def test_too_few_replicates_are_not_standard(benchmark: Benchmark, person: User) -> None:
    entered(benchmark, person, "kept", (0.5,))
    assert reasons(benchmark) == {"kept": ("it has 1 of 3 replicates",)}


def test_what_the_rules_refuse_is_refused_with_the_rule(benchmark: Benchmark, person: User) -> None:
    with pytest.raises(
        SubmissionError, match="by the rules of WILDS it is no entry: it learned from test data"
    ) as error:
        submit(person, Request(benchmark=NAME, method="cheat", track="open"))
    assert (error.value.code, error.value.field) == ("track.refused", "track")


def test_what_an_author_says_later_of_a_method_is_not_of_an_entry_before(benchmark: Benchmark, person: User) -> None:
    entered(benchmark, person, "retrained")
    Method.objects.filter(name="retrained").update(spec=claiming("retrained"))
    assert reasons(benchmark)["retrained"] == ("it was trained on validation data, too",)


def test_pages_and_api_say_it_with_the_standard_deviation(
    benchmark: Benchmark, person: User, client: Client, call: Any
) -> None:
    made = entered(benchmark, person, "retrained")
    says = "not standard by the rules of WILDS: it was trained on validation data, too"
    (row,) = call("get", f"leaderboards/{NAME}").json()["rows"]
    assert (row["standing"]["name"], row["standing"]["sentence"]) == ("not-standard", says)
    assert row["figures"][0] == {"value": 0.5, "stderr": 0.0577, "std": 0.1, "ci95": None, "trials": 3}
    body = call("get", f"submissions/{made.pk}").json()
    assert body["standing"] == row["standing"]
    assert {figure["std"] for figure in body["figures"]} == {0.1}
    told = call("get", f"benchmarks/{NAME}").json()
    assert (told["spread"], told["standing"]["forbids"][1]) == ("std", "trains-on-validation")
    for path in (f"/boards/{NAME}/", f"/submissions/{made.pk}/"):
        page = client.get(path).content.decode()
        assert "it was trained on validation data, too" in page
        assert "the standard deviation over 3 replicates (ddof 1)" in page
        assert "10.0" in page


def test_predictions_are_standard_by_their_authors_word(benchmark: Benchmark, person: User) -> None:
    workers.announced("worker-1", "cpu", [], list(Kind), {})
    upload = receive(person, SimpleUploadedFile("p.npz", npz()), "")
    claims = Claims(backbone="none", departs=("selects-elsewhere",))
    request = Request(
        benchmark=NAME, kind=Kind.PREDICTIONS, method="elsewhere", track="open", summary="Made at home.",
        upload=upload.sha256, claims=claims,
    )  # fmt: skip
    made = submit(person, request)
    assert made.claims["departs"] == ["selects-elsewhere"]
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    scores = [{"metric": "accuracy", "domain": "shifts", "value": 0.5, "stderr": 0.1, "n": 20}]
    store_report(report_of(run, scores=scores, comparability_key=benchmark.comparability_key(FINGERPRINT)))
    assert reasons(benchmark)["elsewhere"] == (
        "it has 1 of 3 replicates",
        "it was chosen by other data than the official validation split",
    )


def test_elsewhere_there_is_no_standing(announced: None, entered: Submission, call: Any) -> None:
    assert call("get", f"submissions/{entered.pk}").json()["standing"] is None


def test_equal_requests_of_before_are_equal_still() -> None:
    request = Request(benchmark=NAME, track="open", kind="predictions", claims=Claims(backbone="none"))
    # Of claims that had no departures, as the release before digested them.
    assert request.body_digest == BEFORE
    other = Request(
        benchmark=NAME, track="open", kind="predictions", claims=Claims(backbone="none", departs=("uses-test-data",))
    )
    assert other.body_digest != BEFORE
