"""Pictures of runs, as workers draw them of test images that a benchmark lets everybody see."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.pictures.about import CHANCE, About
from farfield_web import storable
from farfield_web.errors import PictureError
from farfield_web.runs.models import Picture, Run, RunPicture
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

IMAGE, SAID, TRUTH = "image", "said", "truth"
LAYERS = (IMAGE, SAID, TRUTH)
MOST, MOST_BYTES, MOST_SIDE = 100, 256 << 10, 2048
MOST_WORDS = 1000


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A layer of a picture of a run, called by its place from 0 on: WebP of that size in pixels, and its words.

    `about` is of the image, None of what lies over it.
    """

    place: int
    layer: str
    content: bytes
    width: int
    height: int
    words: str
    about: About | None = None


@dataclass(frozen=True, kw_only=True)
class Layers:
    """A picture of a run: the image, and what it is about, without what is right where the benchmark hides that.

    Of a detector of objects what was detected lies over it, and what is there, where the benchmark shows it. None is
    known of what an image of long ago is about.
    """

    place: int
    image: RunPicture
    about: About | None
    said: RunPicture | None
    truth: RunPicture | None


def receive(run: Run, sent: Iterable[Sent]) -> None:
    """Keep layers; one that is sent again takes the place of the last. The run is held and its row locked.

    Raises PictureError for what its benchmark does not show, and for what is no such picture; then none is kept.
    """
    pictures: dict[str, Picture] = {}
    layers: dict[tuple[int, str], RunPicture] = {}
    for one in sent:
        _check(run, one)
        digest = hashlib.sha256(one.content).hexdigest()
        pictures[digest] = Picture(sha256=digest, content=one.content, width=one.width, height=one.height)
        layers[one.place, one.layer] = RunPicture(
            run=run,
            place=one.place,
            layer=one.layer,
            picture_id=digest,
            words=storable.text(one.words)[:MOST_WORDS],
            about=one.about.as_json() if one.about else {},
        )
    # In one order, so that runs with the same images do not wait for one another in a circle.
    Picture.objects.bulk_create([pictures[digest] for digest in sorted(pictures)], ignore_conflicts=True)
    RunPicture.objects.bulk_create(
        layers.values(),
        update_conflicts=True,
        unique_fields=["run", "place", "layer"],
        update_fields=["picture", "words", "about"],
    )


def pictures_of(run: Run) -> list[Layers]:
    """Those of a run that have an image and what was said of it, by their places."""
    layers: dict[int, dict[str, RunPicture]] = defaultdict(dict)
    shown = allowed(run)
    for one in run.pictures.select_related("picture").defer("picture__content"):
        if one.layer in shown:
            layers[one.place][one.layer] = one
    whole = (_layers(place, of, shows_truth=TRUTH in shown) for place, of in sorted(layers.items()) if IMAGE in of)
    return [one for one in whole if one.said or (one.about and one.about.said)]


def _layers(place: int, of: Mapping[str, RunPicture], *, shows_truth: bool) -> Layers:
    about = About.read(of[IMAGE].about) if of[IMAGE].about else None
    if about and not shows_truth:
        about = replace(about, truth="", right=None)
    return Layers(place=place, image=of[IMAGE], about=about, said=of.get(SAID), truth=of.get(TRUTH))


def allowed(run: Run) -> tuple[str, ...]:
    """Which layers everybody may see, as the benchmark says now: it may show less than when they were drawn."""
    return {"": (), "images": (IMAGE, SAID)}.get(shows_of(run.submission), LAYERS)


def shows_of(submission: Submission) -> str:
    """How much of its test images the benchmark of a submission lets everybody see."""
    benchmark = submission.known_benchmark
    return benchmark.shows if benchmark else ""


def examples_of(benchmark: Benchmark, fingerprint: str) -> list[Layers]:
    """Test images that chance chose, as the last run on these data has them; none where none is shown."""
    if not benchmark.shows:
        return []
    tiers = [tier.name for tier in benchmark.plan.tiers] or [""]
    keys = [benchmark.comparability_key(fingerprint, tier) for tier in tiers]
    done = Run.objects.filter(submission__benchmark=benchmark.name, status=Status.SUCCEEDED, comparability_key__in=keys)
    last = done.filter(pictures__about__why=CHANCE).select_related("submission").order_by("-finished_at").first()
    return [one for one in pictures_of(last) if one.about and one.about.why == CHANCE] if last else []


def forget() -> int:
    """Remove pictures that no run has any more; how many rows went. Safe to run twice."""
    return Picture.objects.filter(runpicture__isnull=True).delete()[0]


def _check(run: Run, sent: Sent) -> None:
    if sent.layer not in allowed(run) or not 0 <= sent.place < MOST:
        raise PictureError("pictures.not_shown", f"{run.submission.benchmark} does not show this of its test images.")
    about, benchmark = sent.about, run.submission.known_benchmark
    domains = {domain.name for domain in benchmark.domains} if benchmark else set()
    if (about is None) == (sent.layer == IMAGE) or (about and about.domain not in domains):
        raise PictureError("pictures.invalid", "An image, and nothing else, is of one of the benchmark's test domains.")
    if about and (about.truth or about.right is not None) and TRUTH not in allowed(run):
        raise PictureError("pictures.not_shown", f"{run.submission.benchmark} does not show what is right.")
    is_webp = sent.content[:4] == b"RIFF" and sent.content[8:12] == b"WEBP"
    fits = len(sent.content) <= MOST_BYTES and 0 < sent.width <= MOST_SIDE and 0 < sent.height <= MOST_SIDE
    if not is_webp or not fits:
        bound = f"at most {MOST_BYTES >> 10} KiB and {MOST_SIDE} pixels a side"
        raise PictureError("pictures.invalid", f"A picture is WebP of {bound}.")
