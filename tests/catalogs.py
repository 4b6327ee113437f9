"""A catalog other than the installed one, for a test."""

from dataclasses import replace

import pytest

from farfield_evaluators import catalog as module
from farfield_evaluators.suite import Importer, Suite


def replace_importer(monkeypatch: pytest.MonkeyPatch, importer: Importer) -> None:
    """The installed suites, but one importer is another."""

    def replaced(suite: Suite) -> Suite:
        others = tuple(importer if own.name == importer.name else own for own in suite.importers())
        return replace(suite, importers=lambda: others)

    installed = module.catalog()
    other = replace(installed, suites=tuple(replaced(suite) for suite in installed.suites))
    monkeypatch.setattr("farfield_evaluators.commands.catalog", lambda: other)
