"""The pictures of a run as a page lays them out: an image, and layers over it that can be switched off."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse

from farfield_web.runs.models import Run, RunPicture
from farfield_web.runs.pictures import Layers, allowed, pictures_of
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission


@dataclass(frozen=True, kw_only=True)
class LayerView:
    """A layer: where it is, and what it shows."""

    href: str
    words: str


@dataclass(frozen=True, kw_only=True)
class PictureView:
    """A test image with what was detected; `truth` is None where the benchmark does not show what is there."""

    number: int
    width: int
    height: int
    image: LayerView
    said: LayerView
    truth: LayerView | None


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """Those of a run, which is named where an entry has several."""

    run: Run
    listed: tuple[PictureView, ...]

    @property
    def has_truth(self) -> bool:
        """Whether any of them shows what is there."""
        return any(one.truth for one in self.listed)


def of_run(run: Run) -> Pictures | None:
    """The pictures of a run; None where there are none."""
    listed = tuple(_view(layers) for layers in pictures_of(run))
    return Pictures(run=run, listed=listed) if listed else None


def of_submission(submission: Submission) -> Pictures | None:
    """Those of the last of an entry's runs that has some: of the most shots, where runs differ in these."""
    with_some = submission.runs.filter(status=Status.SUCCEEDED, pictures__isnull=False)
    run = with_some.order_by("-trial", "-pk").first()
    return of_run(run) if run is not None else None


def content_of(run: Run, place: int, layer: str) -> bytes:
    """A layer as WebP. Raises Http404 where there is none, or the benchmark does not show it."""
    kept = run.pictures.filter(place=place, layer=layer).select_related("picture").first()
    if kept is None or layer not in allowed(run):
        raise Http404("There is no such picture.")
    return bytes(kept.picture.content)


def _view(layers: Layers) -> PictureView:
    return PictureView(
        number=layers.place + 1,
        width=layers.image.picture.width,
        height=layers.image.picture.height,
        image=_layer(layers.image),
        said=_layer(layers.said),
        truth=_layer(layers.truth) if layers.truth else None,
    )


def _layer(one: RunPicture) -> LayerView:
    """Its address changes with its content, so that a browser may keep it."""
    address = reverse("run-picture", args=[one.run_id, one.place, one.layer])
    return LayerView(href=f"{address}?{urlencode({'v': one.picture_id[:16]})}", words=one.words)
