"""In which form an answer is sent: by `?format=`, or by Accept."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation


class KnownFormats(DefaultContentNegotiation):
    """As REST framework does, but a format that is not written here is 406, not 404."""

    def filter_renderers(self, renderers: Sequence[Any], format: str) -> list[Any]:  # noqa: A002 -- theirs
        """Return what writes `format`.

        Raises:
            NotAcceptable: nothing does; the sentence names what can be written.
        """
        try:
            return super().filter_renderers(renderers, format)
        except Http404 as error:
            known = ", ".join(renderer.format for renderer in renderers)
            text = _("Ask for one of these formats: %(formats)s.") % {"formats": known}
            raise NotAcceptable(text) from error
