"""Around every request, of pages and API alike."""

from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from django.http import HttpRequest, HttpResponse

CHUNK, MOST_SWALLOWED = 2**16, 2**26
Handler = Callable[[HttpRequest], HttpResponse]


class BodySwallowed:
    """Reads what nobody wanted of a body: a client that still sends would not hear the answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, once up to `MOST_SWALLOWED` bytes of the rest have come."""
        response = self.get_response(request)
        # Django gives out nothing of a body whose length is not named.
        is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
        stream = request.META["wsgi.input"] if is_chunked else request
        with suppress(OSError):  # the client has gone
            for _chunk in range(MOST_SWALLOWED // CHUNK):
                if not stream.read(CHUNK):
                    break
        return response


class KeptByTheReader:
    """Pages are of one person: shared caches keep none, and the browser asks before a second look.

    No search engine lists any of them, the sign-in included, and none asks for the device's
    sensors. An answer that says itself how it may be kept or found stays as it is.
    """

    HEADERS: ClassVar[dict[str, str]] = {
        "Cache-Control": "private, no-cache",
        "X-Robots-Tag": "noindex",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with these headers."""
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
        return response
