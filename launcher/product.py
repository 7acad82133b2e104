"""The parts of the product and the order in which they start."""

import http
import http.client
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from launcher.bell import Bell
from launcher.configuration import CHECKOUT, Configuration
from launcher.outside import check_broker, check_database
from launcher.ports import LOOPBACK, free_port, is_served, is_taken
from launcher.problems import LaunchError
from launcher.processes import Program, last_reason, start
from launcher.servers import Place, postgres_at, start_postgres, start_valkey, valkey_at
from launcher.supervisor import Supervisor


def start_servers(
    configuration: Configuration,
    place: Callable[[], Place],
    secrets: Mapping[str, str],
    supervisor: Supervisor,
) -> dict[str, str]:
    """Start the embedded servers or ask the named ones; their URLs."""
    urls = {"DATABASE_URL": configuration.database_url, "REDIS_URL": configuration.redis_url}
    pause = supervisor.bell.pause
    if configuration.database_url:
        check_database(configuration.database_url)
    else:
        postgres = postgres_at(place(), secrets["POSTGRES_PASSWORD"])
        process, port = start_postgres(postgres, place().logs / "postgres.log", pause)
        supervisor.adopt(process, postgres.prepare)
        urls["DATABASE_URL"] = postgres.url(port)
    if configuration.redis_url:
        check_broker(configuration.redis_url)
    else:
        valkey = valkey_at(place(), secrets["VALKEY_PASSWORD"])
        process, port = start_valkey(valkey, place().logs / "valkey.log", pause)
        supervisor.adopt(process, lambda: None)
        urls["REDIS_URL"] = valkey.url(port)
    return urls


def mail_environment(configuration: Configuration) -> dict[str, str]:
    """Where mail goes and arrives; empty when both ends are outside.

    Raises:
        LaunchError: the port named for arriving mail is taken.
    """
    wished = configuration.inbound_smtp_port
    if configuration.email_url and not wished:
        return {}
    if wished and is_taken(wished):
        raise LaunchError(f"Port {wished} (ROTATION_INBOUND_SMTP_PORT) is taken: name another one.")
    port = wished or free_port()
    return {
        "EMAIL_URL": configuration.email_url or f"smtp://{LOOPBACK}:{port}",
        "ROTATION_INBOUND_SMTP_PORT": str(port),
        "ROTATION_SMTP": f"{LOOPBACK}:{port}",
    }


def prepare(program: Program, bell: Bell) -> None:
    """Bring database, translations and demo up to date, by this program.

    Raises:
        LaunchError: the command failed; the sentence ends with why and names the log.
        StopRequested: the bell rang; the command was stopped.
    """
    process = start(program)
    try:
        while not process.has_ended():
            bell.pause(0.05)
    finally:
        process.stop()
    if process.popen.returncode:
        reason = last_reason(program.log).rstrip(".")
        raise LaunchError(f"The database could not be prepared: {reason}. More in {program.log}.")


def programs(configuration: Configuration, env: Mapping[str, str], logs: Path) -> list[Program]:
    """Web, mail, worker and beat, in this order; they stop in the reverse one."""
    make = partial(_python, env=env, logs=logs)
    web = ["-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "8"]
    web += ["--workers", str(configuration.web_workers), "-b", f"{LOOPBACK}:{configuration.port}"]
    # Loaded once for all workers: half the start, and a killed worker is back at once.
    web += ["--preload", "--graceful-timeout", "5", "--no-control-socket"]
    found = [make("web", web)]
    if "ROTATION_SMTP" in env:
        found.append(make("mail", ["manage.py", "serve_mail"]))
    celery = ["-m", "celery", "-A", "config"]
    lean = ["--without-gossip", "--without-mingle"]  # for fleets of workers; here only slower
    found.append(make("worker", [*celery, "worker", "-c", "2", *lean, "--loglevel", "info"]))
    schedule = str(configuration.data / "beat-schedule")
    found.append(make("beat", [*celery, "beat", "-s", schedule, "--loglevel", "info"]))
    return found


def prepare_program(env: Mapping[str, str], logs: Path) -> Program:
    """The command that brings the database up to date."""
    return _python("prepare", ["manage.py", "prepare"], env=env, logs=logs)


def upgrade_program(env: Mapping[str, str], logs: Path) -> Program:
    """The command that does so too, and backs up first where there is something to lose."""
    return _python("upgrade", ["manage.py", "upgrade"], env=env, logs=logs)


def _python(name: str, arguments: list[str], *, env: Mapping[str, str], logs: Path) -> Program:
    argv = [sys.executable, *arguments]
    log = logs / f"{name}.log"
    # `prepare` has just checked the system: the worker need not do it again.
    whole = {**os.environ, **env, "PYTHONUNBUFFERED": "1", "CELERY_SKIP_CHECKS": "1"}
    return Program(name, argv, log, env=whole, folder=CHECKOUT)


def answers(port: int, path: str = "/healthz") -> bool:
    """True when the page says 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)  # asks no proxy
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_settled(port: int, env: Mapping[str, str]) -> bool:
    """True when worker, beat and mail do their work too."""
    mail = env.get("ROTATION_SMTP", "").rpartition(":")[2]
    return (not mail or is_served(int(mail))) and answers(port, "/readyz")


def rotate_logs(logs: Path) -> None:
    """Keep the logs of the last run beside the new ones."""
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))
