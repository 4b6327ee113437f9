"""Accuracy on the line: on which boards the plot stands, and against what."""

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, Site, announce_data, drive, refigure

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.metrics.robustness import TESTBED
from farfield_web.runs.models import Run
from farfield_web.runs.submit import Request, submit

pytestmark = [pytest.mark.django_db, pytest.mark.services]

IMAGENET = "imagenet-ood/imagenet"
SHIFT = "r"
ON_ITS_CLASSES = 0.05


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def plot(found: str) -> str:
    return found[found.index('class="chart scatter"') :].split("</svg>", maxsplit=1)[0]


@pytest.fixture
def imagenet(site: Site) -> Benchmark:
    """A board with effective robustness: two entries, 5 and 10 points above the testbed's line on the shift R."""
    benchmark = find(IMAGENET)
    announce_data(benchmark)
    for steps, x in ((1, 0.6), (2, 0.8)):
        wanted = Request(benchmark=IMAGENET, method="tuned", track="open", config={"steps": steps})
        run = Run.objects.get(submission=submit(site.grace, wanted))
        drive(run, "succeeded", benchmark, accuracy=0.5)
        run.scores.all().delete()
        expected, rho = TESTBED[SHIFT](x + ON_ITS_CLASSES), 0.05 * steps
        for metric, domain, value in (
            ("accuracy", "id", x),
            ("accuracy", "shifts", 0.3),
            ("accuracy", SHIFT, expected + rho),
            ("id-subset-accuracy", SHIFT, x + ON_ITS_CLASSES),
            ("effective-robustness", SHIFT, rho),
        ):
            run.scores.create(attempt=1, metric=metric, domain=domain, value=value, stderr=0.01, n=100)
        refigure(run.submission)
    return benchmark


def test_a_dot_for_each_entry_with_its_error_and_its_page(client: Client, site: Site) -> None:
    found = page(client, f"/boards/{BOARD}/")
    drawn = plot(found)
    assert drawn.count('class="mean"') == 2
    assert drawn.count('class="err"') == 4
    assert "<title>tuned, succeeded one: 60.0 ± 1.0 OOD, 60.0 ± 1.0 ID</title>" in drawn
    assert f'href="/submissions/{site.submissions["succeeded"].pk}/"' in drawn
    assert 'class="equal"' in drawn
    assert 'class="fit"' not in drawn
    assert 'href="/api/v1/leaderboards/imagenet-ood/mini"' in found
    assert found.count("<summary>Export</summary>") == 1


@pytest.mark.parametrize("path", [f"/boards/{BOARD}/", "/boards/ood-detection/mini/", "/boards/domainbed/pacs/"])
def test_an_empty_board_and_another_family_have_no_plot(client: Client, path: str) -> None:
    assert "Accuracy on the line" not in page(client, path)


def test_ranking_by_a_shift_plots_that_shift(client: Client, site: Site) -> None:
    assert "↑ Noto" in plot(page(client, f"/boards/{BOARD}/?by=accuracy:noto"))
    assert "↑ Mean of shifts" in plot(page(client, f"/boards/{BOARD}/?by=accuracy:id"))


def test_a_shift_of_fewer_classes_stands_against_id_accuracy_on_these(client: Client, imagenet: Benchmark) -> None:
    drawn = plot(page(client, f"/boards/{IMAGENET}/?by=accuracy:{SHIFT}"))
    assert "ID accuracy on the shift&#x27;s classes" in drawn
    assert "65.0 ± 1.0 ID" in drawn
    headline = plot(page(client, f"/boards/{IMAGENET}/"))
    assert "60.0 ± 1.0 ID" in headline
    assert 'class="fit"' not in headline


def test_the_baseline_is_that_of_the_effective_robustness(imagenet: Benchmark) -> None:
    from farfield_web.leaderboards.axes import axes_of
    from farfield_web.leaderboards.queries import board
    from farfield_web.pages.boards.board_charts import _baseline

    index = next(i for i, c in enumerate(imagenet.columns) if (c.metric, c.domain) == ("accuracy", SHIFT))
    found = board(imagenet, ranked_by=index)
    axes = axes_of(found)
    assert axes is not None
    line = _baseline(found, axes)
    assert line is not None
    for share in (0.3, 0.65, 0.9):
        assert line(share) == pytest.approx(TESTBED[SHIFT](share), abs=1e-4)  # figures on a board have four digits
