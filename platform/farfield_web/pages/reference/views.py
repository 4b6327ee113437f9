"""The pages of the reference."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from farfield_web.pages.reference.described import Resource, resources_of


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """How the API is used, and all of its operations by resource."""
    context = {"section": "api", "resources": _resources(), "site": settings.SITE_URL}
    return render(request, "pages/reference.html", context)


@require_safe
def resource(request: HttpRequest, name: str) -> HttpResponse:
    """The operations of a resource, with parameters, answers and examples."""
    found = next((each for each in _resources() if each.name == name), None)
    if found is None:
        raise Http404(f"The API has no resource {name!r}.")
    context = {"section": "api", "resource": found, "resources": _resources()}
    return render(request, "pages/reference_resource.html", context)


@cache
def _resources() -> tuple[Resource, ...]:
    """Made once in each process: the schema is of the code."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return resources_of(schema, settings.SITE_URL)
