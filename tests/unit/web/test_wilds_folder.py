"""A folder of WILDS predictions, the whole way: packed, sent, read by a worker against a pack, and on the board."""

import json
from pathlib import Path

import httpx
import pytest
from tests.insite import answer_of_the_site
from tests.suites.wilds.submissions import grown, seeded, written
from tests.unit.web.conftest import described, report_of
from tests.unit.web.sweeps import ALL

from farfield import TrackClaims
from farfield.client import Packet, Site
from farfield_evaluators.catalog import catalog, find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suites.wilds.command import score
from farfield_evaluators.suites.wilds.datasets import CAMELYON17
from farfield_evaluators.suites.wilds.submission import FolderError
from farfield_web import published
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease
from farfield_web.runs.announce import announce
from farfield_web.runs.figures import figures_of
from farfield_web.runs.tasks import store_report
from farfield_web.submissions import storage
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission, Upload

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BENCHMARK = find("wilds/camelyon17")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return grown("camelyon17", tmp_path / "root")


@pytest.fixture
def pack(root: Path, tmp_path: Path) -> Pack:
    importer = catalog().importers[BENCHMARK.pack]
    return importer.run(ImportRequest(path=root, packs=tmp_path / "packs", subset=True))


@pytest.fixture
def site(db: None, person: User, pack: Pack) -> Site:
    """The site itself, without a network, with a worker that has the pack."""
    data = {
        "version": BENCHMARK.version,
        "fingerprint": pack.fingerprint,
        "key": BENCHMARK.comparability_key(pack.fingerprint),
        "classes": [each.name for each in pack.classes],
        "counts": BENCHMARK.plan.counts(BENCHMARK, pack),
    }
    announce("worker-1", [described("erm")], {BENCHMARK.name: data}, accepts=list(Kind))
    transport = httpx.MockTransport(answer_of_the_site)
    return Site("http://testserver", create_token(person, "cli")[1], transport=transport)


def handed(folder: Path) -> Packet:
    return Packet(
        predictions=folder,
        benchmark=BENCHMARK.name,
        tier="",
        method="my-erm",
        summary="ERM elsewhere.",
        track="open",
        claims=TrackClaims(backbone="densenet121"),
    )


def test_a_folder_goes_the_whole_way_to_the_board(root: Path, pack: Pack, site: Site, tmp_path: Path) -> None:
    folder = written("camelyon17", root, tmp_path / "mine", seeded, "_epoch:best_pred")
    site.submit(handed(folder))
    upload, submission = Upload.objects.get(), Submission.objects.get()
    assert (upload.kind, upload.facts["dataset"]) == ("wilds-predictions", "camelyon17")
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    assert (run.cell, submission.runs.count()) == ({}, 1)
    form = BENCHMARK.handed_in
    assert form is not None
    evidence = form.read(storage.path_of(upload), BENCHMARK, pack, "")
    key = BENCHMARK.comparability_key(pack.fingerprint)
    store_report(report_of(run, scores=[], lines=evidence.lines, comparability_key=key))
    (row,) = board(BENCHMARK).rows
    assert (row.rank, "predictions, not run here" in row.entry.labels) == (1, True)
    assert row.entry.standing is not None
    assert row.entry.standing.sentence == "standard by the rules of WILDS, by its author's word"
    shown = row.entry.figures["accuracy", "test"].value
    assert shown == published.figure(figures_of(submission)["accuracy", "test"].value)
    score(CAMELYON17, root, folder, tmp_path, "text")
    official = json.loads((tmp_path / "camelyon17_results.json").read_text())
    figure = figures_of(submission)["accuracy", "test"]
    assert figure.trials == len(CAMELYON17.replicates)
    assert figure.value == pytest.approx(official["test"]["acc_avg"], abs=1e-12)
    assert figure.stderr == pytest.approx(official["test"]["acc_avg_std"] / 10**0.5, abs=1e-12)


def test_nothing_of_a_folder_with_a_fault_is_published(root: Path, site: Site, tmp_path: Path) -> None:
    folder = written("camelyon17", root, tmp_path / "mine")
    (folder / "camelyon17_split:test_seed:1.csv").unlink()
    with pytest.raises(FolderError, match="split test, seed:1: its file is missing"):
        site.submit(handed(folder))
    assert not Upload.objects.exists()
    assert not Submission.objects.exists()
