"""The pages of coverage."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.coverage import tables
from farfield_web.pages.coverage.view import counts_of, parts_of
from farfield_web.submissions.models import Method


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The references, with how many of their names are here, and how far."""
    context = {"section": "about", "tables": [(table, counts_of(table)) for table in tables()]}
    return render(request, "pages/coverage.html", context)


@require_safe
def table(request: HttpRequest, name: str) -> HttpResponse:
    """All names of one reference."""
    found = next((each for each in tables() if each.name == name), None)
    if found is None:
        raise Http404(f"There is no table of coverage {name!r}.")
    # What is shown to some alone is in no paper's table.
    shown = {each.name for each in benchmarks() if each.audience is None}
    methods = set(Method.objects.filter(owner=None).values_list("name", flat=True))
    context = {"section": "about", "table": found, "parts": parts_of(found, methods, shown)}
    return render(request, "pages/coverage_table.html", context)
