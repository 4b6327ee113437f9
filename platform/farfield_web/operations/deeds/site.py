"""Whether the site takes anything new."""

from django.utils import timezone

from farfield_web.operations.deeds.base import Deed, Done, Field, OperateError, Values
from farfield_web.operations.intake import pause_now
from farfield_web.operations.models import Pause


def _pause(values: Values) -> Done:
    if pause_now():
        raise OperateError("operate.no_change", "The site is paused already; let it go on first.")
    Pause.objects.create(sentence=values["reason"], at=timezone.now())
    return Done(said="Nothing new is taken; what is queued goes on.", what="the site")


def _resume(values: Values) -> Done:
    pause = pause_now()
    if pause is None:
        raise OperateError("operate.no_change", "The site is not paused.")
    Pause.objects.filter(pk=pause.pk).update(ended_at=timezone.now())
    return Done(said="New submissions are taken again.", what="the site", facts={"sentence": pause.sentence})


SENTENCE = Field(name="reason", help="A sentence that stands on every form: why, and until when.")
DEEDS = (
    Deed(
        name="pause",
        title="Pause the intake",
        about="Nothing new is taken, and no retries; what is queued goes on.",
        fields=(SENTENCE,),
        do=_pause,
        public=True,
        danger=True,
    ),
    Deed(name="resume", title="Take submissions again", about="Ends the pause.", fields=(), do=_resume),
)
