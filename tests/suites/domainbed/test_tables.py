"""The report: figures by hand, and the layout of what DomainBed's own script prints."""

import csv
import io
import json
import re
from collections.abc import Sequence

import pytest
from tests.suites.domainbed.sweeps import by_hash, record, sweep, vlcs

from farfield_evaluators.suites.domainbed.formats import FORMATS, as_csv, as_json, cell_text, latex, text
from farfield_evaluators.suites.domainbed.selection import IID, LOO, ORACLE, RULES, SelectionRule
from farfield_evaluators.suites.domainbed.tables import Cell, Row, Table, cell, report, row


def test_a_cell_is_the_mean_with_the_standard_error_over_trials() -> None:
    assert cell_text(cell([0.1, 0.2, 0.3])) == "20.0 +/- 4.7"  # 100 sqrt(.02 / 3) / sqrt(3)
    assert cell_text(cell([0.85])) == "85.0 +/- 0.0"
    assert cell_text(cell([])) == "X"


def test_the_average_of_a_row_is_of_unrounded_means_and_missing_where_one_is() -> None:
    cells = [cell([0.1004]), cell([0.2004]), cell([0.3004])]
    assert row("ERM", cells).average == pytest.approx(20.04)
    assert row("ERM", [*cells, cell([])]).average is None
    assert row("ERM", []).average is None


@pytest.mark.parametrize(("rule", "figure"), [(IID, "98.0 +/- 0.2"), (LOO, "96.9 +/- 1.0"), (ORACLE, "96.9 +/- 1.0")])
def test_domainbeds_own_sweep_gives_the_figures_that_it_checked_by_hand(rule: SelectionRule, figure: str) -> None:
    (of_vlcs, _) = report(vlcs(), [rule])
    assert of_vlcs.columns == ("C", "L", "S", "V")
    assert [cell_text(c) for c in of_vlcs.rows[0].cells] == [figure, "X", "X", "X"]


# The tables of that sweep, by DomainBed's script, for one rule; a bar stands for the end of a line.
PRINTED = """\
Total records: 200

-------- Dataset: VLCS, model selection method: training-domain validation set
Algorithm             C                     L                     S                     V                     Avg                  |
ERM                   98.0 +/- 0.2          64.2 +/- 0.8          74.1 +/- 0.4          77.1 +/- 0.2          78.3                 |

-------- Averages, model selection method: training-domain validation set
Algorithm                  VLCS                       Avg                       |
ERM                        78.3 +/- 0.0               78.3                      |
""".replace("|\n", "\n")  # noqa: E501


def made(columns: Sequence[str], figures: Sequence[tuple[float, float]], average: float, dataset: str | None) -> Table:
    cells = tuple(Cell(mean=mean, stderr=stderr, trials=2) for mean, stderr in figures)
    rows = (Row(algorithm="ERM", cells=cells, average=average),)
    return Table(rule="iid", rule_title=IID.title, dataset=dataset, columns=tuple(columns), rows=rows)


def test_text_has_the_layout_of_domainbeds_script_to_the_letter() -> None:
    figures = [(98.0, 0.2), (64.2, 0.8), (74.1, 0.4), (77.1, 0.2)]
    tables = [made("CLSV", figures, 78.3, "VLCS"), made(["VLCS"], [(78.3, 0.0)], 78.3, None)]
    assert text(tables, 200) == PRINTED


def test_latex_has_the_layout_of_domainbeds_script() -> None:
    lines = latex(report(sweep(by_hash), [IID, ORACLE]), 9).splitlines()
    assert lines[:6] == [
        *(r"\documentclass{article}", r"\usepackage{booktabs}", r"\usepackage{adjustbox}", r"\begin{document}"),
        *(r"\section{Full DomainBed results}", "% Total records: 9"),
    ]
    assert lines[6:14] == [
        *("", r"\subsection{Model selection: training-domain validation set}"),
        *("", r"\subsubsection{ColoredMNIST}", ""),
        *(r"\begin{center}", r"\adjustbox{max width=\textwidth}{%", r"\begin{tabular}{lcccc}"),
    ]
    assert lines[14:16] == [
        r"\toprule",
        " & ".join(rf"\textbf{{{n}}}".ljust(20) for n in ("Algorithm", r"+90\%", r"+80\%", r"-90\%", "Avg")) + r" \\",
    ]
    assert re.fullmatch(r"ERM {18}& (\d+\.\d \$\\pm\$ 0\.0 {7,8}& ){3}\d+\.\d {16} \\\\", lines[17])
    assert lines[18:21] == [r"\bottomrule", r"\end{tabular}}", r"\end{center}"]
    assert sum(line.startswith(r"\subsection") for line in lines) == 2
    assert sum(line.startswith(r"\subsubsection{Averages}") for line in lines) == 2
    assert lines[-1] == r"\end{document}"


def test_latex_escapes_what_names_may_hold() -> None:
    made_by = latex(report(sweep(by_hash, algorithms=["IB_ERM"]), [IID]), 9)
    assert r"IB\_ERM " in made_by
    assert not re.search(r"(?<!\\)[_]", made_by.replace(r"\_", ""))


def test_long_names_widen_a_column_and_are_not_cut() -> None:
    name = "a-method-with-a-name-of-more-than-twenty-letters"
    assert any(
        line.startswith(name + "  ") for line in text(report(sweep(by_hash, algorithms=[name]), [IID]), 9).split("\n")
    )


def test_algorithms_and_data_sets_come_in_domainbeds_order() -> None:
    records = [
        *sweep(by_hash, algorithms=["udim", "VREx", "ERM", "car-ft", "IRM"]),
        *sweep(by_hash, dataset="Styles", steps=1),
        *sweep(by_hash, dataset="PACS", steps=1),
    ]
    tables = report(records, [IID])
    assert [t.dataset for t in tables] == ["ColoredMNIST", "PACS", "Styles", None]
    assert tables[-1].columns == ("ColoredMNIST", "PACS", "Styles")
    for table in tables:
        assert [r.algorithm for r in table.rows] == ["ERM", "IRM", "VREx", "car-ft", "udim"]


def test_an_algorithm_without_records_of_a_data_set_is_missing_there() -> None:
    records = [*sweep(by_hash, algorithms=["ERM", "IRM"]), *sweep(by_hash, dataset="PACS", steps=1)]
    colored, pacs, averages = report(records, [IID])
    assert [r.average is None for r in colored.rows] == [False, False]
    assert [cell_text(c) for c in pacs.rows[1].cells] == ["X"] * 4
    assert [cell_text(c) for c in averages.rows[1].cells][1] == "X"
    assert averages.rows[1].average is None


def test_the_averages_are_over_environments_first_and_then_over_trials() -> None:
    records = [
        record([a, a, a], [1, 1, 1], test_envs=[env], trial_seed=trial)
        for trial, accuracies in enumerate([(0.2, 0.4, 0.6), (0.4, 0.6, 0.8)])
        for env, a in enumerate(accuracies)
    ]
    _, averages = report(records, [IID])
    (found,) = averages.rows[0].cells
    assert cell_text(found) == "50.0 +/- 7.1"  # of .4 and .6: .1 / sqrt(2)
    assert found.trials == 2


def test_the_averages_of_an_unfinished_sweep_are_over_what_each_trial_has() -> None:
    records = [record([0.2] * 3, [1] * 3), record([0.6] * 3, [1] * 3, test_envs=[1])]
    colored, averages = report(records, [IID])
    assert colored.rows[0].average is None
    assert cell_text(averages.rows[0].cells[0]) == "40.0 +/- 0.0"


def test_json_holds_all_digits_and_null_for_what_is_missing() -> None:
    read = json.loads(as_json(report(vlcs(), [IID]), 80))
    assert read["records"] == 80
    of_vlcs, averages = read["tables"]
    assert (of_vlcs["selection"], of_vlcs["dataset"], averages["dataset"]) == ("iid", "VLCS", None)
    (only,) = of_vlcs["rows"]
    assert only["cells"][0]["mean"] == pytest.approx(50 * (1105 + 1113) / 1132)
    assert only["cells"][1] == {"mean": None, "stderr": None, "trials": 0}
    assert only["average"] is None


def test_csv_has_a_line_for_each_cell() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(report(vlcs(), RULES), 80))))
    assert len(rows) == 3 * (5 + 2)
    first = [rows[0][key] for key in ("selection", "dataset", "algorithm", "column", "trials", "text")]
    assert first == ["iid", "VLCS", "ERM", "C", "2", "98.0 +/- 0.2"]
    assert float(rows[0]["mean"]) == pytest.approx(50 * (1105 + 1113) / 1132)
    assert [r["text"] for r in rows[1:5]] == ["X", "X", "X", "X"]
    assert (rows[5]["dataset"], rows[5]["column"], rows[6]["column"]) == ("", "VLCS", "Avg")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_newline(name: str) -> None:
    written = FORMATS[name](report(sweep(by_hash), RULES), 9)
    assert written.endswith("\n")
    assert not written.endswith("\n\n")
