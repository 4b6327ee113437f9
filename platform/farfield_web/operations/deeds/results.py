"""What becomes of a result that differs from the accepted one of the same key."""

from collections.abc import Callable

from django.utils import timezone

from farfield_web.changed import changed
from farfield_web.operations.deeds.base import PUBLIC_REASON, Deed, Done, Field, Kind, OperateError, Values
from farfield_web.operations.models import Decision, Result, Verdict

ENTRY = Field(name="submission", help="The number of the submission with the changed result.", kind=Kind.SUBMISSION)


def _decide(decision: Decision, said: str) -> Callable[[Values], Done]:
    def do(values: Values) -> Done:
        submission = values["submission"]
        result = Result.objects.select_for_update().filter(submission=submission, verdict=Verdict.CHANGED).first()
        if result is None:
            raise OperateError("operate.no_change", "Its result is not one that changed.", "submission")
        if result.decision == decision:
            raise OperateError("operate.no_change", f"This was decided already: {decision}.", "submission")
        before, result.decision = result.decision, decision
        result.decided_at, result.reason = timezone.now(), values["reason"]
        result.save(update_fields=["decision", "decided_at", "reason"])
        changed(submission.benchmark, submission.tier)
        facts = {"against": str(result.against_id), "before": before, "changes": result.changes}
        return Done(said=said, what=f"submission {submission.pk}", facts=facts)

    return do


DEEDS = (
    Deed(
        name="keep-result",
        title="Keep the older result",
        about="The boards go on with the figures that were accepted; the newer entry stays off them, readable.",
        fields=(ENTRY, PUBLIC_REASON),
        do=_decide(Decision.KEEP, "The boards keep the older result."),
        public=True,
    ),
    Deed(
        name="replace-result",
        title="Take the newer result",
        about="The newer figures are the accepted ones; the older entry goes off the boards, readable.",
        fields=(ENTRY, PUBLIC_REASON),
        do=_decide(Decision.REPLACE, "The boards have the newer result."),
        public=True,
    ),
)
