"""The site worker's tasks for boards. All are safe to run twice."""

from celery import shared_task

from farfield_web.celery import COMPARE
from farfield_web.leaderboards import overtaken
from farfield_web.leaderboards.comparing import compare_all, compare_named


@shared_task(name=COMPARE, ignore_result=True)
def compare(benchmark: str = "", tier: str = "") -> None:
    """Compare the entries of a board, or of all boards where none is named, with one another.

    Before: any. After: every column of the board has a comparison of the entries that it ranks now, and whose entry was
    overtaken is told, if they asked. A second pass finds
    nothing to do.
    """
    if benchmark:
        compare_named(benchmark, tier)
        overtaken.look(benchmark, tier)
    else:
        compare_all()
        overtaken.look_at_all()
