"""Around every request, of pages and API alike."""

from collections.abc import Callable
from contextlib import suppress

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

    An answer that says how it may be kept stays as it is.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with its Cache-Control."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        return response
