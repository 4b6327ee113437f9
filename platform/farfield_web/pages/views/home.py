"""The first page."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_web.gate import viewer_of
from farfield_web.kept import kept
from farfield_web.leaderboards.axes import reference_of
from farfield_web.leaderboards.queries import board_page, with_data
from farfield_web.leaderboards.revision import revision_of_all
from farfield_web.leaderboards.selection import Selection
from farfield_web.leaderboards.tops import Top, fullest
from farfield_web.pages.boards.board_charts import chart_of
from farfield_web.pages.boards.charts import COMPACT
from farfield_web.pages.boards.examples import BY, strip_of
from farfield_web.pages.boards.lines import line_of
from farfield_web.pages.boards.query import asked
from farfield_web.submissions.visibility import visible, with_scores

TOP, CHART_ROWS = 3, 5


@require_safe
@kept(lambda request: revision_of_all())
def home(request: HttpRequest) -> HttpResponseBase:
    """What this is, the boards with their first three, and how to submit."""
    viewer = viewer_of(request)
    known, shown = visible(viewer), fullest(with_scores(viewer), TOP)
    ready, used = with_data(), {one.benchmark.name for one in shown}
    shown.sort(key=lambda one: (one.benchmark.name not in ready, -one.entries))
    empty = [benchmark for benchmark in known if benchmark.name not in used]
    first = next((one for one in shown if one.ranked), None)
    context = {
        "section": "",
        "boards": [_summary(one) for one in shown],
        "with_data": ready,
        "ready": [benchmark for benchmark in empty if benchmark.name in ready],
        "waiting": [benchmark for benchmark in empty if benchmark.name not in ready],
        "credit": BY,
        "figure": _figure(first) if first else None,
    }
    return render(request, "pages/home.html", context)


def _summary(top: Top) -> dict[str, object]:
    one = asked(top.benchmark, {"tier": top.tier})
    return {
        "benchmark": top.benchmark,
        "strip": strip_of(top.benchmark.name),
        "href": one.address,
        "tier": one.tier_title,
        "headline": one.headline.title,
        "count": top.entries,
        "top": [line_of(row, top.benchmark) for row in top.rows],
    }


def _figure(top: Top) -> dict[str, object]:
    benchmark, reference = top.benchmark, reference_of(top.benchmark)
    found = board_page(benchmark, top.tier, Selection(size=CHART_ROWS), beside=None).board
    return {
        "benchmark": benchmark,
        "chart": chart_of(found, limit=CHART_ROWS, layout=COMPACT),
        "titles": (benchmark.columns[0].title, reference.title if reference else ""),
    }
