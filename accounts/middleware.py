"""The user's own language on every page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

# They answer while the database is away, so nobody asks who calls.
PROBES = frozenset({"/healthz", "/readyz"})


class UserLanguageMiddleware:
    """Activates the language of the signed-in user; the browser's stays where none is chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, written in the user's language."""
        if request.path in PROBES:
            return self.get_response(request)
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
