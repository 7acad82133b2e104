"""The first steps of a new installation, from nothing to the first visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.booking.models import Booking
from rotation.booking.queries import bookable_meetings
from rotation.directory.models import Department, Host, StaffMember, Team
from rotation.directory.permissions import Action, Actor, may
from rotation.meetings.models import MeetingSeries
from rotation.web.vital_signs import VitalSigns, vital_signs

HIDING_COOKIE = "first_steps"
HIDDEN = "hidden"
HOME_AND_ANOTHER = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is for, where it is done, and how far it is."""

    title: str | Promise
    text: str | Promise
    button: str | Promise
    url: str
    is_done: bool
    is_next: bool = False


@dataclass(frozen=True, kw_only=True)
class Onboarding:
    """The checklist, and what should be right before the first invitation leaves."""

    steps: Sequence[Step]
    signs: VitalSigns
    mail_from: str
    mail_host: str
    public_url: str
    time_zone: str

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def percent(self) -> int:
        """How much of the way is behind."""
        return 100 * self.done // len(self.steps)

    @property
    def is_local(self) -> bool:
        """Whether links in mails lead to the reader's own machine."""
        return "//localhost" in self.public_url or "//127." in self.public_url


def is_new(who: Actor) -> bool:
    """Return whether `who` keeps the house and nobody was ever booked in it; one query at most."""
    return may(who, Action.KEEP_DEPARTMENTS) and not Booking.objects.exists()


def onboarding_for(who: Actor, now: datetime) -> Onboarding | None:
    """Return the checklist for whoever keeps a house in which nobody was ever booked."""
    if not is_new(who):
        return None
    return Onboarding(
        steps=_with_next(_steps(now)),
        signs=vital_signs(now),
        mail_from=settings.MAIL_FROM,
        mail_host=settings.EMAIL_HOST,
        public_url=settings.PUBLIC_URL,
        time_zone=settings.TIME_ZONE,
    )


def _with_next(steps: Sequence[Step]) -> list[Step]:
    """Return the steps; the first that is not done is the next."""
    first = next((number for number, step in enumerate(steps) if not step.is_done), None)
    return [
        Step(step.title, step.text, step.button, step.url, step.is_done, number == first)
        for number, step in enumerate(steps)
    ]


def _steps(now: datetime) -> list[Step]:
    departments = Department.objects.order_by("pk")
    return [
        Step(
            _("Departments"),
            _("The one that IT itself is, and at least one that gets visits."),
            _("Add a department"),
            reverse("department_new"),
            departments.count() >= HOME_AND_ANOTHER,
        ),
        Step(
            _("Teams"),
            _("The teams of IT, and who manages them."),
            _("Add a team"),
            reverse("team_new"),
            Team.objects.exists(),
        ),
        Step(
            _("People"),
            _("Who of IT can be booked, with working hours."),
            _("Add a person"),
            _person_address(),
            StaffMember.objects.filter(has_left=False, contracts__isnull=False).exists(),
        ),
        Step(
            _("A host"),
            _("Who speaks for a department and is told of guests."),
            _("Add a host"),
            _host_address(),
            Host.objects.filter(user__is_active=True).exists(),
        ),
        Step(
            _("A meeting series"),
            _("Team meetings in which somebody of IT may sit in."),
            _("Offer a meeting"),
            reverse("series_new"),
            MeetingSeries.objects.filter(ended_at=None).exists(),
        ),
        Step(
            _("The first visit"),
            _("Choose who goes; the invitation leaves by itself."),
            _("Book the first visit"),
            _booking_address(now),
            is_done=False,
        ),
    ]


def _person_address() -> str:
    """Return the way to a person's hours where only they are missing, else to a new person."""
    person = StaffMember.objects.filter(has_left=False).order_by("pk").first()
    return reverse("contract_new", args=[person.pk]) if person else reverse("person_new")


def _host_address() -> str:
    """Return the way to the first department that is not the own one of a team."""
    department = Department.objects.filter(teams=None).order_by("pk").first()
    return reverse("host_new", args=[department.pk]) if department else reverse("departments")


def _booking_address(now: datetime) -> str:
    meeting = bookable_meetings(now).values_list("pk", flat=True).first()
    return reverse("meeting", args=[meeting]) if meeting else reverse("departments")


def parts_of_onboarding(who: Actor, now: datetime, cookies: Any) -> dict[str, Any]:  # noqa: ANN401 -- the request's own
    """Return what the overview shows of it: the checklist, or that it was put away."""
    if cookies.get(HIDING_COOKIE) == HIDDEN:
        return {"onboarding": None, "onboarding_is_hidden": is_new(who)}
    return {"onboarding": onboarding_for(who, now), "onboarding_is_hidden": False}
