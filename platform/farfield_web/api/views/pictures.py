"""Pictures of runs: sent by the worker that holds a run, and listed with what they are about."""

import base64
import uuid
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_evaluators.pictures.about import About
from farfield_evaluators.wire import WireError
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.workers import WorkerView
from farfield_web.runs import lease
from farfield_web.runs.models import Run, RunPicture
from farfield_web.runs.pictures import LAYERS, MOST, MOST_SIDE, MOST_WORDS, Layers, Sent, pictures_of, receive


class ContentField(serializers.Field[bytes, str, str, Any]):
    """Bytes, as base64."""

    def to_internal_value(self, data: Any) -> bytes:
        try:
            return base64.b64decode(data, validate=True)
        except (TypeError, ValueError) as error:
            raise serializers.ValidationError("This is no base64.") from error


class PictureForm(serializers.Serializer[Any]):
    """A layer of a picture."""

    place = serializers.IntegerField(min_value=0, max_value=1000)
    layer = serializers.ChoiceField(choices=LAYERS)
    width = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    height = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    words = serializers.CharField(max_length=10 * MOST_WORDS)
    about = serializers.JSONField(required=False)
    content = ContentField()

    def validate_about(self, value: Any) -> About:
        """As the worker has it. Raises ValidationError for another form."""
        try:
            about: About = About.read(value, "about")
        except WireError as error:
            raise serializers.ValidationError(str(error)) from error
        return about


class PicturesForm(serializers.Serializer[Any]):
    """Layers of pictures of a run."""

    pictures = serializers.ListField(child=PictureForm(), max_length=MOST * len(LAYERS))


class SentPictures(WorkerView):
    """The pictures of a run, some layers at a time."""

    def put(self, request: Request, number: uuid.UUID) -> Response:
        """Keep them, or none; 409 tells the worker to stop."""
        form = PicturesForm(data=request.data)
        form.is_valid(raise_exception=True)
        sent = [Sent(**each) for each in form.validated_data["pictures"]]
        with transaction.atomic():
            receive(lease.held_run(number, request.headers.get("Farfield-Run-Token", ""), "submission__method"), sent)
        return Response({"pictures": len(sent)})


class LayerBody(serializers.Serializer[Any]):
    """A picture that lies over an image, and what it shows in words."""

    address = serializers.SerializerMethodField()
    words = serializers.CharField()

    def get_address(self, one: RunPicture) -> str:
        return one.address


class AboutBody(serializers.Serializer[Any]):
    """Which test image it is, and what was said of it; `right` is null where nothing is, or is not shown.

    `why` is chance (as every entry has it), further, or mistake. `value` is a classifier's confidence, and of an OOD
    detector the share of in-distribution images with a lower score.
    """

    domain = serializers.CharField()
    example = serializers.IntegerField(help_text="Its place in the pack.")
    why = serializers.CharField()
    said = serializers.CharField()
    truth = serializers.CharField()
    right = serializers.BooleanField(allow_null=True)
    value = serializers.FloatField(allow_null=True)


class PictureBody(serializers.Serializer[Any]):
    """A test image. Of a detector of objects `said` lies over it, and `truth` where its benchmark shows that."""

    image = serializers.SerializerMethodField()
    width = serializers.IntegerField(source="image.picture.width")
    height = serializers.IntegerField(source="image.picture.height")
    about = AboutBody(allow_null=True)
    said = LayerBody(allow_null=True)
    truth = LayerBody(allow_null=True)

    def get_image(self, one: Layers) -> str:
        return one.image.address


class Pictures(PublicView):
    """The pictures of a run."""

    @extend_schema(responses={200: PictureBody(many=True), 404: ErrorBody}, operation_id="runs_pictures")
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """Test images of a run with what it said of them, as far as its benchmark lets everybody see them."""
        run = get_object_or_404(Run.objects.select_related("submission"), pk=number)
        return Response(PictureBody(pictures_of(run), many=True).data)
