"""Failure codes: each has words for the author, ours have words for the operator; early refusals cost nothing."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.unit.web.conftest import make_run, report_of

from farfield_web.accounts.models import User
from farfield_web.pages.runs.advice import advice_for
from farfield_web.runs import failures, lease, verbs
from farfield_web.runs.documented import with_quota
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.status import Status
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission

PAGE = Path(__file__).parents[3] / "docs" / "failure-codes.md"
ALL = Offer(accepts=frozenset(Kind))
PROMISED = {
    *(f"plugin.{name}" for name in (
        "not_a_package", "bad_metadata", "no_entry_point", "duplicate_entry_point", "archive_too_large", "unsafe_path",
        "link", "wrong_python", "wrong_platform", "build_failed", "dependencies", "no_method", "which_method",
        "broken_import", "protocol", "bad_config", "bad_spec", "raised", "name_taken", "wrong_family", "track_refused",
        "image_unavailable", "not_allowed", "crashed", "unknown_name",
    )),
    *(f"predictions.{name}" for name in (
        "invalid", "not_a_file", "missing_ids", "duplicate_ids", "unknown_ids", "not_finite", "too_large",
        "members", "dtype", "shape",
    )),
    *(f"resources.{name}" for name in ("time", "memory", "output", "disk", "not_offered", "inspection")),
    *(f"platform.{name}" for name in (
        "error", "no_sandbox", "sandbox", "no_gpu", "bad_job", "bad_report", "lost_worker", "upload", "upload_missing",
        "benchmark_version", "features", "settings", "site_unreachable", "site_refused", "index_unreachable",
        "no_uv", "disk",
    )),
    "benchmark.withdrawn",
    "method.renamed",
}  # fmt: skip


def test_every_code_has_its_words() -> None:
    assert set(failures.SENTENCES) >= PROMISED
    for code, text in failures.SENTENCES.items():
        assert text.endswith("."), code
        advice = advice_for(code)
        assert advice.title, code
        assert advice.todo.endswith("."), code
        assert ("not your doing" in advice.todo) is failures.is_ours(code), code
        assert bool(failures.for_operator(code)) is failures.is_ours(code), code


def test_the_operator_is_told_about_every_failure_of_the_platform() -> None:
    assert set(failures.OPERATOR) == {code for code in failures.SENTENCES if failures.is_ours(code)}
    assert all(text.endswith(".") for text in failures.OPERATOR.values())
    assert failures.for_operator("platform.brand_new") == failures.OPERATOR[failures.PLATFORM]
    assert failures.for_operator("plugin.raised") == ""


def test_each_code_of_a_plugin_has_advice_of_its_own() -> None:
    codes = [code for code in failures.SENTENCES if not failures.is_ours(code)]
    assert len({advice_for(code).title for code in codes}) == len(codes)


def failed(run: Run, code: str) -> Submission:
    store_report(report_of(run, outcome="failed", scores=[], failure={"code": code, "message": "no"}))
    run.refresh_from_db()
    assert (run.status, run.failure_code) == ("failed", code)
    return Submission.objects.get(pk=run.submission_id)


@pytest.fixture
def taken(entered_package: Submission) -> Run:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    return run


@pytest.mark.services
@pytest.mark.parametrize(
    "code", ["plugin.build_failed", "plugin.protocol", "plugin.name_taken", "plugin.track_refused"]
)
def test_what_is_refused_before_it_ran_costs_nothing(taken: Run, code: str) -> None:
    submission = failed(taken, code)
    assert (submission.quota_at, submission.quota_returned_because) == (None, "refused before it ran")


@pytest.mark.services
@pytest.mark.parametrize("code", ["plugin.raised", "plugin.crashed", "resources.memory", "predictions.invalid"])
def test_other_failures_cost(taken: Run, code: str) -> None:
    assert failed(taken, code).quota_at is not None


@pytest.mark.services
def test_once_images_were_shown_it_costs(taken: Run) -> None:
    lease.heartbeat(taken.pk, taken.token, Status.RUNNING, None, "", 0)
    assert failed(taken, "plugin.protocol").quota_at is not None


@pytest.mark.services
def test_once_another_trial_has_run_it_costs(taken: Run) -> None:
    make_run(taken.submission, 1, Status.SUCCEEDED)
    assert failed(taken, "plugin.build_failed").quota_at is not None


@pytest.mark.services
def test_predictions_that_cannot_be_scored_cost_nothing(taken: Run) -> None:
    Submission.objects.update(kind="predictions")
    assert failed(taken, "predictions.missing_ids").quota_at is None


@pytest.mark.services
@pytest.mark.parametrize(
    "code",
    [*sorted(c for c in failures.SENTENCES if c.startswith(("predictions.", "records."))), "resources.inspection"],
)
def test_refused_predictions_cost_nothing_wherever_it_is_found_out(taken: Run, code: str) -> None:
    """A worker reads them in the stage `scoring`, which for a method would mean that it has run."""
    Submission.objects.update(kind="predictions")
    failure = {"code": code, "message": "no"}
    store_report(report_of(taken, outcome="failed", scores=[], failure=failure, stage="scoring"))
    assert Submission.objects.get().quota_at is None


def test_the_page_on_codes_says_of_each_what_the_table_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_quota(text) == text, "run `manage.py document_codes`"
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE))
    assert documented == set(failures.SENTENCES)


@pytest.mark.services
def test_a_retry_counts_again(taken: Run, person: User, settings: Any) -> None:
    submission = failed(taken, "plugin.build_failed")
    verbs.retry(submission, person)
    submission.refresh_from_db()
    assert (submission.quota_at is None, submission.quota_returned_because) == (False, "")


@pytest.mark.services
def test_the_operator_reads_it_in_the_log(taken: Run, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.ATTEMPTS_PER_TRY = 1
    failure = {"code": "platform.no_gpu", "message": "no device"}
    store_report(report_of(taken, outcome="failed", failure=failure, infrastructure=True))
    assert "Check FARFIELD_GPU" in caplog.text
