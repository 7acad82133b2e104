"""API tokens: one's own, and for administrators everybody's."""

from typing import cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import ApiToken, User
from rotation.directory.permissions import Action, may
from rotation.web.access import actor, by, page
from rotation.web.forms.tokens import TokenForm
from rotation.workflows.keep_tokens import make_token, revoke_token


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.KEEP_OWN_TOKENS)
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens; make one and show its key, this once."""
    form, key, now = TokenForm(request.POST or None), "", timezone.now()
    if form.is_valid():
        user = cast("User", request.user)
        key, _token = make_token(user, **form.cleaned_data, by=by(request), now=now)
        form = TokenForm()
    found = tokens_seen_by(request).order_by("-expires_at", "pk")
    values = {
        "form": form,
        "key": key,
        "now": now,
        "own": [token for token in found if token.user_id == request.user.pk],
        "others": [token for token in found if token.user_id != request.user.pk],
        "sees_all": may(actor(request), Action.MANAGE_TOKENS),
    }
    return render(request, "rotation/tokens.html", values, status=400 if form.errors else 200)


@require_POST
@page(Action.KEEP_OWN_TOKENS)
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token at once."""
    token = get_object_or_404(tokens_seen_by(request), pk=token_id)
    revoke_token(token.pk, by=by(request), now=timezone.now())
    messages.success(request, _("The token is revoked; who uses it is refused from now on."))
    return redirect("tokens")


def tokens_seen_by(request: HttpRequest) -> QuerySet[ApiToken]:
    """Return the user's tokens; of administrators all."""
    found = ApiToken.objects.select_related("user")
    if may(actor(request), Action.MANAGE_TOKENS):
        return found
    return found.filter(user=request.user.pk)
