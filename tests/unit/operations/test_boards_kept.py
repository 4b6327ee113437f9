"""Boards as they stood, and boards scored again without running anything."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from tests.unit.operations.conftest import operate
from tests.unit.web.conftest import BOARD

from farfield_evaluators.catalog import find
from farfield_evaluators.figure import Figure
from farfield_web.accounts.models import User
from farfield_web.leaderboards import rescoring
from farfield_web.operations.models import FrozenBoard
from farfield_web.runs.models import Score, SubmissionFigure
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
Finish = Callable[..., Submission]


def rescore(*arguments: str) -> str:
    out = StringIO()
    call_command("rescore", BOARD, *arguments, stdout=out)
    return out.getvalue()


def test_a_frozen_board_stays_as_it_was_with_corrections_beside_it(
    finished: Finish, person: User, call: Any, client: Client
) -> None:
    entry = finished(person, 0.5)
    assert "for good" in operate("freeze", BOARD, "--reason", "As in the paper.")
    kept = FrozenBoard.objects.get()
    assert kept.key.startswith(kept.name)
    before = call("get", f"leaderboards/{BOARD}/at/{kept.name}").json()
    operate("invalidate", entry.pk, "--reason", "Trained on the test images.")
    finished(person, 0.9, config={"bias": 0.7})
    after = call("get", f"leaderboards/{BOARD}/at/{kept.name}").json()
    assert after == before
    assert [row["rank"] for row in after["board"]["rows"]] == [1]
    page = client.get(f"/boards/{BOARD}/at/{kept.name}/").content.decode()
    since = "taken off since by the operator: Trained on the test images."
    for said in ("As in the paper.", since, "50.0", "To cite it"):
        assert said in page, said
    operate("note", entry.pk, "--reason", "Its author answered.")
    Submission.objects.filter(pk=entry.pk).update(anonymous_since=timezone.now())
    page = client.get(f"/boards/{BOARD}/at/{kept.name}/").content.decode()
    for said in (since, "Its author answered.", "anonymous"):
        assert said in page, said
    (row,) = call("get", f"leaderboards/{BOARD}/at/{kept.name}").json()["board"]["rows"]
    assert (row["owner"], row["rank"]) == ("anonymous", 1)
    assert person.username not in page
    operate("freeze", BOARD, "--reason", "Once more.")
    assert FrozenBoard.objects.first().name == f"{kept.name}-2"
    assert client.get(f"/boards/{BOARD}/at/none/").status_code == 404
    assert call("get", f"leaderboards/{BOARD}/at/none").status_code == 404


def test_rescoring_shows_what_drifts_and_freezes_the_board_first(finished: Finish, person: User) -> None:
    entry = finished(person, 0.5)
    SubmissionFigure.objects.filter(domain="id").update(value=0.4)  # as an earlier release made of it
    SubmissionFigure.objects.filter(domain="shifts").delete()
    said = rescore("--dry-run")
    assert f"{entry.pk} constant: accuracy on id: 0.4 -> 0.5" in said
    assert "accuracy on shifts: - -> 0.5" in said
    assert SubmissionFigure.objects.get().value == 0.4
    assert not FrozenBoard.objects.exists()
    assert "1 entries were scored again" in rescore("--reason", "The mean of shifts was missing.")
    assert sorted(SubmissionFigure.objects.values_list("value", flat=True)) == [0.5, 0.5]
    (old,) = (row["figures"] for row in FrozenBoard.objects.get().content["rows"])
    assert 0.4 in [figure["value"] for figure in old if figure]
    assert "nothing drifts" in rescore("--dry-run")


def test_a_new_metric_comes_from_outcomes_and_a_reported_figure_stays(
    finished: Finish, person: User, monkeypatch: Any
) -> None:
    finished(person, 0.5)
    benchmark = find(BOARD)
    new = next(domain.name for domain in benchmark.domains if domain.role == "shift")
    made = (
        Figure(metric="accuracy", domain=new, value=0.25, stderr=0.01, n=20),
        Figure(metric="accuracy", domain="id", value=0.9, stderr=0.01, n=20),
    )
    monkeypatch.setattr(rescoring, "_pack", lambda benchmark: object())
    monkeypatch.setattr(rescoring, "_from_outcomes", lambda benchmark, run, pack: made)
    (entry,) = rescoring.rescore(benchmark, "")
    assert [(change.domain, change.after) for change in entry.drift] == [(new, 0.25)]
    assert [(change.before, change.after) for change in entry.refused] == [(0.5, 0.9)]
    assert Score.objects.get(metric="accuracy", domain="id").value == 0.5
    assert any("the reported figure stays" in line for line in rescoring.table([entry]))
    (again,) = rescoring.rescore(benchmark, "")
    assert again.drift == ()


def test_what_cannot_be_scored_again_says_why(finished: Finish, person: User) -> None:
    entry = finished(person, 0.5)
    Submission.objects.update(benchmark_version="0.9")
    assert f"{entry.pk} constant: waits for a new run: evaluated on version 0.9" in rescore("--dry-run")
    Submission.objects.update(benchmark_version=find(BOARD).version)
    entry.runs.update(comparability_key="f" * 64)
    assert "waits for a new run: evaluated on other data" in rescore("--dry-run")
