"""What each process of a site is told."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from farfield_local.leftovers import MARK
from farfield_local.processes import Plan, commands, evaluation_worker, for_manage, parallel_runs, plan
from farfield_local.site import SETTINGS, _note


@pytest.fixture
def planned(tmp_path: Path) -> Plan:
    urls = {"site": "http://127.0.0.1:8000", "database": "postgres://x", "broker": "redis+socket:///y"}
    return plan(tmp_path, web_socket=7, **urls)


def test_the_evaluation_worker_knows_no_database(planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_DATABASE_URL", "postgres://from-the-shell")
    monkeypatch.setenv("PGPASSWORD", "from the shell")
    env = evaluation_worker(planned).env
    assert not [name for name in env if "DATABASE" in name or "SECRET_KEY" in name or name.startswith("PG")]
    assert "postgres" not in " ".join(env.values()).replace(env.get("PATH", ""), "")


def test_no_secret_is_in_any_command_line_or_representation(planned: Plan) -> None:
    for command in commands(planned):
        for secret in (planned.secret_key, planned.worker_token):
            assert secret not in " ".join(command.args)
            assert secret not in repr(command)
    assert planned.secret_key not in repr(planned)


def test_every_process_has_its_own_log_and_everything_lies_below_var(planned: Plan) -> None:
    made = commands(planned)
    assert len({command.log for command in made}) == len(made)
    for command in made:
        assert planned.var in command.log.parents
        assert command.env["FARFIELD_VAR"] == str(planned.var)


def test_plugins_added_by_the_caller_reach_the_worker(planned: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", "/plugins")
    assert evaluation_worker(planned).env["FARFIELD_PLUGIN_PATH"] == "/plugins"


def test_secrets_stay_the_same_over_starts(planned: Plan, tmp_path: Path) -> None:
    again = plan(tmp_path, site="s", database="d", broker="b", web_socket=1)
    assert (again.secret_key, again.worker_token) == (planned.secret_key, planned.worker_token)


def test_several_evaluation_workers_have_names_and_logs_of_their_own(planned: Plan) -> None:
    made = commands(planned, evaluators=3)
    workers = [command for command in made if command.name.startswith("evaluation worker")]
    assert len({command.env["FARFIELD_WORKER_NAME"] for command in workers}) == 3
    assert len({command.log for command in made}) == len(made) == len(commands(planned)) + 2
    cores = os.cpu_count() or 1
    assert {command.env["FARFIELD_THREADS"] for command in workers} == {str(max(1, cores // 3))}


@pytest.mark.parametrize(("cores", "gib", "runs"), [(2, 24, 2), (2, 8, 1), (1, 64, 1), (64, 512, 4), (8, 2, 1)])
def test_as_many_runs_as_cores_and_memory_carry(
    cores: int, gib: int, runs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr("os.sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": gib << 18}.get)
    assert parallel_runs() == runs


def test_a_shell_can_take_the_settings_of_the_site_and_nobody_else_reads_them(planned: Plan, tmp_path: Path) -> None:
    """The demo's database has an address that nobody could know, so manage.py had nothing to talk to."""
    path = tmp_path / SETTINGS
    path.write_text("old")
    _note(path, for_manage(planned))
    assert path.stat().st_mode & 0o077 == 0
    show = f'. {shlex.quote(str(path))} && printf \'%s\\n%s\' "$FARFIELD_DATABASE_URL" "$DJANGO_SETTINGS_MODULE"'
    done = subprocess.run(["sh", "-c", show], capture_output=True, text=True, check=True)
    assert done.stdout == "postgres://x\nfarfield_web.settings"
    assert MARK not in path.read_text()
