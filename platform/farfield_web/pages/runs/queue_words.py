"""Where runs stand in the queue, in words."""

from farfield_web.pages.templatetags.figures import duration
from farfield_web.runs.queue import MOST_BEFORE, MOST_WAITING, Outlook

NO_TAKER = "No worker that can run it has been heard of lately: it waits until one comes, or until it is cancelled."


def queue_sentence(prospect: Outlook) -> str:
    """The place in the queue and the estimate, in words."""
    took = f" Runs like it took about {duration(prospect.run_seconds)}." if prospect.run_seconds else ""
    if prospect.of == 0:
        return took.strip()
    return f"{_place(prospect)} in the queue{_to_start(prospect)}.{took}"


def waiting_sentence(first: Outlook, last: Outlook) -> str:
    """The same for the first and the last of the runs of an entry that wait."""
    took = f" A run like these took about {duration(first.run_seconds)}." if first.run_seconds else ""
    later = first.place != last.place and last.wait_seconds is not None
    until = f", the last in about {duration(last.wait_seconds)}" if later else ""
    place = _place(first)
    return f"Its next run is {place[:1].lower()}{place[1:]} in the queue{_to_start(first)}{until}.{took}"


def _place(prospect: Outlook) -> str:
    if prospect.place is None:
        return f"Behind more than {MOST_BEFORE:,} others"
    waiting = f"{prospect.of:,}" if prospect.of is not None else f"more than {MOST_WAITING:,}"
    return "Next" if prospect.place == 1 else f"Number {prospect.place:,} of {waiting}"


def _to_start(prospect: Outlook) -> str:
    return "" if prospect.wait_seconds is None else f", to start in about {duration(prospect.wait_seconds)}"
