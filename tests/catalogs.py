"""A catalog other than the installed one, for a test."""

from dataclasses import replace

import pytest

from farfield_evaluators import catalog as module
from farfield_evaluators.suite import Importer
from farfield_evaluators.suite_loading import InstalledSuite


def replace_importer(monkeypatch: pytest.MonkeyPatch, importer: Importer) -> None:
    """The installed suites, but one importer is another."""

    def replaced(each: InstalledSuite) -> InstalledSuite:
        others = tuple(importer if own.name == importer.name else own for own in each.suite.importers())
        return replace(each, suite=replace(each.suite, importers=lambda: others))

    installed = module.catalog()
    other = replace(installed, installed=tuple(replaced(each) for each in installed.installed))
    monkeypatch.setattr("farfield_evaluators.commands.catalog", lambda: other)
