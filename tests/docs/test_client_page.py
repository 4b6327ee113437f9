"""The page on the client: its Python runs against the site, in the order in which it stands there."""

from pathlib import Path

import pytest
from tests.docs.test_documents import blocks
from tests.insite import every_client_asks_the_site
from tests.unit.web.conftest import announced, asked_to_compare, everything, person, safe_settings, var, wakes  # noqa: F401

from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_its_python_enters_and_reads(
    everything: None,  # noqa: F811
    person: User,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("FARFIELD_TOKEN", create_token(person, "notebook")[1])
    every_client_asks_the_site(monkeypatch)
    texts = [block.text for block in blocks("python") if block.document == "docs/client.md"]
    assert len(texts) == 2
    for text in texts:
        names: dict[str, object] = {"__name__": "documented"}
        exec(compile(text, "docs/client.md", "exec"), names)
    (entry,) = Submission.objects.all()
    assert [each["id"] for each in names["everything"]] == [str(entry.pk)]  # type: ignore[attr-defined]
