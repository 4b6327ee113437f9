"""What a person can do about a failed run, by its stable code. An unknown code falls back to its first part."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Advice:
    """A failure's name, and the next step."""

    title: str
    todo: str


_OURS = "It is not your doing. Try again; if it fails again, tell the operator the code and the address of this page."
_CHECK = "Run the conformance test of farfield.testing, correct the plugin, and have its new version installed."

_BY_CODE = {
    "resources.time": Advice(
        title="It took too long",
        todo="Choose settings that need less time, or declare more minutes in the method's Resources.",
    ),
    "resources.memory": Advice(
        title="It ran out of memory",
        todo="Choose a smaller batch or model, or declare more memory in the method's Resources.",
    ),
    "resources.output": Advice(
        title="It wrote too much",
        todo="Write less to the work folder and to the log. Predictions themselves always fit.",
    ),
    "plugin.crashed": Advice(
        title="The method's process ended without a result",
        todo="Read the end of the log, then run farfield evaluate on your own machine to see it happen.",
    ),
    "plugin.raised": Advice(
        title="The method raised an error",
        todo="The message and the log say where. Run farfield evaluate with the same settings to reproduce it.",
    ),
    "plugin.bad_config": Advice(
        title="The settings do not fit the method",
        todo="The method has probably changed since they were entered. Submit again with the current form.",
    ),
    "plugin.protocol": Advice(title="The method broke its protocol", todo=_CHECK),
    "plugin.broken_import": Advice(
        title="The plugin could not be loaded",
        todo="A package it imports is missing on the worker, or its entry point is wrong. The log has the error.",
    ),
    "plugin.unknown_name": Advice(
        title="The worker does not have this method",
        todo="Choose one from the list of methods, or ask the operator to install the plugin.",
    ),
    "plugin.wrong_family": Advice(
        title="The method is of another family",
        todo="Submit it to a benchmark of its own family; its page lists them.",
    ),
    "benchmark.withdrawn": Advice(
        title="The benchmark has changed",
        todo="Submit to its present version; results of different versions are never compared.",
    ),
    "predictions.invalid": Advice(
        title="The predictions could not be scored",
        todo="Every test image needs finite numbers of the right shape. " + _CHECK,
    ),
}
_BY_PREFIX = {
    "resources": Advice(title="It used more than it may", todo="Choose settings that need less, or declare more."),
    "plugin": Advice(title="The method failed", todo=_CHECK),
    "predictions": Advice(title="The predictions could not be scored", todo=_CHECK),
    "run": Advice(title="The run was ended", todo="Try again if you still want the result."),
}
_FALLBACK = Advice(title="The platform failed", todo=_OURS)


def advice_for(code: str) -> Advice:
    """The advice for a failure code; platform failures are ours and say so."""
    return _BY_CODE.get(code) or _BY_PREFIX.get(code.partition(".")[0], _FALLBACK)
