import json, pathlib, time
import pytest
from django.conf import settings as s
from tests.acceptance.filled import filled, safe_settings, served, session_of
from tests.acceptance.visits import visitors, visits
from farfield_web.accounts.models import User
__all__ = ["filled", "safe_settings", "served"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
@pytest.mark.timeout(6000)
def test_live(filled, settings):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 36000
    people = visitors(filled)
    out = {"url": filled.url, "cookie": s.SESSION_COOKIE_NAME, "ada": filled.session,
      "people": {k: (c.cookies.get(s.SESSION_COOKIE_NAME).value if c.cookies.get(s.SESSION_COOKIE_NAME) else "") for k, c in people.items()},
      "visits": list(visits(filled, people)), "subs": {k: str(v.pk) for k, v in filled.site.submissions.items()}, "sweep": str(filled.sweep.pk), "pages": filled.pages}
    pathlib.Path("/tmp/site-bench/live.json").write_text(json.dumps(out, default=str))
    while not pathlib.Path("/tmp/site-bench/stop-live").exists(): time.sleep(1)
