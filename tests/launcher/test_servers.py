"""The embedded servers as every test sees them."""

import os

import psycopg
import redis


def test_the_database_of_the_session_is_postgresql_18() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.info.server_version // 10_000 == 18


def test_the_broker_of_the_session_asks_for_its_password_and_evicts_nothing() -> None:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert len(client.config_get("requirepass")["requirepass"]) == 32
