"""Where a page goes when it is done."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def next_page(request: HttpRequest, otherwise: str) -> str:
    """Return the address that the form names as `next`, if it is one of ours, else `otherwise`."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # `redirect` would take a bare word for the name of a view.
    return target if is_ours and target.startswith("/") else otherwise
