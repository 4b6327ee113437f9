"""Records of sweeps: downloaded as DomainBed would have written them, and taken from people after they are all read."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.insite import answer_of_the_site
from tests.unit.web.conftest import api_error, report_of, sent
from tests.unit.web.sweeps import (
    ALL,
    BOARD,
    DATASET,
    FINGERPRINT,
    asked,
    cell_of,
    claimed,
    finish,
    lines_of,
    of_records,
    offer_sweeps,
    records_of,
    run_files,
    zip_of,
)

from farfield import TrackClaims
from farfield.cli import main
from farfield.client import Packet, Site, SiteRefused
from farfield_evaluators.catalog import find
from farfield_evaluators.suites.domainbed import datasets, packing, sweep
from farfield_evaluators.suites.domainbed.folder import read_sweep
from farfield_evaluators.suites.domainbed.lines import records_in
from farfield_evaluators.suites.domainbed.plan import DomainBed
from farfield_evaluators.suites.domainbed.problems import RecordsError
from farfield_evaluators.suites.domainbed.selection import EVERY_RULE, RULES
from farfield_evaluators.suites.domainbed.tables import report
from farfield_evaluators.wire import Claim
from farfield_web import published
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.errors import SubmissionError, UploadError
from farfield_web.leaderboards.queries import Board, board
from farfield_web.runs import lease
from farfield_web.runs.digests import chosen_of
from farfield_web.runs.figures import figures_of
from farfield_web.runs.models import Run, RunEvidence
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions import storage
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission, Upload
from farfield_web.submissions.uploads import receive

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BENCHMARK = find(BOARD)
Files = dict[str, str]
# Of a mean of accuracies in per cent, when each of them and the mean itself leave the site with four digits.
ROUNDED = 0.01


@pytest.fixture(autouse=True)
def _offered(db: None) -> None:
    offer_sweeps()


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def same_as_tables(submission: Submission, folder: Path, *, within: float = 1e-12, partial: bool = False) -> None:
    """The figures by which a submission is ranked are those of the tables of a folder, in per cent."""
    figures = figures_of(submission)
    records = read_sweep(folder, partial=partial).records
    rules = EVERY_RULE if "variation" in records[0].values else RULES
    tables = [table for table in report(records, rules) if table.dataset]
    for table in tables:
        cells, average = table.rows[0].cells, table.rows[0].average
        for environment, cell in zip(table.columns, cells, strict=True):
            figure = figures.get((f"accuracy-{table.rule}", environment))
            assert (figure is None) == (cell.mean is None)
            if figure is not None and cell.mean is not None:
                assert 100 * figure.value == pytest.approx(cell.mean, rel=0, abs=within)
                assert figure.trials == cell.trials
                if cell.trials > 1:
                    assert 100 * (figure.stderr or 0.0) == pytest.approx(cell.stderr, rel=0, abs=10 * within)
        whole = figures.get((f"accuracy-{table.rule}", "shifts"))
        assert (whole is None) == (average is None)
        if whole is not None and average is not None:
            assert 100 * whole.value == pytest.approx(average, rel=0, abs=within)


def shown_as_ranked(found: Board) -> None:
    """The only row of a board shows the figures by which it is ranked, as they may leave the site."""
    (row,) = found.rows
    ranked_by = figures_of(row.entry.submission)
    assert row.entry.figures == {key: published.rounded(figure) for key, figure in ranked_by.items()}


def stored(submission: Submission, folder: Path) -> Path:
    """The records as the site keeps them, in folders."""
    for kept in RunEvidence.objects.filter(run__submission=submission):
        for name, text in packing.run_files(records_in(kept.lines)[0]):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return folder


def downloaded(call: Any, submission: Submission, folder: Path) -> Path:
    answer = call("get", f"submissions/{submission.pk}/records")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return unpacked(b"".join(answer.streaming_content), folder)


def test_the_download_gives_the_figures_of_the_board(person: User, call: Any, tmp_path: Path) -> None:
    submission = submit(person, asked("defaults"))
    for _ in range(9):
        finish(claimed(), "defaults")
    folder = downloaded(call, submission, tmp_path / "records")
    same_as_tables(submission, stored(submission, tmp_path / "stored"))
    same_as_tables(submission, folder, within=ROUNDED)
    shown_as_ranked(board(BENCHMARK))
    assert main(["score", "domainbed", "--records", str(folder)]) == 0


def test_a_half_finished_sweep_can_be_downloaded(person: User, call: Any, tmp_path: Path) -> None:
    submission = submit(person, asked("defaults"))
    assert not downloaded(call, submission, tmp_path / "none").exists()
    for _ in range(4):
        finish(claimed(), "defaults")
    folder = downloaded(call, submission, tmp_path / "some")
    same_as_tables(submission, stored(submission, tmp_path / "stored"), partial=True)
    same_as_tables(submission, folder, within=ROUNDED, partial=True)
    shown_as_ranked(board(BENCHMARK))


def test_leak_through_the_figures_of_downloaded_records(person: User, call: Any, tmp_path: Path) -> None:
    submission = submit(person, asked("smoke"))
    while run := lease.claim("worker-1", "cpu", ALL):
        finish(run, "smoke")
    folder = downloaded(call, submission, tmp_path / "records")
    for record in read_sweep(folder).records:
        computed = [*record.in_acc, *record.out_acc, record.values["variation"], record.values["informativeness"]]
        assert computed == [published.figure(value) for value in computed]
    inside = read_sweep(stored(submission, tmp_path / "stored")).records
    assert any(value != published.figure(value) for record in inside for value in record.in_acc)


def test_what_is_no_sweep_has_no_records(announced: None, person: User, entered: Submission, call: Any) -> None:
    assert call("get", f"submissions/{entered.pk}/records").status_code == 404


def uploaded(person: User, files: Mapping[str, str | bytes], name: str = "records.zip") -> Upload:
    return receive(person, SimpleUploadedFile(name, zip_of(files)))


def scored(run: Run, files: Files, tier: str) -> None:
    """A worker's report about uploaded records: all lines in one text."""
    lines = "".join(text for name, text in files.items() if name.endswith("results.jsonl"))
    key = BENCHMARK.comparability_key(FINGERPRINT, tier)
    store_report(report_of(run, scores=[], lines=lines, comparability_key=key))


def test_records_of_domainbed_s_own_sweep_are_published(person: User, call: Any, tmp_path: Path) -> None:
    files = run_files("full")
    upload = uploaded(person, files)
    assert upload.facts == {"dataset": "ColoredMNIST", "algorithm": "ERM", "runs": 360, "tiers": ["full"]}
    submission = submit(person, of_records(upload.sha256, tier="full"))
    run = claimed()
    assert (run.cell, submission.runs.count(), submission.kind) == ({}, 1, "predictions")
    scored(run, files, "full")
    found = board(BENCHMARK, tier="full")
    assert (found.rows[0].rank, found.rows[0].entry.labels) == (1, ("predictions, not run here",))
    folder = downloaded(call, submission, tmp_path / "back")
    assert {str(path.relative_to(folder)): path.read_text() for path in folder.glob("*/*")} == files
    same_as_tables(submission, folder)
    shown_as_ranked(found)
    assert {each.n for each in chosen_of(submission)} == {None}


def test_a_worker_cannot_slip_other_records_in(person: User) -> None:
    files = run_files("smoke")
    submit(person, of_records(uploaded(person, files).sha256))
    run = claimed()
    scored(run, dict(list(files.items())[:4]), "smoke")
    run.refresh_from_db()
    assert run.status == "queued"
    assert not RunEvidence.objects.exists()


def nothing_is_kept() -> bool:
    kept = any(storage.folder().iterdir())
    return not kept and not Upload.objects.exists() and not Submission.objects.exists()


def refused(person: User, content: bytes, name: str = "records.zip") -> tuple[str, str]:
    with pytest.raises(UploadError) as caught:
        receive(person, SimpleUploadedFile(name, content))
    assert nothing_is_kept()
    return caught.value.code, caught.value.message


def edited(*edits: tuple[str, str]) -> bytes:
    """A sweep in which the first line of each run in turn is edited by hand."""
    files = run_files("smoke")
    lines = [name for name in files if name.endswith("results.jsonl")]
    for name, (old, new) in zip(lines, edits, strict=False):
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)
    return zip_of(files)


def test_records_that_were_edited_by_hand_are_refused_with_every_problem(person: User) -> None:
    edits = [('"epoch": 0.5, ', ""), ('"env1_in_acc"', '"env7_in_acc"'), ('"hparams_seed": 0', '"hparams_seed": -1')]
    code, message = refused(person, edited(*edits))
    problems = message.split("\n")
    assert code == "records.invalid"
    assert [line.partition("/")[2].partition(":")[0] for line in problems] == ["results.jsonl"] * 3
    assert "epoch is missing" in message
    assert "env1_in_acc" in message
    assert "args.hparams_seed is -1" in message


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (('"step": 10', '"step": 11'), "records.wrong_length"),
        (('"step": 10', '"step": 0'), "records.invalid"),
        (("ColoredMNIST", "NoSuchSet"), "records.unknown_dataset"),
        (('"algorithm": "ERM"', '"algorithm": "IRM"'), "records.wrong_length"),
        (('"test_envs": [0]', '"test_envs": [0, 1, 2]'), "records.wrong_length"),
        (("{", "["), "records.not_json"),
        (('"trial_seed": 0', '"trial_seed": 2147483647'), "records.wrong_length"),
    ],
)
def test_each_edit_has_its_code(person: User, edit: tuple[str, str], code: str) -> None:
    assert refused(person, edited(edit))[0] == code


def without(files: Files, count: int) -> Files:
    return dict(list(files.items())[count:])


def test_what_is_not_one_whole_sweep_is_refused(person: User) -> None:
    whole = run_files("smoke")
    assert refused(person, zip_of(without(whole, 2)))[0] == "records.unfinished"
    assert refused(person, zip_of({**whole, **run_files("smoke", "IRM")}))[0] == "records.mixed"
    assert refused(person, zip_of({**whole, **run_files("smoke", root="copy/")}))[0] == "records.duplicate"
    assert refused(person, zip_of({"readme.txt": "no records"}))[0] == "records.empty"


@pytest.mark.parametrize(
    "files",
    [
        {"../results.jsonl": "{}"},
        {"/etc/results.jsonl": "{}"},
        {"a\\results.jsonl": "{}"},
        {"a/results.jsonl": b"\0" * (32 << 20)},
        {"a/model.pkl": b"\0" * (32 << 20)},
    ],
    ids=["up", "root", "windows", "bomb", "bomb-beside"],
)
def test_bombs_and_paths_are_refused(person: User, files: Mapping[str, str | bytes]) -> None:
    assert refused(person, zip_of(files))[0] == "records.not_a_zip"


def test_a_link_and_no_zip_are_refused(person: User) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a/results.jsonl")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    for content in (buffer.getvalue(), b"not a zip", zip_of(run_files("smoke"))[:-30]):
        assert refused(person, content)[0] == "records.not_a_zip"


def test_a_long_path_is_only_shortened(person: User) -> None:
    deep = "/".join(["a" * 100] * 5) + "/"
    assert uploaded(person, run_files("smoke", root=deep)).facts["runs"] == 3


def test_a_folder_around_the_runs_and_other_files_do_no_harm(person: User) -> None:
    files = run_files("smoke", root="sweep/")
    assert uploaded(person, {**files, "sweep/out.txt": "log", "readme": "hello"}).facts["tiers"] == ["smoke"]


def said(person: User, **changes: Any) -> tuple[str, str | None]:
    upload = uploaded(person, run_files("smoke"))
    with pytest.raises(SubmissionError) as caught:
        submit(person, of_records(upload.sha256, **changes))
    assert not Submission.objects.exists()
    return caught.value.code, caught.value.field


def test_records_go_to_their_own_benchmark_and_tier(person: User) -> None:
    assert said(person, tier="defaults") == ("records.wrong_tier", "tier")
    assert said(person, benchmark="domainbed/pacs") == ("records.wrong_benchmark", "upload")
    assert said(person, benchmark="imagenet-ood/mini", tier="") == ("predictions.not_a_file", "upload")
    assert said(person, kind="plugin") == ("plugin.not_a_package", "upload")


def test_arrays_are_no_records(person: User, tmp_path: Path) -> None:
    (tmp_path / "mine.npz").write_bytes(zip_of({"logits.npy": b"x"}))
    upload = sent(person, tmp_path / "mine.npz")
    with pytest.raises(SubmissionError) as caught:
        submit(person, of_records(upload.sha256))
    assert caught.value.code == "records.not_a_zip"


def test_over_the_api(person: User, call: Any, client: Any) -> None:
    token = create_token(person, "upload")[1]
    file = SimpleUploadedFile("records.zip", edited(('"epoch": 0.5, ', "")))
    answer = client.post("/api/v1/uploads", {"file": file}, headers={"Authorization": f"Bearer {token}"})
    assert api_error(answer) == (400, "records.missing_key")
    upload = uploaded(person, run_files("smoke"))
    body = {"kind": "predictions", "benchmark": BOARD, "tier": "smoke", "track": "open", "method": "my-erm"}
    body |= {"summary": "ERM.", "claims": {"backbone": "none"}, "upload": upload.sha256}  # type: ignore[dict-item]
    made = call("post", "submissions", body, person).json()
    assert (made["tier"], made["upload"]["kind"], made["sweep"]["runs"]["total"]) == ("smoke", "records", 1)
    assert made["runs"][0]["cell"] is None


@pytest.fixture
def site(person: User) -> Site:
    """The site itself, without a network."""
    token = create_token(person, "cli")[1]
    return Site("http://testserver", token, transport=httpx.MockTransport(answer_of_the_site))


def folder_of(tmp_path: Path, files: Mapping[str, str]) -> Path:
    return unpacked(zip_of(files), tmp_path / "sweep")


def handed(folder: Path, **changes: Any) -> Packet:
    values = {
        "records": folder, "benchmark": BOARD, "tier": "smoke", "method": "my-erm", "summary": "ERM elsewhere.",
        "track": "open", "claims": TrackClaims(backbone="none"),
    }  # fmt: skip
    return Packet(**{**values, **changes})


def test_the_command_publishes_and_is_safe_to_repeat(person: User, site: Site, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, run_files("smoke"))
    entry = site.submit(handed(folder))
    assert site.submit(handed(folder)).number == entry.number
    (submission,) = Submission.objects.all()
    assert entry.number == str(submission.pk)
    assert (submission.tier, submission.method_name, submission.owner) == ("smoke", "my-erm", person)


def test_the_command_sends_nothing_that_is_not_whole(site: Site, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, without(run_files("smoke"), 2))
    with pytest.raises(RecordsError, match="missing") as unfinished:
        site.submit(handed(folder))
    assert (unfinished.value.code, "--partial" in str(unfinished.value)) == ("records.unfinished", False)
    folder = folder_of(tmp_path / "whole", run_files("smoke"))
    wrong = {"records.wrong_tier": {"tier": "iid"}, "records.wrong_benchmark": {"benchmark": "domainbed/vlcs"}}
    for code, changes in wrong.items():
        with pytest.raises(RecordsError) as caught:
            site.submit(handed(folder, **changes))
        assert caught.value.code == code
    assert nothing_is_kept()


def test_the_command_says_what_the_site_says(site: Site, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, run_files("smoke"))
    with pytest.raises(SiteRefused) as caught:
        site.submit(handed(folder, track="no-such"))
    assert (caught.value.code, "it has: open" in str(caught.value)) == ("track.unknown", True)
    with pytest.raises(SiteRefused) as caught:
        Site(site.url, "wrong", transport=httpx.MockTransport(answer_of_the_site)).submit(handed(folder))
    assert caught.value.code == "token.invalid"


def test_the_command_wants_a_token(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says first what is wrong with the records, for which no token would help."""
    monkeypatch.delenv("FARFIELD_TOKEN", raising=False)
    folder = folder_of(tmp_path, run_files("smoke"))
    words = ["--records", str(folder), "--benchmark", BOARD, "--method", "m", "--summary", "s", "--track", "open"]
    assert main(["submit", *words, "--backbone", "none", "--tier", "smoke"]) == 1
    shown = capsys.readouterr().err
    assert ("token.missing" in shown, "FARFIELD_TOKEN" in shown) == (True, True)
    assert main(["submit", *words, "--backbone", "none", "--tier", "iid"]) == 1
    shown = capsys.readouterr().err
    assert ("records.wrong_tier" in shown, "FARFIELD_TOKEN" in shown) == (True, False)


def test_tiers_and_data_sets_of_the_helper_are_those_of_the_site() -> None:
    assert {tier.name for tier in BENCHMARK.plan.tiers} == {tier.name for tier in sweep.TIERS}
    assert DATASET is datasets.find("ColoredMNIST")
    run = Run(cell={"test_envs": [1], "hparams_seed": 0, "trial_seed": 0})
    assert lines_of(records_of(cell_of(run), "smoke")).count("\n") == 3


def claim_over_http(as_worker: Any) -> Claim:
    body = {"worker": "worker-1", "resource": "cpu", "accepts": [*Kind], "methods": ["erm"]}
    order = as_worker("claim", body).json()
    return Claim.from_json(order)


def test_a_worker_reads_the_upload_as_the_site_wants_it(person: User, as_worker: Any) -> None:
    upload = uploaded(person, run_files("defaults", root="mine/"))
    submit(person, of_records(upload.sha256, tier="defaults"))
    claim = claim_over_http(as_worker)
    form = BENCHMARK.plan.handed_in
    assert form is not None
    evidence = form.read(storage.path_of(upload), BENCHMARK, None, claim.tier)  # type: ignore[arg-type]
    run = Run.objects.get(pk=claim.id)
    key = BENCHMARK.comparability_key(FINGERPRINT, "defaults")
    store_report(report_of(run, scores=[], lines=evidence.lines, comparability_key=key))
    assert board(BENCHMARK).rows[0].rank == 1


def test_a_worker_trains_the_cell_that_the_site_means(person: User, as_worker: Any) -> None:
    submission = submit(person, asked("full"))
    claims = [claim_over_http(as_worker) for _ in range(3)]
    plan = BENCHMARK.plan
    assert isinstance(plan, DomainBed)
    cells = [plan.cell_at(claim.cell or {}, "erm") for claim in claims]
    assert cells == [cell_of(run) for run in submission.runs.all()[:3]]
    assert [cell.seed for cell in cells] == [claim.seed for claim in claims]


def test_the_command_reads_the_token_from_a_file_and_says_when_no_site_answers(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "token").write_text("secret\n")
    folder = folder_of(tmp_path, run_files("smoke"))
    words = ["--records", str(folder), "--benchmark", BOARD, "--tier", "smoke", "--method", "m", "--summary", "s"]
    words += ["--track", "open", "--backbone", "none", "--token-file", str(tmp_path / "token")]
    assert main(["submit", *words, "--site", "http://127.0.0.1:9"]) == 1
    shown = capsys.readouterr().err
    assert "site.unreachable" in shown
    assert "secret" not in shown
    assert main(["submit", *words, "--token-file", str(tmp_path / "none")]) == 1
    assert "cannot be read" in capsys.readouterr().err
