"""Entries compared by the site worker: intervals of ranks on the board and in the API, from kept outcomes or errors."""

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from tests.made_boards import hits
from tests.unit.web.conftest import BOARD, FINGERPRINT, make_run, report_of, wanted

from farfield_evaluators import outcomes
from farfield_evaluators.catalog import find
from farfield_evaluators.outcomes import DomainOutcomes, Outcomes
from farfield_web import compared
from farfield_web.accounts.models import User
from farfield_web.leaderboards import comparing
from farfield_web.leaderboards.comparing import compare_board
from farfield_web.leaderboards.models import Comparison
from farfield_web.leaderboards.places import Place, packed, places_of, unpacked
from farfield_web.leaderboards.queries import board
from farfield_web.leaderboards.tasks import compare
from farfield_web.runs import example_outcomes, lease
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import Status
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import invalidate

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BENCHMARK = find(BOARD)
SIZE = 400
SHIFTS = [domain.name for domain in BENCHMARK.domains if domain.role == "shift"]


def made(accuracies: list[float]) -> list[dict[str, np.ndarray]]:
    """Of several methods the hits on every domain."""
    drawn = {domain.name: hits(accuracies, SIZE, seed) for seed, domain in enumerate(BENCHMARK.domains)}
    return [{name: values[:, method] for name, values in drawn.items()} for method in range(len(accuracies))]


def entered(person: User, hit: dict[str, np.ndarray], folder: Path | None, bias: float) -> Submission:
    """An entry with these hits; what it said of each image is kept where a folder is named."""
    submission = enter(person, hit, bias)
    if folder is not None:
        keep(submission.runs.get(), hit, folder)
    return submission


def enter(person: User, hit: dict[str, np.ndarray], bias: float) -> Submission:
    from farfield_web.runs.submit import submit

    submission = submit(person, wanted(config={"bias": bias}))
    run = lease.claim("w", "cpu")
    assert run is not None
    means = {name: float(values.mean()) for name, values in hit.items()}
    means["shifts"] = float(np.mean([means[name] for name in SHIFTS]))
    means["id"] = float(np.mean([means[domain.name] for domain in BENCHMARK.domains if domain.role == "id"]))
    scores = [{"metric": "accuracy", "domain": d, "value": v, "stderr": 0.01, "n": SIZE} for d, v in means.items()]
    store_report(report_of(run, scores=scores))
    return submission


def keep(run: Run, hit: dict[str, np.ndarray], folder: Path) -> None:
    """The outcomes of a run as a worker writes them, kept as the site keeps them."""
    domains = tuple(
        DomainOutcomes(domain=name, examples=np.arange(SIZE) + SIZE * at, columns={"hit": values.astype(bool)})
        for at, (name, values) in enumerate(hit.items())
    )
    whole = Outcomes(benchmark=BOARD, version=BENCHMARK.version, fingerprint=FINGERPRINT, domains=domains)
    written = outcomes.write(whole, folder / f"{run.pk}.parquet")
    (folder / f"{run.pk}.parquet").rename(example_outcomes.folder() / written.sha256)
    values = {"sha256": written.sha256, "size": written.size, "rows": written.rows, "kept_at": timezone.now()}
    RunOutcomes.objects.create(run=run, attempt=run.attempt, **values)


def places() -> list[tuple[int | None, Place | None]]:
    return [(row.rank, row.place) for row in board(BENCHMARK).rows]


@pytest.fixture
def three(announced: None, person: User, tmp_path: Path) -> list[Submission]:
    """Two that are near each other and one that is far, the best first; all with their outcomes."""
    rng = np.random.default_rng(7)
    (base,) = made([0.7])
    slightly = {name: np.minimum(values, rng.random(SIZE) < 0.97) for name, values in base.items()}
    (far,) = made([0.2])
    return [entered(person, hit, tmp_path, bias) for hit, bias in ((base, 0.1), (slightly, 0.2), (far, 0.3))]


def test_entries_are_compared_example_by_example(three: list[Submission]) -> None:
    assert [place for _, place in places()] == [None] * 3
    assert compare_board(BENCHMARK, "") > 0
    assert places() == [
        (1, Place(low=1, high=1, tier=1, paired=True, with_best=True)),
        (2, Place(low=2, high=2, tier=2, paired=True, with_best=False)),
        (3, Place(low=3, high=3, tier=3, paired=True, with_best=False)),
    ]


def test_by_errors_alone_near_ones_are_not_told_apart(announced: None, person: User) -> None:
    for bias, accuracy in ((0.1, 0.70), (0.2, 0.69), (0.3, 0.2)):
        enter(person, {domain.name: np.full(SIZE, accuracy) for domain in BENCHMARK.domains}, bias)
    compare()
    assert places() == [
        (1, Place(low=1, high=2, tier=1, paired=False, with_best=True)),
        (2, Place(low=1, high=2, tier=1, paired=False, with_best=True)),
        (3, Place(low=3, high=3, tier=2, paired=False, with_best=False)),
    ]
    assert [row.tied_with_best for row in board(BENCHMARK).rows] == [True, True, False]


def test_nothing_is_made_twice(three: list[Submission]) -> None:
    first = compare_board(BENCHMARK, "")
    assert first == len({(column.metric, column.domain) for column in BENCHMARK.columns if has_figure(column)})
    assert compare_board(BENCHMARK, "") == 0
    assert Comparison.objects.count() == first


def has_figure(column: Any) -> bool:
    return any(row.entry.figure(column) for row in board(BENCHMARK).rows)


def test_an_entry_that_came_later_waits_for_its_place(three: list[Submission], person: User, tmp_path: Path) -> None:
    compare_board(BENCHMARK, "")
    newest = entered(person, made([0.95])[0], tmp_path, 0.4)
    first, second, *_ = board(BENCHMARK).rows
    assert (first.entry.submission, first.place) == (newest, None)
    assert second.place is not None
    assert (second.rank, second.place.low, second.place.high) == (2, 1, 2)
    compare_board(BENCHMARK, "")
    assert [place.low for _, place in places() if place] == [1, 2, 3, 4]


def test_an_entry_taken_off_is_out_of_the_comparison(
    three: list[Submission], asked_to_compare: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    compare_board(BENCHMARK, "")
    with django_capture_on_commit_callbacks(execute=True):
        invalidate(three[0], "A cheat.", "operator")
    assert asked_to_compare == [(BOARD, "")]
    compare_board(BENCHMARK, "")
    assert [(rank, place and place.low) for rank, place in places()] == [(1, 1), (2, 2), (None, None)]


def test_outcomes_that_are_gone_or_damaged_leave_the_error(three: list[Submission]) -> None:
    names = [RunOutcomes.objects.get(run__submission=one).sha256 for one in three[:2]]
    (example_outcomes.folder() / names[0]).unlink()
    (example_outcomes.folder() / names[1]).write_bytes(b"PAR1 no more")
    compare_board(BENCHMARK, "")
    assert [place.paired for _, place in places() if place] == [False, False, True]


def test_a_figure_that_says_otherwise_is_not_paired(three: list[Submission]) -> None:
    run = three[0].runs.get()
    run.submission.figures.filter(metric="accuracy", domain="shifts").update(value=0.9)
    compare_board(BENCHMARK, "")
    assert [place.paired for _, place in places() if place] == [False, True, True]


def test_a_finished_entry_asks_for_its_board(
    announced: None, person: User, asked_to_compare: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        submission = enter(person, made([0.5])[0], 0.1)
    assert asked_to_compare == [(BOARD, "")]
    make_run(submission, 1, Status.QUEUED)
    with django_capture_on_commit_callbacks(execute=True):
        enter(person, made([0.5])[0], 0.2)
    assert len(asked_to_compare) == 2


def test_a_broker_that_is_down_stops_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.undo()
    monkeypatch.setattr(compared.app, "send_task", fail)
    compared.send(BOARD, "")
    assert "in minutes" in caplog.text


def test_the_board_and_the_api_show_the_ranks(announced: None, person: User, client: Client, call: Any) -> None:
    for bias, accuracy in ((0.1, 0.70), (0.2, 0.69)):
        enter(person, {domain.name: np.full(SIZE, accuracy) for domain in BENCHMARK.domains}, bias)
    page = f"/boards/{BOARD}/"
    assert 'class="ranks"' not in client.get(page).content.decode()
    compare(BOARD)
    text = client.get(page).content.decode()
    assert text.count('class="ranks"') == 2
    assert "1\u20132" in text
    rows = call("get", f"leaderboards/{BOARD}").json()["rows"]
    assert [row["place"] for row in rows] == [{"low": 1, "high": 2, "tie_tier": 1, "paired": False}] * 2


def test_the_operator_compares_by_hand(three: list[Submission]) -> None:
    out = StringIO()
    call_command("compare", stdout=out)
    assert "compared anew" in out.getvalue()
    assert all(place for _, place in places())


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 40])
def test_bits_come_back_as_they_went(count: int) -> None:
    better = np.random.default_rng(count).random((count, count)) < 0.5
    assert unpacked(packed(better), count).tolist() == better.tolist()


def test_among_some_of_the_entries_what_was_found_of_all_holds() -> None:
    better = np.triu(np.ones((4, 4), bool), 2)  # each is better than all but the next
    comparison = Comparison(entries=["a", "b", "c", "d"], paired=[True] * 4, better=packed(better))
    values = {"d": 0.1, "b": 0.3, "new": 0.2}
    assert places_of(values, comparison, higher_is_better=True) == {
        "d": Place(low=2, high=3, tier=2, paired=True, with_best=False),
        "b": Place(low=1, high=2, tier=1, paired=True, with_best=True),
    }
    assert places_of(values, None, higher_is_better=True) == {}


def test_what_is_not_here_any_more_is_not_compared(three: list[Submission]) -> None:
    compare("no/such")
    compare(BOARD, "no such tier")
    assert not Comparison.objects.exists()


def test_a_board_that_fails_keeps_no_other_from_its_comparison(
    three: list[Submission], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = comparing.compare_board

    def failing(benchmark: Any, tier: str) -> int:
        if benchmark.name == "imagenet-ood/mini-c":
            raise ValueError("a defect")
        return real(benchmark, tier)

    monkeypatch.setattr(comparing, "compare_board", failing)
    compare()
    assert "imagenet-ood/mini-c" in caplog.text
    assert all(place for _, place in places())
