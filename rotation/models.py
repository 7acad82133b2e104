"""Every table of the app, for Django to find; rooms import each other, never this."""

from rotation.api.models import ApiRequest
from rotation.audit.models import Entry, Look
from rotation.booking.models import Booking
from rotation.budget.models import TeamBudget
from rotation.directory.models import (
    Absence,
    Department,
    Duty,
    Host,
    Installation,
    StaffMember,
    Team,
    WorkingPattern,
)
from rotation.insights.models import Note
from rotation.invites.models import Mail
from rotation.meetings.models import Meeting, MeetingSeries
from rotation.replies.models import DemoMail, GuestAnswer, InboundMail, TimeProposal
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
    "Booking",
    "DemoMail",
    "Department",
    "Duty",
    "Entry",
    "GuestAnswer",
    "Host",
    "InboundMail",
    "Installation",
    "Look",
    "Mail",
    "Meeting",
    "MeetingSeries",
    "Note",
    "StaffMember",
    "Team",
    "TeamBudget",
    "TeamEffort",
    "Ticket",
    "TicketQueue",
    "TicketSource",
    "TicketWeek",
    "TimeProposal",
    "WorkingPattern",
]
