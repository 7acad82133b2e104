"""Every table of the app, for Django to find; rooms import each other, never this."""

from rotation.api.models import ApiRequest
from rotation.audit.models import Entry, Look
from rotation.booking.models import Booking, Waiting
from rotation.budget.models import TeamBudget
from rotation.directory.models import (
    Absence,
    Contract,
    Department,
    Duty,
    Host,
    HostDeputy,
    Installation,
    Site,
    StaffMember,
    Team,
    WorkingPattern,
)
from rotation.insights.models import Note
from rotation.invites.models import Mail
from rotation.meetings.models import Blackout, CalendarFeed, Meeting, MeetingSeries
from rotation.replies.models import DemoMail, GuestAnswer, InboundMail, TimeProposal
from rotation.webhooks.models import Delivery, Webhook
from rotation.workload.models import (
    Assignee,
    TeamEffort,
    Ticket,
    TicketQueue,
    TicketSource,
    TicketWeek,
)

__all__ = [
    "Absence",
    "ApiRequest",
    "Assignee",
    "Blackout",
    "Booking",
    "CalendarFeed",
    "Contract",
    "Delivery",
    "DemoMail",
    "Department",
    "Duty",
    "Entry",
    "GuestAnswer",
    "Host",
    "HostDeputy",
    "InboundMail",
    "Installation",
    "Look",
    "Mail",
    "Meeting",
    "MeetingSeries",
    "Note",
    "Site",
    "StaffMember",
    "Team",
    "TeamBudget",
    "TeamEffort",
    "Ticket",
    "TicketQueue",
    "TicketSource",
    "TicketWeek",
    "TimeProposal",
    "Waiting",
    "Webhook",
    "WorkingPattern",
]
