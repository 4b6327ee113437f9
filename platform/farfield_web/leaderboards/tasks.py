"""The site worker's tasks for boards. All are safe to run twice."""

from celery import shared_task

from farfield_web.celery import COMPARE, RANK
from farfield_web.leaderboards import overtaken
from farfield_web.leaderboards.comparing import compare_all, compare_named
from farfield_web.leaderboards.tops import rank_asked, rank_entered
from farfield_web.submissions.models import Submission


@shared_task(name=RANK, ignore_result=True)
def rank(benchmark: str, tier: str) -> None:
    """Before: any. After: the board is ranked as it is now, by its headline and by what readers have ordered it by."""
    entered = Submission.objects.filter(benchmark=benchmark, tier=tier)
    rank_entered(entered)
    rank_asked(entered)


@shared_task(name=COMPARE, ignore_result=True)
def compare(benchmark: str = "", tier: str = "") -> None:
    """Compare the entries of a board, or of all boards where none is named, with one another.

    Before: any. After: the board is ranked as by `rank`, every column of it has a comparison of the entries that it
    ranks now, and whose entry was overtaken is told, if they asked. A second pass finds nothing to do.
    """
    entered = Submission.objects.filter(benchmark=benchmark, tier=tier) if benchmark else Submission.objects.all()
    rank_entered(entered)  # before the comparing, which takes its time, and with what it finds
    if benchmark:
        compare_named(benchmark, tier)
        overtaken.look(benchmark, tier)
    else:
        compare_all()
        overtaken.look_at_all()
    rank_entered(entered)
    rank_asked(entered)
