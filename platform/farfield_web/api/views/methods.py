"""Methods, as workers announced them."""

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, RetrieveAPIView

from farfield import TaskFamily
from farfield_web.api.pagination import ByName
from farfield_web.api.serializers import ErrorBody, MethodBody, MethodSummary
from farfield_web.api.strict import PublicView
from farfield_web.submissions.models import Method

FAMILIES = [family.value for family in TaskFamily]
FAMILY = OpenApiParameter("family", str, description="Only methods of this family.")


@extend_schema_view(get=extend_schema(parameters=[FAMILY], operation_id="methods_list"))
class MethodList(PublicView, ListAPIView[Method]):
    """The methods that workers or packages offer or have offered."""

    parameters = frozenset({"family"})
    serializer_class = MethodSummary
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[Method]:
        found = Method.objects.select_related("owner")
        family = self.request.query_params.get("family")
        if family and family not in FAMILIES:
            raise ValidationError({"family": f"There is no family {family!r}; there are: {', '.join(FAMILIES)}."})
        return found.filter(family=family) if family else found


@extend_schema_view(get=extend_schema(responses={200: MethodBody, 404: ErrorBody}, operation_id="methods_read"))
class MethodDetail(PublicView, RetrieveAPIView[Method]):
    """A method with its specification."""

    serializer_class = MethodBody
    queryset = Method.objects.select_related("owner")
    lookup_field = "name"
