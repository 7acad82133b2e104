"""Visits of the demo: half a year of past ones, the coming weeks, and what was learned.

Each is one that the rules of booking would have allowed; the rules themselves are asked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from rotation.audit.models import Entry, Subject, Via
from rotation.audit.services import By, entry
from rotation.booking.models import Booking, Waiting
from rotation.booking.rules import Candidate, Visit, blocked_by, cost_of, reasons_against
from rotation.booking.states import Step
from rotation.booking.steps import facts_of
from rotation.budget.queries import granted_minutes
from rotation.calendars.identifiers import new_uid
from rotation.directory.models import StaffMember
from rotation.directory.queries import absences_of, duties_of, working_patterns_of
from rotation.insights.models import Note
from rotation.meetings.models import Meeting
from rotation.periods.intervals import Interval
from rotation.periods.weeks import WEEK, week_of, weeks_from
from rotation.workflows.demo.house import LEARNED
from rotation.workflows.demo.organisation import HOSTED_CODE, Organisation
from rotation.workflows.demo.sizes import HISTORY_WEEKS

COMING_WEEKS = 5
COMING_CHANCE = 0.30  # that a seat of a coming meeting is taken
NEGLECTED_UNTIL = 16 * WEEK  # since then nobody has been at the neglected departments
BOOKED_BEFORE = timedelta(days=12)
State = Booking.State
PAST_STATES = (State.ATTENDED, State.MISSED, State.DECLINED, State.CANCELLED)
PAST_WEIGHTS = (88, 4, 4, 4)
NOTE_CHANCE = 0.35
QUEUED = 2


@dataclass(slots=True)
class Diary:
    """One person's side of the rules for the whole time, kept up to date while visits are made."""

    person: StaffMember
    candidate: Candidate
    granted: Mapping[date, int]
    spent: Counter[date] = field(default_factory=Counter)
    booked: list[Interval] = field(default_factory=list)
    visits: int = 0

    def at(self, week: date) -> Candidate:
        """Return the person as the rules see it in `week`."""
        left = self.granted.get(week, 0) - self.spent[week]
        return replace(self.candidate, left_minutes=left, booked=self.booked)


def make_visits(house: Organisation, this_week: date, now: datetime, seed: str) -> list[Booking]:
    """Store visits with their history and notes; return the coming ones, whose mails are due."""
    random = Random(f"{seed} visits")  # noqa: S311 -- a demo
    diaries = _diaries(house.staff, this_week)
    bookings = [
        booking
        for meeting in _meetings(now)
        for booking in _guests_of(meeting, house, diaries, now, random)
    ]
    Booking.objects.bulk_create(bookings)
    Booking.objects.filter(starts_at__gt=now).update(booked_by=house.manager)
    Entry.objects.bulk_create(_changes(bookings, house, now))
    Note.objects.bulk_create(_notes(bookings, now, random))
    Waiting.objects.bulk_create(_queue(bookings, house, now))
    return [booking for booking in bookings if booking.starts_at > now]


def _diaries(staff: Sequence[StaffMember], this_week: date) -> list[Diary]:
    zone = timezone.get_default_timezone()
    weeks = list(weeks_from(this_week - HISTORY_WEEKS * WEEK, HISTORY_WEEKS + COMING_WEEKS + 1))
    within = Interval(
        datetime.combine(weeks[0], datetime.min.time(), zone),
        datetime.combine(weeks[-1] + WEEK, datetime.min.time(), zone),
    )
    ids = [person.pk for person in staff]
    granted = granted_minutes(staff, weeks)
    patterns, absences = working_patterns_of(ids), absences_of(ids, within)
    duties = duties_of(ids, within)
    return [
        Diary(
            person,
            Candidate(
                department_id=person.team.department_id,
                time_zone=person.time_zone,
                buffer=person.team.buffer,
                left_minutes=0,
                pattern=patterns[person.pk],
                absences=absences.get(person.pk, ()),
                duties=duties.get(person.pk, ()),
            ),
            {week: granted[person.pk, week] for week in weeks},
        )
        for person in staff
    ]


def _meetings(now: datetime) -> Iterable[Meeting]:
    return Meeting.objects.filter(
        cancelled_at=None,
        starts_at__gte=now - HISTORY_WEEKS * WEEK,
        starts_at__lt=now + COMING_WEEKS * WEEK,
    ).select_related("series__department")


def _guests_of(
    meeting: Meeting,
    house: Organisation,
    diaries: Sequence[Diary],
    now: datetime,
    random: Random,
) -> Iterator[Booking]:
    """Yield the bookings of one meeting, with seats from 1; given up ones free theirs."""
    plan = house.departments[meeting.series.department_id]
    is_past = meeting.starts_at <= now
    if plan.neglected and meeting.starts_at > now - NEGLECTED_UNTIL:
        return
    wants_request = _is_to_be_approved(meeting) and not is_past
    chance = 1.0 if wants_request else plan.visited if is_past else COMING_CHANCE
    seat = 1
    for _ in range(1 if wants_request else meeting.seats):
        if random.random() >= chance:
            continue
        state = _state_of(meeting, now, random)
        diary = _who_goes(meeting, diaries, random)
        if diary is None:
            return
        yield _booking(meeting, diary, seat, state, now, random)
        seat += state in Booking.HOLDING


def _is_to_be_approved(meeting: Meeting) -> bool:
    series = meeting.series
    return series.department.code == HOSTED_CODE and series.needs_approval


def _state_of(meeting: Meeting, now: datetime, random: Random) -> State:
    if meeting.starts_at > now:
        return State.REQUESTED if meeting.series.needs_approval else State.CONFIRMED
    if meeting.starts_at > now - timedelta(days=3):
        return State.CONFIRMED  # nobody has said yet whether the guest was there
    return random.choices(PAST_STATES, PAST_WEIGHTS)[0]


def _who_goes(meeting: Meeting, diaries: Sequence[Diary], random: Random) -> Diary | None:
    """Return somebody against whom no rule speaks, out of those with the fewest visits."""
    week = week_of(meeting.starts_at, timezone.get_default_timezone())
    visit = Visit(
        meeting=Interval(meeting.starts_at, meeting.ends_at),
        travel=meeting.series.travel,
        notice=timedelta(0),
        department_id=meeting.series.department_id,
        seats_free=1,
    )
    before = meeting.starts_at - BOOKED_BEFORE
    in_turn = sorted(diaries, key=lambda diary: diary.visits + 4 * random.random())
    for diary in in_turn:
        if not reasons_against(visit, diary.at(week), before):
            return diary
    return None


def _booking(
    meeting: Meeting, diary: Diary, seat: int, state: State, now: datetime, random: Random
) -> Booking:
    interval, travel = Interval(meeting.starts_at, meeting.ends_at), meeting.series.travel
    blocked = blocked_by(interval, travel, diary.person.team.buffer)
    cost = cost_of(interval, travel)
    diary.visits += 1
    diary.booked.append(blocked)
    diary.spent[week_of(meeting.starts_at, timezone.get_default_timezone())] += cost
    declined = state == State.DECLINED
    return Booking(
        staff=diary.person,
        meeting=meeting,
        state=state,
        declined_by=Booking.Side.GUEST if declined else Booking.Side.NOBODY,
        partstat=_answer(state, meeting.starts_at > now, random),
        seat=seat,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        blocked=(blocked.starts_at, blocked.ends_at),
        cost_minutes=cost,
        uid=new_uid(),
        version=1 if state in {State.REQUESTED, State.CONFIRMED} else 2,
        created_at=min(meeting.starts_at - BOOKED_BEFORE, now - timedelta(hours=1)),
        # Asked for today, so that hosts have their days to answer.
        requested_at=now - timedelta(hours=1) if state == State.REQUESTED else None,
    )


def _answer(state: State, is_coming: bool, random: Random) -> str:  # noqa: FBT001 -- private
    answers = Booking.Partstat
    if state in {State.REQUESTED, State.CANCELLED}:
        return answers.NEEDS_ACTION
    if state == State.DECLINED:
        return answers.DECLINED
    # Invitations to coming visits leave only now: nobody can have answered them.
    return (
        answers.NEEDS_ACTION
        if is_coming
        else random.choice((answers.ACCEPTED,) * 9 + (answers.TENTATIVE,))
    )


def _changes(bookings: Iterable[Booking], house: Organisation, now: datetime) -> Iterator[Entry]:
    """Yield each booking's history: booked by the manager, and how it ended."""
    ends = {
        State.ATTENDED: (Step.ATTEND, timedelta(hours=3)),
        State.MISSED: (Step.MISS, timedelta(hours=3)),
        State.DECLINED: (Step.DECLINE, timedelta(days=-4)),
        State.CANCELLED: (Step.CANCEL, timedelta(days=-2)),
    }
    manager, calendar = By(house.manager.pk, Via.PAGE), By(None, Via.CALENDAR)
    for booking in bookings:
        about = (Subject.BOOKING, booking.pk)
        now_told = facts_of(booking)
        first = State.REQUESTED if booking.state == State.REQUESTED else State.CONFIRMED
        told = {**now_told, "state": first, "declined_by": "", "partstat": "NEEDS-ACTION"}
        yield entry(manager, booking.created_at, about=about, action=Step.BOOK, new=told)
        if booking.state in ends:
            step, after = ends[State(booking.state)]
            by = calendar if step is Step.DECLINE else manager
            at = min(booking.starts_at + after, now)
            yield entry(by, at, about=about, action=step, old=told, new=now_told)


def _queue(bookings: Iterable[Booking], house: Organisation, now: datetime) -> Iterator[Waiting]:
    """Yield two people who wait for a seat of the first full meeting a week ahead or later."""
    coming = [each for each in bookings if each.starts_at > now + WEEK]
    taken = Counter(each.meeting_id for each in coming)
    full = (each.meeting for each in coming if taken[each.meeting_id] == each.meeting.seats)
    meeting = min(full, key=lambda each: (each.starts_at, each.pk), default=None)
    seated = {each.staff_id for each in coming if meeting and each.meeting_id == meeting.pk}
    others = [person for person in house.staff if person.pk not in seated]
    for person in others[:QUEUED] if meeting else ():
        yield Waiting(staff=person, meeting=meeting, asked_by=house.manager, created_at=now)


def _notes(bookings: Iterable[Booking], now: datetime, random: Random) -> Iterator[Note]:
    for booking in bookings:
        if booking.state == State.ATTENDED and random.random() < NOTE_CHANCE:
            written_at = min(booking.ends_at + timedelta(hours=2), now)
            yield Note(booking=booking, text=random.choice(LEARNED), written_at=written_at)
