"""The site of the web's tests, with an operator."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command
from tests.unit.web import conftest as web
from tests.unit.web.conftest import report_of

from farfield_web.accounts.models import User
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

__all__ = ["announced", "as_worker", "asked_to_compare", "call", "entered", "other", "person", "run", "safe_settings"]
__all__ += ["everything", "var", "wakes"]
announced, asked_to_compare, as_worker, call = web.announced, web.asked_to_compare, web.as_worker, web.call
entered, other, person, run, safe_settings = web.entered, web.other, web.person, web.run, web.safe_settings
everything, var, wakes = web.everything, web.var, web.wakes
REASON = "Trained on the test images."


@pytest.fixture
def operator(db: None) -> User:
    return User.objects.create_user("root", password="a long pass phrase", is_staff=True)


@pytest.fixture
def finished(announced: None) -> Callable[..., Submission]:
    """Enters `constant`, and reports it with these figures."""

    def finish(person: User, value: float = 0.5, stderr: float | None = 0.01, **changes: object) -> Submission:
        submission = submit(person, web.wanted(**changes))
        taken = lease.claim("w", "cpu")
        assert taken is not None
        assert taken.submission_id == submission.pk
        domains = ("shifts", "id")
        scores = [{"metric": "accuracy", "domain": d, "value": value, "stderr": stderr, "n": 20} for d in domains]
        store_report(report_of(taken, scores=scores))
        assert submission.runs.get().state is Status.SUCCEEDED
        return submission

    return finish


def operate(*arguments: object) -> str:
    """What `manage.py operate` says."""
    out = StringIO()
    call_command("operate", *(str(one) for one in arguments), stdout=out)
    return out.getvalue()


def only_run(submission: Submission) -> Run:
    return submission.runs.get()
