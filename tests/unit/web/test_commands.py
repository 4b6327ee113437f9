"""The commands that talk to a site, against the site: each deed once, and what is said of what it refuses."""

import json
from pathlib import Path

import httpx
import pytest
from tests.insite import every_client_asks_the_site
from tests.unit.web.conftest import BOARD, KEY, report_of
from tests.unit.web.sweeps import ALL

from farfield.cli import main
from farfield.client import Site, credentials
from farfield.client.exporting import FORMS
from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.tokens import create_token
from farfield_web.runs import lease
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission
from farfield_web.urls import urlpatterns

PASSWORD = "correct horse battery staple"
URL = "http://testserver"
NAMED = ["--site", URL]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, and no network."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("FARFIELD_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
    every_client_asks_the_site(monkeypatch)
    return tmp_path


@pytest.fixture
def signed_in(person: User, monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setenv("FARFIELD_TOKEN", create_token(person, "cli")[1])
    return person


def run(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main([*words, *NAMED]) == status
    shown = capsys.readouterr()
    return shown.out if status in (0, 3, 4) else shown.err


def test_a_login_keeps_a_token_of_few_scopes_and_no_password(
    person: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], at_home: Path
) -> None:
    person.set_password(PASSWORD)
    person.save()
    monkeypatch.setattr("farfield.client.commands.account.getpass.getpass", lambda prompt: PASSWORD)
    run(capsys, "login", "--name", person.username)
    kept = (at_home / "config" / "farfield" / "tokens.json").read_text()
    assert PASSWORD not in kept
    assert list(json.loads(kept)) == [URL]
    assert ApiToken.objects.get().scopes == ["read", "submit"]
    assert json.loads(run(capsys, "whoami", "--json"))["username"] == person.username
    assert json.loads(run(capsys, "logout", "--json"))["revoked"] is True
    assert ApiToken.objects.get().revoked_at is not None
    assert "token.missing" in run(capsys, "whoami", status=1)
    assert "there was no token" in run(capsys, "logout")


def test_a_token_that_could_not_be_revoked_is_forgotten_and_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials.keep(URL, "ff_one")

    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    monkeypatch.setattr("tests.insite.answer_of_the_site", lost)
    assert main(["logout", *NAMED]) == 1
    told = capsys.readouterr().out
    assert "not revoked" in told
    assert f"revoke it at {URL}/account/" in told
    assert credentials.token_for(URL) == ""


def test_a_token_of_any_scope_revokes_itself_and_no_other(person: User) -> None:
    other = create_token(person, "other")[0]
    mine, text = create_token(person, "mine", ["submit"])
    Site(URL, text).revoke()
    Site(URL, text).revoke()
    assert list(ApiToken.objects.filter(revoked_at=None)) == [other]
    assert mine.pk != other.pk


def test_a_wrong_password_is_told_as_the_site_tells_it(
    person: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], at_home: Path
) -> None:
    monkeypatch.setattr("farfield.client.commands.account.getpass.getpass", lambda prompt: "wrong")
    assert "auth.wrong_password" in run(capsys, "login", "--name", person.username, status=1)
    assert not (at_home / "config" / "farfield").exists()


def test_a_second_factor_leads_to_the_account_page(
    person: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    person.set_password(PASSWORD)
    person.save()
    monkeypatch.setattr("farfield.client.commands.account.getpass.getpass", lambda prompt: PASSWORD)
    monkeypatch.setattr("farfield_web.accounts.second_factor.has_second_factor", lambda user: True)
    told = run(capsys, "login", "--name", person.username, status=1)
    assert f"make a token at {URL}/account/, then: farfield login --site {URL} --token-stdin" in told


def finish() -> None:
    """A worker runs what waits."""
    claimed = lease.claim("worker-1", "cpu", ALL)
    assert claimed is not None
    store_report(report_of(claimed, comparability_key=KEY))


def test_how_an_entry_ended_is_in_the_status(
    everything: None, signed_in: User, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "submit", "--method", "constant", "--benchmark", BOARD, "--track", "open")
    number = str(Submission.objects.get().pk)
    Site(URL).cancel(number)
    assert "cancelled" in run(capsys, "watch", number, status=4)


def test_an_entry_goes_from_sending_to_its_figures(
    everything: None, signed_in: User, capsys: pytest.CaptureFixture[str], at_home: Path
) -> None:
    page = run(capsys, "submit", "--method", "constant", "--set", "bias=0.25", "--benchmark", BOARD, "--track", "open")
    entry = Submission.objects.get()
    assert page.strip().endswith(f"/submissions/{entry.pk}/")
    assert entry.config["bias"] == 0.25
    assert "queued" in run(capsys, "results")
    finish()
    assert "succeeded" in run(capsys, "watch", str(entry.pk))
    lines = run(capsys, "watch", str(entry.pk), "--json").splitlines()
    *events, last = [json.loads(line) for line in lines]
    assert last["entry"]["id"] == str(entry.pk)
    assert [each["event"]["target"] for each in events][-1] == "succeeded"
    (own,) = json.loads(run(capsys, "results", "--json"))
    (row,) = json.loads(run(capsys, "leaderboard", BOARD, "--json"))
    assert own["entry"] == row["submission"] == str(entry.pk)
    assert own["value"] == row[own["headline"]]
    run(capsys, "export", BOARD, "csv", "--output", "board.csv")
    assert str(entry.pk) in (at_home / "board.csv").read_text()


def test_settings_are_read_by_the_methods_own_types(
    everything: None, signed_in: User, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("submit", "--method", "constant", "--benchmark", BOARD, "--track", "open", "--set")
    assert "plugin.bad_config" in run(capsys, *words, "bias=much", status=1)
    assert not Submission.objects.exists()


def test_what_the_site_refuses_is_told_with_its_code_and_field(
    everything: None, signed_in: User, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, "submit", "--method", "constant", "--benchmark", BOARD, "--track", "nope", status=1)
    assert "track: " in told
    assert "[track.unknown]" in told


def test_a_benchmark_by_a_wrong_name_has_near_ones(announced: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean imagenet-ood/mini" in run(capsys, "leaderboard", "imagenet-ood/mni", status=1)


def test_every_file_of_a_board_is_a_form() -> None:
    """A file that the pages offer and `farfield export` does not know fails here."""
    offered = {
        str(pattern.pattern).replace("<benchmark:name>", "{}")
        for include in urlpatterns
        for pattern in getattr(include, "url_patterns", [include])
        if str(pattern.pattern).startswith("boards/<benchmark:name>/") and "." in str(pattern.pattern)
    }
    assert len(offered) >= 8
    assert offered <= {form.address for form in FORMS}


def test_all_benchmarks_are_there_whatever_the_size_of_a_page(announced: None) -> None:
    names = [each["name"] for each in Site(URL, "").benchmarks()]
    small = [each["name"] for each in Site(URL, "").pages("benchmarks", page_size=3)]
    assert names == small == sorted(set(names))
    assert BOARD in names
