"""The suites that are installed, for everybody; and why others are not used, for the operator."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_web.gate import viewer_of
from farfield_web.pages.suites.view import suites_view


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Suites with distribution, version and benchmarks; what is refused only to who may see errors of the machine."""
    operator = bool(getattr(request.user, "is_staff", False))
    context = {"section": "benchmarks", "view": suites_view(viewer_of(request)), "operator": operator}
    return render(request, "pages/suites.html", context)
