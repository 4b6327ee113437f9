"""The base environments that packages run on, for `farfield check --site` and for who pins dependencies."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import EnvironmentsBody
from farfield_web.api.strict import PublicView
from farfield_web.submissions.environments import environments


class Environments(PublicView):
    """The base environments."""

    @extend_schema(responses={200: EnvironmentsBody}, operation_id="environments_list")
    def get(self, request: Request) -> Response:
        """What packages find installed: Python, platform, and each distribution with its version.

        One for each kind of worker that takes packages at present; a package must fit all. `farfield check --site URL`
        holds a package against them.
        """
        return Response(EnvironmentsBody({"environments": environments()}).data)
