"""Boards as they stood when they were frozen."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.board_serializers import BoardBody
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.leaderboards.frozen import without_hidden_names
from farfield_web.operations.models import FrozenBoard


class FrozenBoardBody(serializers.Serializer[Any]):
    """A board as it stood at `at`, and why it was kept; `board` is what its address gave then."""

    benchmark = serializers.CharField()
    tier = serializers.CharField(allow_blank=True)
    key = serializers.CharField()
    name = serializers.CharField(help_text="The last part of its address.")
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    board = BoardBody(source="content")


class Frozen(PublicView):
    """One of them."""

    @extend_schema(responses={200: FrozenBoardBody, 404: ErrorBody}, operation_id="leaderboards_frozen")
    def get(self, request: Request, name: str, key: str) -> Response:
        """A board as it stood, for good."""
        kept = get_object_or_404(FrozenBoard, benchmark=name, name=key)
        plain = {field: getattr(kept, field) for field in ("benchmark", "tier", "key", "name", "reason", "at")}
        return Response({**plain, "board": without_hidden_names(kept.content)})
