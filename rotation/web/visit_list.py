"""The rows of the list of visits: the columns that it shows, not the tables they stand in."""

from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page
from django.db.models import QuerySet
from django.urls import reverse

from rotation.booking.models import Booking

COLUMNS = (
    "pk",
    "starts_at",
    "ends_at",
    "meeting__series__time_zone",
    "staff",
    "staff__user__name",
    "staff__team__name",
    "meeting__series__department__name",
    "meeting__series__title",
    "state",
    "partstat",
)
# Nobody waits for an answer to these.
UNANSWERED = frozenset({Booking.State.REQUESTED, Booking.State.CANCELLED})


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One line of the list."""

    visit_id: int
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    staff_id: int
    guest: str
    team: str
    department: str
    meeting: str
    state: str
    partstat: str

    @property
    def url(self) -> str:
        """Where the visit's own page is."""
        return reverse("visit", args=(self.visit_id,))

    @property
    def has_answer(self) -> bool:
        """Whether the guest's answer says anything: the guest was asked and is still wanted."""
        return self.state not in UNANSWERED


def visit_rows(page: Page[Booking]) -> list[VisitRow]:
    """Return the lines of a page; one query, with joins that the paginator's count leaves out."""
    visits: QuerySet[Booking] = page.object_list  # type: ignore[assignment]  # as it was given
    return [VisitRow(*columns) for columns in visits.values_list(*COLUMNS)]
