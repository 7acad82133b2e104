"""Webhooks: which other programs are told of what, and how far each message is."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.celery import nudge
from rotation.audit.services import By
from rotation.directory.permissions import Action
from rotation.web.access import by, page
from rotation.web.forms.webhooks import NewWebhookForm, WebhookForm
from rotation.web.record_form import FormPage, ask_and_save
from rotation.webhooks import services
from rotation.webhooks.models import Webhook
from rotation.webhooks.queries import deliveries_of
from rotation.webhooks.signature import secret_of

ON_A_PAGE = 50


@require_safe
@page(Action.MANAGE_WEBHOOKS)
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the webhooks by name."""
    return render(request, "rotation/webhooks.html", {"webhooks": Webhook.objects.all()})


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.MANAGE_WEBHOOKS)
def webhook_new(request: HttpRequest) -> HttpResponse:
    """Ask for a webhook and add it; its page shows the secret, this once."""
    form = NewWebhookForm(request.POST or None)
    around = FormPage(
        title=_("Add a webhook"),
        back=reverse("webhooks"),
        crumb=_("Webhooks"),
        done=_("The webhook is added. Make a secret for it now, and give it to the receiver."),
    )

    def save(values: Mapping[str, Any], author: By) -> Webhook:
        wanted = {name: values[name] for name in ("name", "url", "events")}
        return services.add_webhook(**wanted, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, _address_of)


@require_safe
@page(Action.MANAGE_WEBHOOKS)
def webhook(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Show a webhook and its messages, the newest first."""
    return _shown(request, get_object_or_404(Webhook, pk=webhook_id))


@require_http_methods(["GET", "HEAD", "POST"])
@page(Action.MANAGE_WEBHOOKS)
def webhook_edit(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Ask what changes about a webhook and store it."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    names = ("name", "url", "events", "state")
    shown = {name: getattr(found, name) for name in (*names, "version")}
    form = WebhookForm(request.POST or None, initial=shown)
    around = FormPage(
        title=_("Change the webhook"),
        facts=found.name,
        back=_address_of(found),
        crumb=found.name,
        done=_("The webhook is saved."),
        more={"remove": reverse("webhook_remove", args=[webhook_id]), "record": found},
    )

    def save(values: Mapping[str, Any], author: By) -> Webhook:
        changes = {name: values[name] for name in names}
        return services.change_webhook(webhook_id, changes, by=author, now=timezone.now())

    return ask_and_save(request, around, form, save, _address_of)


@require_POST
@page(Action.MANAGE_WEBHOOKS)
def webhook_remove(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Remove a webhook and its messages."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    services.remove_webhook(found.pk, by=by(request), now=timezone.now())
    messages.success(request, _("The webhook is removed."))
    return redirect("webhooks")


@require_POST
@page(Action.MANAGE_WEBHOOKS)
def webhook_test(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Send a message that only shows whether the address takes one."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    services.queue_test(found.pk, by=by(request), now=timezone.now())
    nudge("rotation.send_webhooks")
    messages.success(request, _("A test is on its way; the list shows how it went."))
    return redirect("webhook", webhook_id)


@never_cache
@require_POST
@page(Action.MANAGE_WEBHOOKS)
def webhook_secret(request: HttpRequest, webhook_id: int) -> HttpResponse:
    """Make a new secret and show it, this once; for a day the old one signs as well."""
    found = get_object_or_404(Webhook, pk=webhook_id)
    renewed = services.renew_secret(found.pk, by=by(request), now=timezone.now())
    return _shown(request, renewed, secret_of(renewed))


def _shown(request: HttpRequest, found: Webhook, secret: str = "") -> HttpResponse:
    shown = Paginator(deliveries_of(found), ON_A_PAGE).get_page(request.GET.get("page"))
    values = {"webhook": found, "secret": secret, "page": shown}
    return render(request, "rotation/webhook.html", values)


def _address_of(found: Webhook) -> str:
    return reverse("webhook", args=[found.pk])
