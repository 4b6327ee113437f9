"""What runs said of each example: sent in pieces by the worker's own client, kept by content, never shown, pruned."""

import hashlib
import os
import time
import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from tests.unit.web.conftest import KEY, report_of

from farfield_evaluators.outcomes import OutcomesError, Written
from farfield_evaluators.wire import Claim
from farfield_web.runs import example_outcomes, lease, verbs
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.tasks import prune, store_report
from farfield_web.submissions.rulings import invalidate, restore
from farfield_workers import client as worker_client
from farfield_workers.client import LeaseEnded, SiteClient, SiteUnreachable
from farfield_workers.settings import WorkerSettings

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PIECE = 1000
CONTENT = os.urandom(4 * PIECE + 321)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_client, "PIECE_BYTES", PIECE)


@pytest.fixture
def leased(run: Run) -> Run:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    return taken


@pytest.fixture
def asked() -> list[httpx.Request]:
    return []


@pytest.fixture
def site(client: Client, tmp_path: Path, asked: list[httpx.Request]) -> SiteClient:
    """The worker's client, whose requests go to this site without a network."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        headers = {name: request.headers[name] for name in ("Authorization", "Farfield-Run-Token")}
        path = request.url.raw_path.decode()
        kind = request.headers["Content-Type"]
        response = client.generic(request.method, path, request.content, kind, headers=headers)
        return httpx.Response(response.status_code, content=response.content)

    return SiteClient(settings_of(tmp_path, "worker-token"), httpx.MockTransport(answer))


def settings_of(var: Path, token: str) -> WorkerSettings:
    where = {"broker_url": "", "site_url": "http://site"}
    return WorkerSettings(name="w", token=token, var=var, heartbeat_seconds=1, gpu=None, **where)


def claim_of(run: Run, **changes: Any) -> Claim:
    values: dict[str, Any] = {"id": str(run.pk), "attempt": run.attempt, "token": run.token, "lease_seconds": 60.0}
    values |= {"benchmark": "b", "benchmark_version": "1", "method": {}, "config": {}, "cell": {}, "seed": 0}
    return Claim(**(values | changes))


def written(content: bytes = CONTENT, **changes: Any) -> Written:
    values = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "rows": 12}
    return Written(**(values | changes))


def send(site: SiteClient, run: Run, tmp_path: Path, content: bytes = CONTENT, **changes: Any) -> Path:
    path = tmp_path / "sent"
    path.write_bytes(content)
    site.send_outcomes(claim_of(run), path, written(content, **changes))
    return example_outcomes.folder() / written(content).sha256


def names() -> set[str]:
    return {path.name for path in example_outcomes.folder().iterdir()} - {example_outcomes.LOCK}


def age(path: Path) -> None:
    os.utime(path, (time.time() - 7 * 3600,) * 2)


def test_a_file_arrives_in_pieces_and_is_called_by_its_content(
    site: SiteClient, leased: Run, tmp_path: Path, asked: list[httpx.Request]
) -> None:
    path = send(site, leased, tmp_path)
    assert path.read_bytes() == CONTENT
    assert names() == {path.name}
    assert [len(request.content) for request in asked] == [PIECE] * 4 + [321]
    record = RunOutcomes.objects.get()
    assert (record.run, record.attempt, record.sha256) == (leased, 1, path.name)
    assert (record.size, record.rows) == (len(CONTENT), 12)
    assert example_outcomes.path_of(leased) == path
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_sent_again_it_costs_one_piece(
    site: SiteClient, leased: Run, tmp_path: Path, asked: list[httpx.Request]
) -> None:
    send(site, leased, tmp_path)
    asked.clear()
    send(site, leased, tmp_path)
    assert len(asked) == 1
    assert RunOutcomes.objects.count() == 1


def test_what_arrived_before_is_gone_on_from(
    site: SiteClient, leased: Run, tmp_path: Path, asked: list[httpx.Request]
) -> None:
    first = example_outcomes.Piece(
        sha256=written().sha256, size=len(CONTENT), rows=12, offset=0, content=CONTENT[: 2 * PIECE]
    )
    assert example_outcomes.receive(leased, first) == 2 * PIECE
    assert example_outcomes.receive(leased, first) == 2 * PIECE  # a piece that comes twice is not taken twice
    assert send(site, leased, tmp_path).read_bytes() == CONTENT
    assert len(asked) == 4  # one that says where to go on, and the rest


def test_another_content_than_was_announced_starts_again(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    wrong = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(OutcomesError, match="not what was announced"):
        send(site, leased, tmp_path, sha256=wrong)
    assert names() == set()
    assert not RunOutcomes.objects.exists()


def test_more_than_is_kept_is_refused_before_it_is_sent(
    site: SiteClient, leased: Run, tmp_path: Path, settings: Any
) -> None:
    settings.MAX_OUTCOMES_BYTES = PIECE
    with pytest.raises(OutcomesError, match="at most 0 MB are kept of a run"):
        send(site, leased, tmp_path)
    settings.MAX_OUTCOMES_BYTES = 0
    with pytest.raises(OutcomesError, match="this site keeps none"):
        send(site, leased, tmp_path)
    assert names() == set()


def test_a_full_disk_is_said(site: SiteClient, leased: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(example_outcomes, "_appended", full)
    with pytest.raises(OutcomesError, match="cannot keep the outcomes now: No space left on device"):
        send(site, leased, tmp_path)


def test_only_who_holds_the_run_sends(site: SiteClient, leased: Run, tmp_path: Path, client: Client) -> None:
    (tmp_path / "sent").write_bytes(CONTENT)
    for claim in (claim_of(leased, token="x" * 32), claim_of(leased, id=str(uuid.uuid4()))):
        with pytest.raises(LeaseEnded):
            site.send_outcomes(claim, tmp_path / "sent", written())
    verbs.cancel(leased.submission, leased.submission.owner)
    with pytest.raises(LeaseEnded, match="cancelled"):
        send(site, leased, tmp_path)
    assert client.put(f"/api/worker/v1/runs/{leased.pk}/outcomes").status_code == 401
    assert names() == set()


@pytest.mark.parametrize(
    "query",
    ["", "sha256=x&size=1&rows=1&offset=0", f"sha256={'a' * 64}&size=-1&rows=1&offset=0", "size=1&rows=1&offset=0"],
)
def test_a_piece_of_another_form_is_refused(client: Client, leased: Run, query: str) -> None:
    headers = {"Authorization": "Bearer worker-token", "Farfield-Run-Token": leased.token}
    path = f"/api/worker/v1/runs/{leased.pk}/outcomes?{query}"
    response = client.put(path, b"x", "application/octet-stream", headers=headers)
    assert response.status_code == 400


@pytest.mark.parametrize(("offset", "content"), [(0, b""), (5, b"xx")])
def test_a_piece_beyond_the_end_is_refused(client: Client, leased: Run, offset: int, content: bytes) -> None:
    headers = {"Authorization": "Bearer worker-token", "Farfield-Run-Token": leased.token}
    path = f"/api/worker/v1/runs/{leased.pk}/outcomes?sha256={'a' * 64}&size=6&rows=1&offset={offset}"
    response = client.put(path, content, "application/octet-stream", headers=headers)
    assert response.json()["error"]["code"] == "outcomes.invalid"


def test_a_site_that_is_away_is_said_so(leased: Run, tmp_path: Path) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    settings = settings_of(tmp_path, "t")
    with pytest.raises(SiteUnreachable):
        send(SiteClient(settings, httpx.MockTransport(fail)), leased, tmp_path)


def test_no_address_gives_them_out(site: SiteClient, leased: Run, tmp_path: Path, client: Client) -> None:
    """They tell labels: the one address takes them, from workers, and answers with a number."""
    path = send(site, leased, tmp_path)

    def patterns(resolver: URLResolver, before: str = "") -> list[str]:
        found = []
        for pattern in resolver.url_patterns:
            whole = before + str(pattern.pattern)
            found += patterns(pattern, whole) if isinstance(pattern, URLResolver) else [whole]
        return found

    assert [p for p in patterns(get_resolver()) if "outcome" in p] == ["api/worker/v1/runs/<uuid:number>/outcomes"]
    headers = {"Authorization": "Bearer worker-token", "Farfield-Run-Token": leased.token}
    assert client.get(f"/api/worker/v1/runs/{leased.pk}/outcomes", headers=headers).status_code == 405
    assert isinstance(get_resolver().url_patterns[0], URLPattern | URLResolver)
    assert path.name not in client.get(f"/runs/{leased.pk}/").content.decode()
    assert path.name not in client.get(f"/api/v1/runs/{leased.pk}").content.decode()


def succeed(run: Run) -> None:
    scores = [{"metric": "accuracy", "domain": d, "value": 0.5, "stderr": 0.1, "n": 9} for d in ("id", "shifts")]
    store_report(report_of(run, scores=scores, comparability_key=KEY))


def later(days: float = 91) -> Any:
    return timezone.now() + timedelta(days=days)


def test_what_a_board_stands_on_is_kept_for_ever(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    path = send(site, leased, tmp_path)
    succeed(leased)
    age(path)
    assert example_outcomes.prune(later(10_000)) == example_outcomes.Pruned(records=0, files=0, size=0)
    assert path.exists()


def test_what_is_taken_off_goes_after_its_time(site: SiteClient, leased: Run, tmp_path: Path, settings: Any) -> None:
    path = send(site, leased, tmp_path)
    succeed(leased)
    invalidate(leased.submission, "a leak", "operator")
    age(path)
    assert example_outcomes.prune(later(89)).records == 0
    assert example_outcomes.prune(later(), dry_run=True) == example_outcomes.Pruned(
        records=1, files=1, size=len(CONTENT)
    )
    assert path.exists()
    settings.OUTCOMES_TIME = None
    assert example_outcomes.prune(later(10_000)).records == 0
    settings.OUTCOMES_TIME = timedelta(days=90)
    restore(leased.submission, "no leak", "operator")
    assert example_outcomes.prune(later()).records == 0
    invalidate(leased.submission, "a leak", "operator")
    assert example_outcomes.prune(later()).records == 1
    assert names() == set()
    assert example_outcomes.prune(later()) == example_outcomes.Pruned(records=0, files=0, size=0)


def test_the_outcomes_of_a_failed_attempt_go(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    path = send(site, leased, tmp_path)
    verbs.cancel(leased.submission, leased.submission.owner)
    age(path)
    assert example_outcomes.prune(later()).files == 1


def test_a_run_that_is_under_way_loses_nothing(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    path = send(site, leased, tmp_path)
    age(path)
    assert example_outcomes.prune(later()).records == 0
    assert path.exists()


def test_files_that_nothing_names_go_when_no_worker_can_be_about_to_name_them(
    site: SiteClient, leased: Run, tmp_path: Path
) -> None:
    path = send(site, leased, tmp_path)
    piece = example_outcomes.folder() / f"{example_outcomes.INCOMING}some"
    piece.write_bytes(b"x")
    RunOutcomes.objects.all().delete()
    prune()
    assert names() == {path.name, piece.name}  # young
    age(path), age(piece)
    send(site, leased, tmp_path)  # the same content is named again, and is young again
    prune()
    assert names() == {path.name}


def test_two_runs_with_one_content_share_a_file(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    path = send(site, leased, tmp_path)
    RunOutcomes.objects.create(
        run=leased, attempt=7, sha256=path.name, size=1, rows=1, kept_at=timezone.now() - timedelta(days=1000)
    )
    succeed(leased)
    age(path)
    assert example_outcomes.prune(timezone.now()) == example_outcomes.Pruned(records=1, files=0, size=0)
    assert path.exists()


def test_the_command_says_where_a_file_lies_and_prunes(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No outcomes are kept of run"):
        call_command("outcomes", "path", str(leased.pk))
    with pytest.raises(CommandError, match="There is no run"):
        call_command("outcomes", "path", str(uuid.uuid4()))
    path = send(site, leased, tmp_path)

    def said(*words: str) -> str:
        out = StringIO()
        call_command("outcomes", *words, stdout=out)
        return out.getvalue().strip()

    assert said("path", str(leased.pk)) == str(path)
    RunOutcomes.objects.all().delete()
    age(path)
    assert said("prune", "--dry-run") == "would be removed: the outcomes of 0 attempts; 1 files of 0.0 MiB"
    assert said("prune") == "removed: the outcomes of 0 attempts; 1 files of 0.0 MiB"
    assert not path.exists()


def test_a_deleted_run_leaves_no_record(site: SiteClient, leased: Run, tmp_path: Path) -> None:
    path = send(site, leased, tmp_path)
    leased.delete()
    age(path)
    prune()
    assert names() == set()
