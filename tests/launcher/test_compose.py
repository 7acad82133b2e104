"""The compose file has what production needs and holds no secret."""

import re
from typing import Any

import pytest
import yaml

from launcher.configuration import CHECKOUT

TEXT = (CHECKOUT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
OURS = ("web", "worker", "beat")
SERVERS = ("postgres", "redis")


def test_every_service_is_there() -> None:
    assert set(SERVICES) == {*OURS, *SERVERS, "prepare"}


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


def test_the_broker_appends_and_evicts_nothing() -> None:
    configured = SERVICES["redis"]["command"][-1]
    assert "appendonly yes" in configured
    assert "maxmemory-policy noeviction" in configured
    assert "requirepass" in configured


def test_servers_keep_their_data_and_are_not_reachable_from_outside() -> None:
    for name in SERVERS:
        assert len(SERVICES[name]["volumes"]) == 1
        assert "ports" not in SERVICES[name]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:${ROTATION_PORT:-8000}:8000"]


def test_every_secret_comes_from_outside_and_must_be_given() -> None:
    for service in SERVICES.values():
        for key, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|DATABASE_URL|REDIS_URL|EMAIL_URL|AUTH$", key):
                assert re.search(r"\$\{\w+:\?", value), key


def test_the_image_runs_as_an_ordinary_user() -> None:
    lines = (CHECKOUT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER rundgang"]
    assert sum(line.startswith("FROM ") for line in lines) == 2
