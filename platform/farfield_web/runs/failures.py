"""What a failure code means, in a sentence for the author of the method. The codes are stable: people rely on them."""

from collections.abc import Mapping

LOST_WORKER = "platform.lost_worker"
BAD_REPORT = "platform.bad_report"
WITHDRAWN = "benchmark.withdrawn"
PLATFORM = "platform.error"
RAISED = "plugin.raised"

SENTENCES: Mapping[str, str] = {
    LOST_WORKER: "The worker stopped answering, three times in a row. This is ours to mend; your quota was given back.",
    BAD_REPORT: "The worker's report could not be read. This is ours to mend; your quota was given back.",
    WITHDRAWN: "The benchmark was withdrawn or replaced by a new version before the run started.",
    "platform.bad_job": "The run's inputs could not be read in the sandbox; if it happens again, tell the operator.",
    "platform.no_gpu": "The worker that took the run has no GPU that works. This is ours to mend.",
    "plugin.broken_import": "Your plugin could not be imported on the worker; the log has the traceback.",
    "plugin.unknown_name": "The worker that took the run does not have this method installed.",
    "plugin.wrong_family": "The method is of another family than the benchmark.",
    "plugin.bad_config": "The configuration does not fit the method as it is installed on the worker.",
    "plugin.bad_spec": "The method's specification is not usable as written.",
    "plugin.protocol": "The method returned something its protocol does not allow; run `farfield check` on it.",
    RAISED: "The method raised an exception; the log has the traceback.",
    "plugin.crashed": "The method's process ended without a result; the end of the log may say why.",
    "resources.time": "The method took longer than its declared time; declare more minutes, or do less.",
    "resources.memory": "The method needed more memory than it declared; declare more, or use smaller batches.",
    "resources.output": "The method wrote more files or more log than allowed.",
    "predictions.invalid": "The predictions cannot be scored: wrong shapes, types or values.",
}
OURS = "The platform failed, not your method. This is ours to mend."
UNKNOWN = "The run failed; the message and the log say more."


def sentence(code: str) -> str:
    """The sentence of a code; a general one for a code that a newer worker may send; empty for none."""
    if not code:
        return ""
    return SENTENCES.get(code) or (OURS if code.startswith(("platform.", "data.")) else UNKNOWN)
