"""The compose file has what production needs and holds no secret."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from config.celery import app
from launcher.configuration import CHECKOUT, read_configuration
from launcher.product import programs

TEXT = (CHECKOUT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
OURS = ("web", "worker", "mail-worker", "beat", "mail-receiver")
SERVERS = ("postgres", "redis")


def test_every_service_is_there() -> None:
    assert set(SERVICES) == {*OURS, *SERVERS, "prepare"}
    optional = [name for name, service in SERVICES.items() if "profiles" in service]
    assert optional == ["mail-receiver"]


def fits_the_schema(file: Path) -> bool:
    """True when the compose specification's own schema, as check-jsonschema ships it, agrees."""
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run([sys.executable, *command], check=False).returncode == 0


def test_the_file_fits_the_schema_of_the_compose_specification(tmp_path: Path) -> None:
    assert fits_the_schema(CHECKOUT / "docker-compose.yml")
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(TEXT.replace("restart: unless-stopped", "restarts: unless-stopped"))
    assert not fits_the_schema(wrong)


@pytest.mark.parametrize("name", [*OURS, *SERVERS])
def test_a_service_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", OURS)
def test_a_part_waits_for_the_servers_and_the_prepared_database(name: str) -> None:
    conditions = {key: wait["condition"] for key, wait in SERVICES[name]["depends_on"].items()}
    assert conditions == {
        "prepare": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_an_upgrade_keeps_its_backup_where_the_image_lets_it_write() -> None:
    prepare = SERVICES["prepare"]
    assert prepare["command"] == ["python", "manage.py", "upgrade", "--folder", "/backups"]
    assert prepare["volumes"] == ["backups:/backups"]
    assert "--owner rundgang /backups" in (CHECKOUT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", [*OURS, "prepare"])
def test_our_parts_may_do_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service  # the image's own


def queues(name: str) -> str:
    command = SERVICES[name]["command"]
    return str(command[command.index("-Q") + 1])


def test_every_queue_has_a_worker_and_mail_one_of_its_own() -> None:
    known = {queue.name for queue in settings.CELERY_TASK_QUEUES}
    assert {queues("worker"), queues("mail-worker")} == known == {"celery", "mail"}
    assert app.amqp.router.route({}, "rotation.relay_mail")["queue"].name == "mail"
    assert app.amqp.router.route({}, "rotation.receive_replies")["queue"].name == "celery"


def test_the_broker_appends_and_evicts_nothing() -> None:
    configured = SERVICES["redis"]["command"][-1]
    assert "appendonly yes" in configured
    assert "maxmemory-policy noeviction" in configured
    assert "requirepass" in configured


def test_the_database_notices_a_machine_that_vanished() -> None:
    settings_of_it = SERVICES["postgres"]["command"]
    assert settings_of_it[0] == "postgres"
    assert "tcp_keepalives_idle=30" in settings_of_it


def test_servers_keep_their_data_and_are_not_reachable_from_outside() -> None:
    for name in SERVERS:
        assert len(SERVICES[name]["volumes"]) == 1
        assert "ports" not in SERVICES[name]
    for name in ("web", "mail-receiver"):
        (port,) = SERVICES[name]["ports"]
        assert port.startswith("127.0.0.1:")


def test_every_secret_comes_from_outside_and_must_be_given() -> None:
    for service in SERVICES.values():
        for key, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|DATABASE_URL|REDIS_URL|EMAIL_URL|AUTH$", key):
                assert re.search(r"\$\{\w+:\?", value), key


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (CHECKOUT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER rundgang"]
    assert sum(line.startswith("FROM ") for line in lines) == 2


def test_what_must_not_leave_the_machine_is_not_copied_into_the_image() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text().split()
    assert {".env*", ".git", "var"} <= set(ignored)


def test_the_image_serves_as_make_run_does(tmp_path: Path) -> None:
    lines = (CHECKOUT / "Dockerfile").read_text().splitlines()
    (served,) = (json.loads(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD "))
    ours = programs(read_configuration({}), {}, tmp_path)[0].argv[2:]
    alone = {"--graceful-timeout", "5", "--worker-tmp-dir", "/dev/shm"}  # noqa: S108
    addresses = {"0.0.0.0:8000", "127.0.0.1:8000"}
    assert set(served) ^ set(ours) == alone | addresses
