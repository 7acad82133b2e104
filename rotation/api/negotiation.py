"""In which form an answer is sent: by `?format=`, or by Accept."""

from collections.abc import Iterable

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer


class KnownFormats(DefaultContentNegotiation):
    """As REST framework does, but a format that is not written here is 406, not 404."""

    def filter_renderers(
        self,
        renderers: Iterable[BaseRenderer],
        format: str,  # noqa: A002 -- theirs
    ) -> list[BaseRenderer]:
        """Return what writes `format`.

        Raises:
            NotAcceptable: nothing does; the sentence names what can be written.
        """
        try:
            return list(super().filter_renderers(renderers, format))
        except Http404 as error:
            known = ", ".join(renderer.format for renderer in renderers)
            text = _("Ask for one of these formats: %(formats)s.") % {"formats": known}
            raise NotAcceptable(text) from error
