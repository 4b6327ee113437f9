"""The rules of a benchmark's intake: for anybody to read, for its hosts and operators to change."""

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.hosting_serializers import HostingRulesBody, NewPhase, PhaseBody, RulesChange
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.accounts import caller
from farfield_web.api.views.benchmarks import known
from farfield_web.hosting.change import add_phase, change, close_phase
from farfield_web.hosting.hidden import may_host
from farfield_web.hosting.models import Phase
from farfield_web.hosting.rules import rules_of

_REFUSED = {400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody}


def _for_hosts(request: Request, name: str) -> str:
    """The benchmark's name. Raises PermissionDenied, or Http404 where there is none."""
    benchmark = known(name)
    if not may_host(request.user, benchmark.name):
        raise PermissionDenied("Only the hosts of this benchmark and operators may do that.")
    return benchmark.name


class RulesOfBenchmark(PublicView):
    """What its hosts have set."""

    @extend_schema(responses={200: HostingRulesBody, 404: ErrorBody}, operation_id="rules_read")
    def get(self, request: Request, name: str) -> Response:
        """Whether entries are taken, what is asked, and which phases there are."""
        return Response(HostingRulesBody(rules_of(known(name).name)).data)

    @extend_schema(request=RulesChange, responses={200: HostingRulesBody, **_REFUSED}, operation_id="rules_change")
    def patch(self, request: Request, name: str) -> Response:
        """Change the rules that are given; for hosts and operators."""
        benchmark, form = _for_hosts(request, name), RulesChange(data=request.data)
        form.is_valid(raise_exception=True)
        change(benchmark, form.validated_data, by=caller(request))
        return Response(HostingRulesBody(rules_of(benchmark)).data)


class Phases(PublicView):
    """The phases of a benchmark."""

    @extend_schema(request=NewPhase, responses={201: PhaseBody, **_REFUSED}, operation_id="phases_create")
    def post(self, request: Request, name: str) -> Response:
        """Add a phase; for hosts and operators."""
        benchmark, form = _for_hosts(request, name), NewPhase(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(PhaseBody(add_phase(benchmark, **form.validated_data, by=caller(request))).data, status=201)


class OnePhase(PublicView):
    """One phase."""

    takes_body = False

    @extend_schema(request=None, responses={204: None, **_REFUSED}, operation_id="phases_close")
    def delete(self, request: Request, name: str, phase: str) -> Response:
        """Close a phase now, or take it away where it has not begun; its entries stay. For hosts and operators."""
        found = get_object_or_404(Phase, benchmark=_for_hosts(request, name), name=phase)
        close_phase(found, by=caller(request))
        return Response(status=204)
