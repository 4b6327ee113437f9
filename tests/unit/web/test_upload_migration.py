"""Uploads of before content and name were two things keep who may submit them, and as what."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
BEFORE = [("accounts", "0001_initial"), ("submissions", "0004_tiers")]


def migrate(targets: list[tuple[str, str]]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


@pytest.fixture
def before() -> Iterator[Any]:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        yield migrate(BEFORE)
    finally:
        migrate(newest)


def entered(apps: Any, person: Any, upload: Any, kind: str) -> Any:
    values = {"benchmark": "b", "benchmark_version": "1", "track": "open", "kind": kind}
    model = apps.get_model("submissions", "Submission")
    return model.objects.create(owner=person, upload=upload, created_at=timezone.now(), **values)


def test_each_holder_gets_an_upload_of_their_own(before: Any) -> None:
    people = before.get_model("accounts", "User").objects
    ada, grace = people.create(username="ada"), people.create(username="grace")
    values = {"sha256": "a" * 64, "kind": "wheel", "filename": "a.whl", "size": 7, "facts": {"version": "1"}}
    upload = before.get_model("submissions", "Upload").objects.create(owner=ada, **values)
    upload.holders.add(ada, grace)
    hers = entered(before, grace, upload, "plugin")
    configured = entered(before, grace, upload, "configuration")
    owned = entered(before, ada, upload, "plugin")
    after = migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
    model = after.get_model("submissions", "Upload")
    content = after.get_model("submissions", "Content").objects.get()
    assert (content.sha256, content.size, content.owner_id) == ("a" * 64, 7, ada.pk)
    assert content.created_at == upload.created_at
    found = model.objects.order_by("pk").values_list("owner_id", "content_id", "kind", "filename", "facts")
    assert list(found) == [(who, content.pk, "wheel", "a.whl", {"version": "1"}) for who in (ada.pk, grace.pk)]
    submissions = after.get_model("submissions", "Submission").objects
    assert submissions.get(pk=owned.pk).upload.owner_id == ada.pk
    assert submissions.get(pk=hers.pk).upload.owner_id == grace.pk
    assert submissions.get(pk=configured.pk).upload.owner_id == ada.pk  # it is her package that was configured
