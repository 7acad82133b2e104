"""Servers that the environment names instead of the embedded ones: do they answer?"""

from urllib.parse import urlsplit

import psycopg
import redis

from launcher.problems import LaunchError

PATIENCE = 5


def check_database(url: str) -> None:
    """Connect once.

    Raises:
        LaunchError: no PostgreSQL answers there, or it refuses us.
    """
    address = "postgresql" + url[url.find("://") :]
    try:
        psycopg.connect(address, connect_timeout=PATIENCE).close()
    except psycopg.Error as error:
        raise LaunchError(_refused("DATABASE_URL", "PostgreSQL 15+", url, error)) from None


def check_broker(url: str) -> None:
    """Ping once.

    Raises:
        LaunchError: no Redis answers there, or it refuses us.
    """
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=PATIENCE) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise LaunchError(_refused("REDIS_URL", "Redis 7+", url, error)) from None


def _refused(name: str, wanted: str, url: str, error: Exception) -> str:
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2] or "an unreadable address"  # never the password
    reason = (str(error).strip().splitlines() or ["no reason given"])[0]
    if parts.password:
        reason = reason.replace(parts.password, "***")
    return f"{name} names {where}, but no {wanted} can be used there: {reason}."
