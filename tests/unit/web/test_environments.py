"""The base environment that packages run on, as workers say it and the site publishes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.web.conftest import BOARD, board_data, described, sent
from tests.wheelhouse import wheel_members, write_wheel

from farfield.packaging.resolution.base import Base
from farfield_web.accounts.models import User
from farfield_web.errors import UploadError
from farfield_web.runs.announce import announce
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Worker

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BASE = Base.of({"numpy": "2.1.0+local", "farfield": "0.1.0"}, fetches=False)


def announced(worker: str, base: Any, accepts: tuple[str, ...] = tuple(Kind)) -> None:
    announce(worker, [described()], {BOARD: board_data()}, accepts=accepts, base=base)


def published(client: Client) -> list[dict[str, Any]]:
    response = client.get("/api/v1/environments")
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.json()["environments"]
    return found


def test_two_doors_the_site_publishes_what_packages_find(client: Client) -> None:
    announced("one", BASE.published())
    announced("two", BASE.published())
    announced("three", Base.of({"numpy": "1.26.0"}).published(), accepts=("configuration",))
    (base,) = published(client)
    assert base == {**BASE.published(), "workers": 2}
    assert Base.read(base) == BASE
    page = client.get("/environments/").content.decode()
    assert "2.1.0+local" in page
    assert "is not fetched here" in page
    assert "On 2 workers" in page


def test_workers_that_are_gone_or_run_no_packages_publish_nothing(client: Client) -> None:
    announced("old", None)
    announced("gone", BASE.published())
    Worker.objects.filter(name="gone").update(seen_at=timezone.now() - timedelta(days=2))
    assert published(client) == []
    assert "No worker of this site takes packages" in client.get("/environments/").content.decode()


def test_a_worker_announces_it_over_http(as_worker: Any, client: Client) -> None:
    body = {"worker": "w", "methods": [], "benchmarks": {}, "accepts": ["plugin"], "base": BASE.published()}
    assert as_worker("announce", body).status_code == 200
    assert [base["distributions"] for base in published(client)] == [BASE.published()["distributions"]]


@pytest.mark.parametrize("base", [{"format": 99}, {}, {**BASE.published(), "distributions": {"x": 3}}])
def test_a_base_that_is_not_understood_is_not_published(client: Client, base: Any) -> None:
    announced("newer", base)
    assert published(client) == []
    assert Worker.objects.get(name="newer").accepts


def test_two_doors_a_wheel_is_for_the_workers_python_not_for_the_webs(person: User, tmp_path: Any) -> None:
    """Requires-Python is held against what the package will run on, as `farfield check --site` holds it."""
    markers = {**BASE.markers, "python_full_version": "3.99.1", "python_version": "3.99"}
    announced("future", Base.of({"numpy": "9.0"}, markers).published())
    new = write_wheel(tmp_path / "new", wheel_members(more="Requires-Python: >=3.99\n"))
    old = write_wheel(tmp_path / "old", wheel_members(more="Requires-Python: <3.99\n"))
    assert sent(person, new).kind == "wheel"
    with pytest.raises(UploadError) as caught:
        sent(person, old)
    assert caught.value.code == "plugin.wrong_python"
    assert "3.99.1" in caught.value.message
