"""The description of the API."""

from drf_spectacular.views import SpectacularAPIView

from farfield_web.api.strict import PublicView


class Schema(PublicView, SpectacularAPIView):
    """OpenAPI 3.1, as YAML or, with `?format=json`, as JSON."""

    parameters = frozenset({"format"})
