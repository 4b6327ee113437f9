"""A form that would repeat an earlier submission names it, and sends it again only when that is ticked."""

import re
import uuid

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, Site

from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def post(client: Client, **more: str) -> tuple[int, str]:
    values = {"track": "scratch", "idempotency_key": uuid.uuid4().hex, **more}
    response = client.post(f"/submit/{BOARD}/with/constant/", values)
    return response.status_code, response.content.decode()


def test_a_repeat_is_named_before_it_runs(ada: Client, site: Site) -> None:
    assert post(ada)[0] == 302
    before = Submission.objects.count()
    earlier = Submission.objects.first()
    assert earlier is not None
    status, page = post(ada)
    assert (status, Submission.objects.count()) == (422, before)
    assert "You submitted the same before." in page
    assert f'href="/submissions/{earlier.pk}/"' in page
    assert re.search(r'<input type="checkbox" name="again" value="on">', page)
    assert post(ada, again="on")[0] == 302
    assert Submission.objects.count() == before + 1


def test_a_first_submission_is_not_asked(ada: Client, site: Site) -> None:
    assert 'name="again"' not in ada.get(f"/submit/{BOARD}/with/constant/").content.decode()
