"""Plots of a board: their data and their drawings in Vega-Lite."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.benchmarks import COLUMN, TIER, TRACK, VERIFIED, board_asked, known
from farfield_web.kept import served
from farfield_web.leaderboards.plots.base import MOST_ENTRIES, Json
from farfield_web.leaderboards.plots.catalog import board_plots
from farfield_web.leaderboards.plots.usage import usage_plot
from farfield_web.leaderboards.queries import Board
from farfield_web.leaderboards.revision import revision_of
from farfield_web.runs.models import Run

PARAMETERS = frozenset({"track", "tier", "ranked_by", "verified"})


class PlotField(serializers.Serializer[Any]):
    """A column of a plot's data. A unit of % means: shown times 100."""

    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)


class PlotSummary(serializers.Serializer[Any]):
    """A plot, as lists show it."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    entries = serializers.IntegerField(help_text=f"Rows of its data; of a board at most the first {MOST_ENTRIES}.")


class PlotsBody(serializers.Serializer[Any]):
    """The plots that a board has data for."""

    benchmark = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)
    plots = PlotSummary(many=True)


class DrawnPlot(serializers.Serializer[Any]):
    """A plot: its rows as published, and a Vega-Lite specification with all that it draws inline."""

    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    about = serializers.ListField(child=serializers.CharField(), help_text="How it is read, in sentences.")
    columns = PlotField(many=True)
    rows = serializers.ListField(child=serializers.DictField())
    spec = serializers.DictField(help_text="Vega-Lite 6.")


class WholePlot(DrawnPlot):
    """A plot of a board."""

    benchmark = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)


class Plots(PublicView):
    """The plots of a board."""

    parameters = PARAMETERS

    @extend_schema(
        parameters=[TRACK, TIER, COLUMN, VERIFIED],
        responses={200: PlotsBody, 400: ErrorBody, 404: ErrorBody},
        operation_id="plots_list",
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """Which plots a board has data for."""

        def made() -> Json:
            found = board_asked(request, name)
            plots = [{**vars(plot), "entries": len(plot.rows)} for plot in board_plots(found)]
            return dict(PlotsBody({**_board(found), "plots": plots}).data)

        return _kept(request, name, made)


class OnePlot(PublicView):
    """A plot of a board."""

    parameters = PARAMETERS

    @extend_schema(
        parameters=[TRACK, TIER, COLUMN, VERIFIED],
        responses={200: WholePlot, 400: ErrorBody, 404: ErrorBody},
        operation_id="plots_read",
    )
    def get(self, request: Request, name: str, plot: str) -> HttpResponseBase:
        """A plot's data, and its drawing in Vega-Lite."""

        def made() -> Json:
            found = board_asked(request, name)
            plots = {each.name: each for each in board_plots(found)}
            if plot not in plots:
                raise Http404
            return dict(WholePlot({**_board(found), **vars(plots[plot])}).data)

        return _kept(request, name, made)


class UsagePlot(PublicView):
    """What a run used over time."""

    @extend_schema(responses={200: DrawnPlot, 404: ErrorBody}, operation_id="runs_usage")
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """Memory and processors of a run over time, and the drawing in Vega-Lite; 404 where nothing was seen."""
        plot = usage_plot(get_object_or_404(Run, pk=number))
        if plot is None:
            raise Http404("Nothing was seen of what this run used.")
        return Response(DrawnPlot(plot).data)


def _kept(request: Request, name: str, made: Callable[[], Json]) -> HttpResponseBase:
    """A body, or what was kept of it while the board is as it was."""

    def answer() -> HttpResponse:
        return HttpResponse(JSONRenderer().render(made()), content_type="application/json")

    return served(request, lambda: revision_of(known(name).name), answer)


def _board(found: Board) -> dict[str, Any]:
    return {"benchmark": found.benchmark.name, "tier": found.tier}
