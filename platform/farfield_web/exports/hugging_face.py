"""An entry's figures as the Hugging Face Hub reads results in a model's repository: a file in `.eval_results/`.

Format: huggingface/hub-docs, `eval_results.yaml`. Values are in the unit that the board shows. The Hub lists them where
the data set of that name has registered as a benchmark; by itself it is called as the benchmark is here.
"""

from typing import Any

import yaml

from farfield_evaluators.figure import Figure
from farfield_web import published
from farfield_web.exports.finished import Finished

PER_CENT = 100


def as_eval_results(done: Finished, page: str, dataset: str = "") -> str:
    """The file, a figure of the board an item; `page` is the entry's address, `dataset` the Hub's name of the data."""
    figures = (done.entry.published.figure(column) for column in done.benchmark.columns)
    items = [_item(done, figure, page, dataset or done.benchmark.name) for figure in figures if figure is not None]
    return yaml.safe_dump(items, sort_keys=False, allow_unicode=True)


def _item(done: Finished, figure: Figure, page: str, dataset: str) -> dict[str, Any]:
    scale = PER_CENT if done.benchmark.metric(figure.metric).unit == "%" else 1
    error = "" if figure.stderr is None else f"standard error {published.error(figure.stderr * scale):g}; "
    run = "" if done.entry.verified else "predictions, not run by the site; "
    return {
        "dataset": {"id": dataset, "task_id": f"{figure.domain}.{figure.metric}"},
        "value": published.figure(figure.value * scale),
        "date": done.ended.date().isoformat(),
        "source": {"url": page, "name": "Farfield"},
        "notes": f"{run}{error}track {done.entry.submission.track}; trials {figure.trials}; key {done.key[:8]}",
    }
