"""Limits that no person meets: on the requests of one caller, and on guessing tokens.

Each process counts by itself and asks the broker only every so many requests, so that a limit
costs a request nothing; it is therefore exact to that number for each process. A broker that is
away limits nobody.
"""

import logging
import time
from dataclasses import dataclass
from threading import Lock

import redis
from django.conf import settings
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken

WINDOW_SECONDS = 60
MOST_GUESSES = 100
PATIENCE_SECONDS = 0.25
REST_SECONDS = 30
log = logging.getLogger(__name__)


class Shared:
    """Sums over all processes, kept by the broker for one window."""

    def __init__(self) -> None:
        self._resting_until = 0.0
        self._client: redis.Redis | None = None

    def add(self, key: str, amount: int, now: float) -> int:
        """Add to the sum of `key` and return it; 0 while the broker is away, said once."""
        if now < self._resting_until:
            return 0
        try:
            pipeline = self._connection().pipeline()
            pipeline.incrby(key, amount)
            pipeline.expire(key, 2 * WINDOW_SECONDS)
            return int(pipeline.execute()[0])
        except redis.RedisError as error:
            if not self._resting_until:
                log.warning("no limits while the broker is away: %s", type(error).__name__)
            self._resting_until = now + REST_SECONDS
            return 0

    def _connection(self) -> redis.Redis:
        if self._client is None:
            wait = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
            self._client = redis.Redis.from_url(settings.REDIS_URL, **wait)
        return self._client


@dataclass(slots=True)
class Count:
    """What one process knows of one key: counted here since it last asked, and the sum of all."""

    here: int = 0
    shared: int = 0


class Limit:
    """So many requests of one key in a window of a minute; `step`: how often the sum is asked."""

    def __init__(self, name: str, step: int, shared: Shared) -> None:
        self._name, self._step, self._shared = name, step, shared
        self._lock, self._window = Lock(), 0
        self._counts: dict[str, Count] = {}

    def seconds_to_wait(self, key: str, most: int, now: float) -> int:
        """Count one request and return how long its caller has to wait; 0: not at all."""
        window, passed = divmod(now, WINDOW_SECONDS)
        with self._lock:
            count = self._count(key, int(window))
            count.here += 1
            asks = count.here >= self._step and count.shared <= most
            unsent = count.here
            count.here -= unsent if asks else 0
            count.shared += unsent if asks else 0
        if asks:
            name = f"rundgang:{self._name}:{int(window)}:{key}"
            count.shared = max(count.shared, self._shared.add(name, unsent, now))
        return WINDOW_SECONDS - int(passed) if count.here + count.shared > most else 0

    def _count(self, key: str, window: int) -> Count:
        if window != self._window:
            self._window, self._counts = window, {}
        return self._counts.setdefault(key, Count())


_shared = Shared()
_requests = Limit("requests", 200, _shared)
_guesses = Limit("guesses", 5, _shared)


class EnoughForPeople(BaseThrottle):
    """`API_PER_MINUTE` requests a minute of one token, or of one user's session; 0: no limit."""

    _wait = 0

    def allow_request(self, request: Request, view: object) -> bool:
        """Return whether the caller may go on."""
        del view
        most = settings.API_PER_MINUTE
        if most:
            token = request.auth
            key = f"t{token.pk}" if isinstance(token, ApiToken) else f"u{request.user.pk}"
            self._wait = _requests.seconds_to_wait(key, most, time.time())
        return not self._wait

    def wait(self) -> float:
        """Return the seconds until the caller may go on."""
        return self._wait


def note_guess(request: Request) -> None:
    """Count a token that nobody knows, for the address that sent it; who has a good one goes on.

    Raises:
        Throttled: there were too many in this minute.
    """
    wait = _guesses.seconds_to_wait(_address_of(request), MOST_GUESSES, time.time())
    if wait:
        raise Throttled(wait)


def _address_of(request: Request) -> str:
    """Return where the request came from, as the proxy in front says, where there is one."""
    proxies: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    way = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and len(way) >= proxies:
        return str(way[-proxies].strip())[:64]
    return str(request.META.get("REMOTE_ADDR", ""))
