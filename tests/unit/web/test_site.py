"""Configuration, headers, schema file and folder rules."""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from kombu.exceptions import OperationalError
from tests.services import start_redis

from farfield_web import celery
from farfield_web.checks import production_is_configured, refuse_unsafe
from farfield_web.runs import failures, tasks

ROOT = Path(__file__).resolve().parents[3]


def ids() -> set[str | None]:
    return {message.id for message in production_is_configured()}


def test_a_complete_configuration_passes(settings: Any) -> None:
    settings.BROKER_URL = "redis://x"
    assert ids() == set()
    refuse_unsafe()


def test_every_gap_is_told_with_a_hint(settings: Any) -> None:
    settings.SECRET_KEY, settings.WORKER_TOKEN, settings.BROKER_URL = "short", "", ""
    assert ids() == {"farfield.E002", "farfield.E003", "farfield.E004"}
    assert all(message.hint for message in production_is_configured())
    with pytest.raises(ImproperlyConfigured, match="FARFIELD_WORKER_TOKEN"):
        refuse_unsafe()


def test_on_a_developers_machine_nothing_is_asked(settings: Any) -> None:
    settings.DEBUG, settings.WORKER_TOKEN = True, ""
    assert ids() == set()


def test_the_site_does_not_start_without_a_secret() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import farfield_web.wsgi"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "FARFIELD_SECRET_KEY is not set" in done.stderr


def test_development_needs_no_secret_and_production_defaults_are_strict() -> None:
    code = (
        "from farfield_web import settings as s;"
        "print(s.DEBUG, bool(s.SECRET_KEY), s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    )

    def printed(**env: str) -> str:
        return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout

    assert printed().split() == ["False", "False", "True", "True", "True"]
    assert printed(FARFIELD_DEBUG="1").split() == ["True", "True", "False", "False", "False"]


@pytest.mark.parametrize(
    ("env", "most"),
    [
        ({}, 2000),
        ({"FARFIELD_MAX_SWEEP_RUNS": "7"}, 7),
        ({"FARFIELD_MAX_SWEEP_RUNS": "7", "FARFIELD_MAX_ENTRY_RUNS": "9"}, 9),
    ],
)
def test_the_former_name_of_a_limit_is_read_where_the_present_one_is_not_set(env: dict[str, str], most: int) -> None:
    code = "from farfield_web import settings; print(settings.MAX_ENTRY_RUNS)"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout == f"{most}\n"


def test_two_sites_on_one_host_have_cookies_of_their_own() -> None:
    code = "from farfield_web import settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME)"

    def names(url: str) -> list[str]:
        env = {"FARFIELD_SITE_URL": url}
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.split()

    first, again, other = (names(f"http://localhost:{port}") for port in (8000, 8000, 8001))
    assert first == again
    assert len({*first, *other}) == 4


def test_platform_stays_the_standard_library() -> None:
    code = "import platform; platform.system()"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
    assert not list((ROOT / "platform").glob("*.py"))


@pytest.mark.services
@pytest.mark.django_db
def test_headers(client: Client) -> None:
    headers = client.get("/healthz").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.services
@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_the_committed_schema_is_the_generated_one() -> None:
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    committed = (ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8")
    assert out.getvalue() == committed, "run: manage.py spectacular --validate --file docs/openapi.yaml"


def test_operating_the_checks_of_the_site_are_shown_by_manage_py() -> None:
    env = {"PATH": "", "FARFIELD_SECRET_KEY": "s" * 40, "FARFIELD_DATABASE_URL": "postgres:///none"}
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    for number in ("E003", "E004", "W001"):
        assert f"farfield.{number}" in done.stderr


@pytest.mark.services
def test_operating_nobody_shuts_a_worker_down_through_the_broker(tmp_path: Path) -> None:
    """Whoever reaches the broker could end every worker by Celery's remote control."""
    broker = start_redis(tmp_path)
    env = {**os.environ, "FARFIELD_BROKER_URL": broker, "FARFIELD_SECRET_KEY": "s" * 40}
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "farfield_web.celery",
        "worker",
        "-Q",
        "site",
        "-P",
        "solo",
        "--loglevel",
        "INFO",
    ]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, env=env, stdout=log, stderr=log) as worker:
        try:
            wait_for(lambda: "ready." in (tmp_path / "log").read_text())
            with Celery(broker=broker) as stranger:
                assert stranger.control.ping(timeout=2) == []
                stranger.control.shutdown()
                time.sleep(2)
            assert worker.poll() is None
        finally:
            worker.terminate()


def wait_for(holds: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.1)


def test_celery_knows_its_tasks_and_keeps_no_results() -> None:
    assert {tasks.store_report.name, tasks.reap.name} == {celery.STORE_REPORT, celery.REAP}
    for name in (celery.STORE_REPORT, celery.REAP):
        assert celery.app.amqp.router.route({}, name)["queue"].name == "site"
    assert celery.app.conf.task_ignore_result
    assert celery.app.conf.accept_content == ["json"]
    assert not celery.app.conf.worker_enable_remote_control


def test_an_idle_site_says_little() -> None:
    quiet = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
    assert not any(logging.getLogger(name).isEnabledFor(logging.INFO) for name in quiet)
    assert logging.getLogger("farfield_web").isEnabledFor(logging.INFO)
    assert celery.app.conf.beat_schedule["reap"]["task"] == celery.REAP


def test_every_failure_code_has_a_sentence() -> None:
    assert all(text.endswith(".") for text in failures.SENTENCES.values())
    assert failures.sentence("brand.new") == failures.UNKNOWN
    assert failures.sentence("platform.brand_new") == failures.OURS
    assert failures.sentence("") == ""


def test_a_broker_that_is_down_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is changed on a site asks its workers for something; kombu would sleep two seconds for each message."""
    nobody_listens = "redis://127.0.0.1:1/0"

    def asleep(seconds: float) -> None:
        raise AssertionError(f"it waits {seconds} s")

    monkeypatch.setattr("kombu.utils.functional.sleep", asleep)
    with celery.app.connection_for_write(nobody_listens) as connection, pytest.raises(OperationalError):
        celery.app.send_task("any", connection=connection, retry=False, ignore_result=True)
