"""The `farfield` command within the process of a test: what it says and its status, without another interpreter."""

import io
import os
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from farfield.cli import main


def run_here(
    *arguments: str, environment: Mapping[str, str] = os.environ, cwd: Path | None = None
) -> tuple[int, str, str]:
    """The status, standard output and standard error of a command with that environment, in that folder.

    An exception that would end the command with a traceback is raised.
    """
    said, complaints = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path.cwd()):
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        with redirect_stdout(said), redirect_stderr(complaints):
            try:
                status = main(arguments)
            except SystemExit as end:  # argparse's, for wrong words
                assert isinstance(end.code, int)
                status = end.code
    return status, said.getvalue(), complaints.getvalue()
