"""Pictures of runs, as workers draw them of test images that a benchmark lets everybody see."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass

from farfield_web import storable
from farfield_web.errors import PictureError
from farfield_web.runs.models import Picture, Run, RunPicture
from farfield_web.submissions.models import Submission

IMAGE, SAID, TRUTH = "image", "said", "truth"
LAYERS = (IMAGE, SAID, TRUTH)
MOST, MOST_BYTES, MOST_SIDE = 12, 256 << 10, 2048
MOST_WORDS = 1000


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A layer of a picture of a run, called by its place from 0 on: WebP of that size in pixels, and its words."""

    place: int
    layer: str
    content: bytes
    width: int
    height: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Layers:
    """A picture of a run: the image, what was detected in it, and what is there where the benchmark shows it."""

    place: int
    image: RunPicture
    said: RunPicture
    truth: RunPicture | None


def receive(run: Run, sent: Sent) -> None:
    """Keep a layer; one that is sent again takes the place of the last. The run is held and its row locked.

    Raises PictureError for what its benchmark does not show, and for what is no such picture.
    """
    _check(run, sent)
    digest = hashlib.sha256(sent.content).hexdigest()
    values = {"content": sent.content, "width": sent.width, "height": sent.height}
    picture, _ = Picture.objects.get_or_create(sha256=digest, defaults=values)
    words = storable.text(sent.words)[:MOST_WORDS]
    RunPicture.objects.update_or_create(
        run=run, place=sent.place, layer=sent.layer, defaults={"picture": picture, "words": words}
    )


def pictures_of(run: Run) -> list[Layers]:
    """Those of a run that have an image and what was detected, by their places."""
    layers: dict[int, dict[str, RunPicture]] = defaultdict(dict)
    shown = allowed(run)
    for one in run.pictures.select_related("picture").defer("picture__content"):
        if one.layer in shown:
            layers[one.place][one.layer] = one
    whole = {place: of for place, of in sorted(layers.items()) if IMAGE in of and SAID in of}
    return [Layers(place=n, image=of[IMAGE], said=of[SAID], truth=of.get(TRUTH)) for n, of in whole.items()]


def allowed(run: Run) -> tuple[str, ...]:
    """Which layers everybody may see, as the benchmark says now: it may show less than when they were drawn."""
    return {"": (), "images": (IMAGE, SAID)}.get(shows_of(run.submission), LAYERS)


def shows_of(submission: Submission) -> str:
    """How much of its test images the benchmark of a submission lets everybody see."""
    benchmark = submission.known_benchmark
    return benchmark.shows if benchmark else ""


def forget() -> int:
    """Remove pictures that no run has any more; how many rows went. Safe to run twice."""
    return Picture.objects.filter(runpicture__isnull=True).delete()[0]


def _check(run: Run, sent: Sent) -> None:
    if sent.layer not in allowed(run) or not 0 <= sent.place < MOST:
        raise PictureError("pictures.not_shown", f"{run.submission.benchmark} does not show this of its test images.")
    is_webp = sent.content[:4] == b"RIFF" and sent.content[8:12] == b"WEBP"
    fits = len(sent.content) <= MOST_BYTES and 0 < sent.width <= MOST_SIDE and 0 < sent.height <= MOST_SIDE
    if not is_webp or not fits:
        bound = f"at most {MOST_BYTES >> 10} KiB and {MOST_SIDE} pixels a side"
        raise PictureError("pictures.invalid", f"A picture is WebP of {bound}.")
