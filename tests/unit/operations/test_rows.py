"""Django's admin: every address of it is for operators alone, and changes nothing for them either."""

import pytest
from django.test import Client
from django.urls import get_resolver
from tests.unit.operations.conftest import only_run
from tests.unit.pages.addresses import ADMIN, filled, patterns

from farfield_web.accounts.models import User
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def addresses(entered: Submission) -> list[str]:
    given = {"path": [str(only_run(entered).pk)], "int": ["1"], "str": ["run"]}
    found = [(route, each) for route, each in patterns(get_resolver()) if route.startswith(ADMIN)]
    return [filled(route, each, given)[0] for route, each in found if "(?P" not in route]


def test_nobody_else_sees_any_of_it(entered: Submission, person: User) -> None:
    author = Client()
    author.force_login(person)
    known = addresses(entered)
    assert len(known) > 100
    for address in known:
        for client in (Client(), author):
            assert client.get(address).status_code in (302, 404), address


def test_an_operator_reads_and_changes_nothing(entered: Submission, operator: User) -> None:
    staff = Client()
    staff.force_login(operator)
    changing = [one for one in addresses(entered) if one.endswith(("/add/", "/delete/", "/change/"))]
    for address in changing:
        assert staff.post(address, {"seed": 7, "post": "yes"}).status_code in (302, 403), address
    assert Submission.objects.get().runs.get().seed == only_run(entered).seed
    for path in ("", "runs/run/", f"runs/run/{only_run(entered).pk}/change/", "operations/auditline/"):
        assert staff.get(f"/{ADMIN}{path}").status_code == 200, path
    shown = staff.get(f"/{ADMIN}accounts/user/{operator.pk}/change/").content.decode()
    assert "md5$" not in shown
    assert 'name="_save"' not in shown
