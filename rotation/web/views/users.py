"""Users: who may sign in, and as what."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Role, User
from accounts.sign_in_mail import send_sign_in_mail
from accounts.ways_back import next_page
from rotation.audit.services import By
from rotation.directory.errors import RecordChanged
from rotation.directory.models import Host, StaffMember
from rotation.directory.permissions import Action
from rotation.directory.users import Newcomer, add_user, change_roles, set_active
from rotation.web.access import note_look, page
from rotation.web.directory_tabs import tabs_for
from rotation.web.forms.directory import VersionForm
from rotation.web.forms.users import NewUserForm, RolesForm, UserFilter, version_of
from rotation.web.record_form import FormPage, ask_and_save, posted
from rotation.workflows.erase import erase

ON_A_PAGE = 25
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@page(Action.KEEP_USERS)
def users(request: HttpRequest) -> HttpResponse:
    """List who may sign in and as what; filters and page stand in the address."""
    wanted = UserFilter(request.GET)
    shown = Paginator(wanted.users(), ON_A_PAGE).get_page(request.GET.get("page"))
    people = StaffMember.objects.filter(user__in=[each.pk for each in shown])
    note_look(request, people.values_list("pk", flat=True))
    values = {
        "tabs": tabs_for(request, "users"),
        "form": wanted,
        "page": shown,
        "rows": [(each, [Role(role).label for role in each.roles]) for each in shown],
        "address": request.get_full_path(),
    }
    return render(request, "rotation/users.html", values)


@form_page
@page(Action.KEEP_USERS)
def user_new(request: HttpRequest) -> HttpResponse:
    """Ask for a new user and store the user."""
    form = NewUserForm(posted(request))
    around = FormPage(
        title=_("Add a user"),
        facts=_("A manager, a planner or somebody else who signs in."),
        back=reverse("users"),
        crumb=_("Users"),
        done=_("The user is added."),
        button=_("Add the user"),
    )

    def save(values: Mapping[str, Any], author: By) -> User:
        newcomer = Newcomer(values["name"], values["email"])
        roles = sorted(values["roles"])
        same = User.objects.filter(email__iexact=newcomer.email, name=newcomer.name, roles=roles)
        if found := same.first():  # a second press of the button
            return found
        added = add_user(newcomer, roles=list(map(Role, roles)), by=author, now=timezone.now())
        if values["sends_mail"]:
            tell_how_to_sign_in(request, [added])
        return added

    return ask_and_save(request, around, form, save, lambda _user: reverse("users"))


@form_page
@page(Action.KEEP_USERS)
def user(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show what a user is and may do, and store other roles."""
    found = get_object_or_404(User, pk=user_id, erased_at=None)
    staff = StaffMember.objects.filter(user=found).select_related("team").first()
    note_look(request, [staff.pk] if staff else [])
    seen = version_of(found)
    known = {"roles": found.roles, "is_active": found.is_active, "version": seen}
    form = RolesForm(posted(request), initial=known)
    around = FormPage(
        title=found.name,
        facts=found.email,
        back=reverse("users"),
        crumb=_("Users"),
        done=_("The user is saved."),
        template="rotation/user.html",
        more={
            "found": found,
            "staff": staff,
            "host": Host.objects.filter(user=found).select_related("department").first(),
        },
    )

    @transaction.atomic
    def save(values: Mapping[str, Any], author: By) -> User:
        now, roles = timezone.now(), list(map(Role, values["roles"]))
        is_done = (found.roles, found.is_active) == (sorted(roles), values["is_active"])
        if values["version"] not in {None, seen} and not is_done:
            raise RecordChanged(version=seen)
        change_roles(user_id, roles, by=author, now=now)
        return set_active(user_id, is_active=values["is_active"], by=author, now=now)

    return ask_and_save(request, around, form, save, lambda _user: reverse("users"))


@form_page
@page(Action.KEEP_USERS)
def user_erase(request: HttpRequest, user_id: int) -> HttpResponse:
    """Ask whether a user who is gone is to go under a pseudonym, and do so."""
    found = get_object_or_404(User, pk=user_id)
    if found.erased_at:  # a second press of the button
        return redirect("users")
    note_look(request, StaffMember.objects.filter(user=found).values_list("pk", flat=True))
    around = FormPage(
        title=_("Put this user under a pseudonym?"),
        facts=found.name,
        back=reverse("user", args=[user_id]),
        crumb=found.name,
        done=_("The user is under a pseudonym now."),
        button=_("Put under a pseudonym for good"),
        css="r-btn--danger",
        template="rotation/user_erase.html",
    )

    def save(_values: Mapping[str, Any], author: By) -> User:
        return erase(user_id, by=author, now=timezone.now())

    form = VersionForm(posted(request))
    return ask_and_save(request, around, form, save, lambda _user: reverse("users"))


@require_POST
@page(Action.KEEP_USERS)
def user_sign_in_mail(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send a user the mail with which a password is set."""
    found = get_object_or_404(User, pk=user_id, is_active=True)
    tell_how_to_sign_in(request, [found])
    return redirect(next_page(request, reverse("user", args=[user_id])))


@require_POST
@page(Action.KEEP_USERS)
def users_sign_in_mail(request: HttpRequest) -> HttpResponse:
    """Send that mail to all of one page of the list who never signed in."""
    keys = [key for key in request.POST.getlist("user") if key.isdecimal()][:ON_A_PAGE]
    never = User.objects.filter(is_active=True, last_login=None)
    tell_how_to_sign_in(request, list(never.filter(pk__in=[key[:18] for key in keys])))
    return redirect(next_page(request, reverse("users")))


def tell_how_to_sign_in(request: HttpRequest, whom: list[User]) -> None:
    """Send each the mail with which a password is set, and say how many of them left."""
    sent = sum(send_sign_in_mail(request, each) for each in whom)
    if sent < len(whom):
        lost = _("The mail server did not take the mail; look at its settings, then send it again.")
        messages.error(request, lost)
    if sent:
        text = ngettext(
            "%(count)s mail with a link to sign in is sent; it is valid for three days.",
            "%(count)s mails with a link to sign in are sent; they are valid for three days.",
            sent,
        )
        messages.success(request, text % {"count": sent})
