"""The page of entries that are set beside one another."""

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_web.contrasts.asking import found_for
from farfield_web.contrasts.body import body_of
from farfield_web.contrasts.chosen import MOST, ChoiceError, choice
from farfield_web.contrasts.models import Contrast
from farfield_web.gate import viewer_of
from farfield_web.kept import kept
from farfield_web.leaderboards.revision import revision_of_all
from farfield_web.pages.compare.view import view_of

STATUS = {"request.not_found": 404, "request.not_comparable": 409}


def _stamp(request: HttpRequest) -> object:
    """What boards show, and which comparisons the site worker has made."""
    return revision_of_all(), Contrast.objects.aggregate(Max("made_at"))


@require_safe
@kept(_stamp)
def compare(request: HttpRequest) -> HttpResponse:
    """Two to five entries of one board; without any, how to choose them."""
    named = request.GET.getlist("entries")
    context = {"section": "benchmarks", "most": MOST}
    if not named:
        return render(request, "pages/compare.html", context)
    try:
        wanted = choice(viewer_of(request), named)
    except ChoiceError as error:
        return render(request, "pages/compare.html", {**context, "error": error}, status=STATUS.get(error.code, 400))
    view = view_of(wanted, body_of(wanted, found_for(wanted)))
    return render(request, "pages/compare.html", {**context, "view": view, "benchmark": wanted.benchmark})
