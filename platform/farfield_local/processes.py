"""What a site consists of: each process with its arguments, environment and log."""

import os
import shlex
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from farfield_local.child import Command
from farfield_local.keys import secret
from farfield_local.leftovers import MARK

LEASE_SECONDS = 20
HEARTBEAT_SECONDS = 2
WEB = "web server"
EVALUATION_WORKER = "evaluation worker"  # a part of the name of each
# Of the methods of the demo none takes more.
MEMORY_OF_A_RUN = 6 << 30
MOST_RUNS = 4
# A worker alone on its queue has nobody to gossip with.
ALONE = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
# Nothing of the surrounding shell may reach a site that is to be the same everywhere.
# What an operator may set for the evaluation worker; see the operator guide.
WORKER_SETTINGS = (
    "FARFIELD_BASE",
    "FARFIELD_INDEXES",
    "FARFIELD_INDEX_CERTIFICATES",
    "FARFIELD_MAX_MEMORY_GIB",
    "FARFIELD_MAX_MINUTES",
    "FARFIELD_PLUGIN_PATH",
    "FARFIELD_SANDBOX",
    "FARFIELD_SANDBOX_USER",
    "FARFIELD_THREADS",
)
OF_THE_PLAN = frozenset(
    f"FARFIELD_{name}" for name in ("VAR", "SITE_URL", "BROKER_URL", "WORKER_TOKEN", "DATABASE_URL", "SECRET_KEY")
)
NOT_PASSED_ON = ("FARFIELD_", "DJANGO_", "CELERY_", "PG", "PYTHONPATH", "PYTHONHOME")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Where the parts of the site are. The addresses of services hold no passwords: their sockets are private.

    `settings` are further FARFIELD_* variables of every process, which win over the built-in ones.
    """

    var: Path
    site: str
    database: str
    broker: str
    web_socket: int
    worker_token: str = field(repr=False)
    secret_key: str = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)


def plan(
    var: Path, *, site: str, database: str, broker: str, web_socket: int, settings: Mapping[str, str] | None = None
) -> Plan:
    """With the secrets of this folder, which are made on the first start."""
    secrets = var / "secrets"
    return Plan(
        var=var,
        site=site,
        database=database,
        broker=broker,
        web_socket=web_socket,
        worker_token=secret(secrets, "worker-token"),
        secret_key=secret(secrets, "secret-key"),
        settings=settings or {},
    )


def while_working(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of a site that somebody works on: with debug, and with what their shell says of FARFIELD_*.

    Where the parts of the site are is the plan's to say.
    """
    given = {k: v for k, v in environment.items() if k.startswith("FARFIELD_") and k not in OF_THE_PLAN}
    return {"FARFIELD_DEBUG": "true", **given}


def commands(plan: Plan, evaluators: int = 1) -> tuple[Command, ...]:
    """In the order they are started: evaluation workers take longest, the others need the migrated database."""
    threads = max(1, (os.cpu_count() or 1) // evaluators)
    first = evaluation_worker(plan, threads=threads)
    numbers = range(2, evaluators + 1)
    more = [evaluation_worker(plan, f"{EVALUATION_WORKER} {n}", f"demo-worker-{n}", threads) for n in numbers]
    return first, *more, web(plan), site_worker(plan), beat(plan)


def parallel_runs() -> int:
    """How many runs this machine carries at once: one for each core, with the memory of a large one for each.

    A run of a light method spends most of its time on one core, loading and starting.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // MEMORY_OF_A_RUN, MOST_RUNS))


def web(plan: Plan) -> Command:
    """The web server; it migrates the database first."""
    return _python(
        plan, WEB, "-m", "farfield_local.web", str(plan.web_socket), env=_site(plan), inherit=plan.web_socket
    )


def site_worker(plan: Plan) -> Command:
    """Stores reports and reaps. Pool `solo`: its tasks are short, and no pool process can be left behind."""
    return _celery(
        plan, "site worker", "farfield_web.celery", "worker", "-Q", "site", "-P", "solo", *ALONE, env=_site(plan)
    )


def beat(plan: Plan) -> Command:
    """The clock of the reaper, a process of its own so that it is watched too; it has no file that could be damaged."""
    options = ("--scheduler", "celery.beat:Scheduler", "--loglevel", "INFO")
    return _celery(plan, "clock", "farfield_web.celery", "beat", *options, env=_site(plan))


def evaluation_worker(
    plan: Plan, name: str = EVALUATION_WORKER, worker: str = "demo-worker", threads: int | None = None
) -> Command:
    """Evaluates. It holds no database address: it claims over HTTP and reports through the queue.

    `name` is the process's, `worker` what the site calls it; a second one needs others. `threads` are those of a run's
    arithmetic, one for each core if not given.
    """
    options = ("-Q", "evaluate.cpu", "-P", "threads", "-c", "1", *ALONE)
    env = {"FARFIELD_WORKER_NAME": worker} | ({} if threads is None else {"FARFIELD_THREADS": str(threads)})
    env |= {k: os.environ[k] for k in WORKER_SETTINGS if k in os.environ}
    return _celery(plan, name, "farfield_workers.app", "worker", *options, env=env)


def _celery(plan: Plan, name: str, app: str, *args: str, env: Mapping[str, str]) -> Command:
    return _python(plan, name, "-m", "celery", "-A", app, *args, env=env)


def _python(plan: Plan, name: str, *args: str, env: Mapping[str, str], inherit: int | None = None) -> Command:
    return Command(
        name=name,
        args=(sys.executable, *args),
        log=plan.var / "log" / f"{name.replace(' ', '-')}.log",
        folder=plan.var / "run",
        env={**_inherited(), **_everyone(plan), **env, **plan.settings},
        orphan_signal=signal.SIGKILL,
        inherit=() if inherit is None else (inherit,),
    )


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(NOT_PASSED_ON)}


def _everyone(plan: Plan) -> dict[str, str]:
    return {
        MARK: str(plan.var),
        "FARFIELD_VAR": str(plan.var),
        "FARFIELD_SITE_URL": plan.site,
        "FARFIELD_BROKER_URL": plan.broker,
        "FARFIELD_WORKER_TOKEN": plan.worker_token,
        "FARFIELD_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
        "PYTHONUNBUFFERED": "1",
    }


def for_manage(plan: Plan) -> str:
    """Lines of a shell that give `manage.py` this site's settings."""
    values = {name: value for name, value in {**_everyone(plan), **_site(plan)}.items() if name != MARK}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def _site(plan: Plan) -> dict[str, str]:
    """What the site's own processes know in addition."""
    return {
        "DJANGO_SETTINGS_MODULE": "farfield_web.settings",
        "FARFIELD_DATABASE_URL": plan.database,
        "FARFIELD_SECRET_KEY": plan.secret_key,
        "FARFIELD_LEASE_SECONDS": str(LEASE_SECONDS),
        "FARFIELD_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "FARFIELD_TRUSTED_ORIGINS": f"{plan.site},{plan.site.replace('127.0.0.1', 'localhost')}",
        "FARFIELD_HTTPS": "false",
        # The demo and its like watch many runs at once, from this machine.
        "FARFIELD_API_CALLS_PER_MINUTE": "20000",
    }
