"""News as Atom (RFC 4287): entries whose runs are done, and corrections, each under an id that never changes."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Ruling, Submission
from farfield_web.submissions.visibility import entered_where_seen

MOST = 50
CORRECTED = {"invalidate": "taken off the boards", "restore": "put back on the boards"}


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that happened to an entry."""

    id: uuid.UUID
    title: str
    text: str
    at: datetime
    submission: uuid.UUID


def board_items(benchmark: str) -> list[Item]:
    """The newest of one board."""
    return _newest(Q(benchmark=benchmark))


def site_items() -> list[Item]:
    """The newest of all boards that everybody may see."""
    return _newest(entered_where_seen(AnonymousUser()))


def as_atom(title: str, page: str, own: str, items: list[Item]) -> str:
    """The feed at the address `own` about the page `page`; both without the site."""
    feed = Atom1Feed(
        title=title,
        link=f"{settings.SITE_URL}{page}",
        description="",
        feed_url=f"{settings.SITE_URL}{own}",
        feed_guid=f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, settings.SITE_URL + own)}",
        author_name="Farfield",
    )
    for item in items:
        address = reverse("submission", args=[item.submission])
        feed.add_item(
            title=item.title,
            link=f"{settings.SITE_URL}{address}",
            description=item.text,
            unique_id=f"urn:uuid:{item.id}",
            pubdate=item.at,
            updateddate=item.at,
        )
    return str(feed.writeString("utf-8"))


def _newest(wanted: Q) -> list[Item]:
    items = sorted((*_entered(wanted), *_corrected(wanted)), key=lambda item: item.at, reverse=True)
    return items[:MOST]


def _entered(wanted: Q) -> Iterator[Item]:
    """The newest entries that are done, by their last run: two looks at an index for each, however many runs it has."""
    runs = Run.objects.filter(submission=OuterRef("pk"))
    unfinished = runs.exclude(status=Status.SUCCEEDED).order_by()
    last = runs.filter(status=Status.SUCCEEDED, finished_at__isnull=False).order_by("-finished_at")
    done = Submission.objects.filter(wanted).alias(unfinished=Subquery(unfinished.values("pk")[:1]))
    ended = done.filter(unfinished=None).annotate(ended=Subquery(last.values("finished_at")[:1]))
    newest = ended.order_by(F("ended").desc(nulls_last=True)).select_related("method", "upload")
    for entry in newest[:MOST]:
        if entry.ended is not None:
            text = f"{entry.heading} on {entry.benchmark}"
            yield Item(id=entry.pk, title=str(entry), text=text, at=entry.ended, submission=entry.pk)


def _corrected(wanted: Q) -> Iterator[Item]:
    entries = Submission.objects.filter(wanted).order_by().values("pk")
    rulings = Ruling.objects.filter(submission__in=entries).order_by("-pk")
    for ruling in rulings.select_related("submission__method", "submission__upload")[:MOST]:
        yield Item(
            id=uuid.uuid5(ruling.submission_id, f"ruling {ruling.pk}"),
            title=f"{ruling.submission}: {CORRECTED[ruling.verb]}",
            text=ruling.reason,
            at=ruling.at,
            submission=ruling.submission_id,
        )
