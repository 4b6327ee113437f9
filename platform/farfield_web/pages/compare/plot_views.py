"""The plots of a board, and the scripts that draw them."""

from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from farfield_web import vega
from farfield_web.kept import kept
from farfield_web.leaderboards.plots.base import MOST_ENTRIES, Plot
from farfield_web.leaderboards.plots.catalog import board_plots
from farfield_web.leaderboards.revision import revision_of
from farfield_web.pages.boards.benchmarks import find_or_404
from farfield_web.pages.boards.query import Asked, asked
from farfield_web.pages.boards.rows import first_ranked
from farfield_web.pages.plot_view import PlotView, plot_view

FOR_GOOD = "public, max-age=31536000, immutable"


@require_safe
@kept(lambda request, name: revision_of(find_or_404(name).name))
def plots(request: HttpRequest, name: str) -> HttpResponse:
    """All plots that a board has data for; what is asked is as for the board."""
    benchmark = find_or_404(name)
    try:
        wanted = asked(benchmark, dict(request.GET.lists()))
    except LookupError as error:
        raise Http404(str(error)) from error
    found, beyond = first_ranked(wanted, MOST_ENTRIES)
    context = {
        "section": "benchmarks",
        "benchmark": benchmark,
        "wanted": wanted,
        "plots": [_view(plot, wanted) for plot in board_plots(found)],
        "beyond": beyond,
        "most": MOST_ENTRIES,
        "vega": reverse("vega", args=[vega.version()]),
    }
    return render(request, "pages/plots.html", context)


@require_safe
def scripts(request: HttpRequest, version: str) -> HttpResponse:
    """Vega, Vega-Lite and vega-embed as one file, which browsers keep for good."""
    place = vega.bundle() if version == vega.version() else None
    if place is None:
        raise Http404("There are no such scripts.")
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    file: Path = place.with_suffix(".js.gz") if zipped else place
    response = HttpResponse(file.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"], response["Vary"] = FOR_GOOD, "Accept-Encoding"
    if zipped:
        response["Content-Encoding"] = "gzip"
    return response


def _view(plot: Plot, wanted: Asked) -> PlotView:
    address, _, query = wanted.data_address.partition("?")
    of_plot = f"{address}/plots/{plot.name}" + (f"?{query}" if query else "")
    return plot_view(plot, of_plot, slugify(wanted.benchmark.name))
