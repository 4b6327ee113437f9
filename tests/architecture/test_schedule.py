"""In a session of several processes one of them gets all tests that use the whole site."""

from types import SimpleNamespace
from typing import Any

from tests.schedule import ROOT, SITE, STAY_TOGETHER, SiteScheduling, is_last_user, unnamed_users

USER, OTHER = "tests/integration/test_journey.py", "tests/integration/test_services_site.py"


def scope(nodeid: str) -> str:
    """What is handed to a process as a whole; for that, the scheduling knows nothing of its session."""
    return SiteScheduling._split_scope(SiteScheduling.__new__(SiteScheduling), nodeid)


def test_files_that_use_the_site_are_one_and_others_by_themselves() -> None:
    assert scope(f"{USER}::test_one[a::b]") == scope("tests/acceptance/test_sweep.py::test_two") == SITE
    assert scope(f"{OTHER}::test_one") == OTHER


def test_a_file_that_uses_the_site_and_does_not_import_its_type_is_named() -> None:
    def item(file: str, *fixtures: str) -> Any:
        return SimpleNamespace(path=ROOT / file, fixturenames=fixtures)

    assert unnamed_users([item(USER, "live"), item(OTHER, "live"), item(OTHER)]) == {OTHER}
    assert unnamed_users([item(OTHER, "tmp_path")]) == set()


def test_the_last_user_is_known_where_users_follow_one_another() -> None:
    def item(file: str, **told: bool) -> Any:
        return SimpleNamespace(path=ROOT / file, config=SimpleNamespace(workerinput=told))

    user, other = item(USER, **{STAY_TOGETHER: True}), item(OTHER, **{STAY_TOGETHER: True})
    assert is_last_user(user, other)
    assert is_last_user(user, None)
    assert not is_last_user(user, user)
    assert not is_last_user(other, user)
    assert not is_last_user(item(USER, **{STAY_TOGETHER: False}), other)
    assert not is_last_user(SimpleNamespace(path=ROOT / USER, config=SimpleNamespace()), other)
