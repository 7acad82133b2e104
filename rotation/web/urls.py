"""The addresses of the pages."""

from django.urls import URLPattern, include, path

from rotation.web.views import (
    answer_link,
    answers,
    approvals,
    audit,
    calendars,
    departments,
    health,
    hosting,
    mailbox,
    meetings,
    my_visits,
    outbox,
    overview,
    series,
    team,
    ticket_sources,
    visit_changes,
    visits,
    waiting,
)


def visit_change(change: str) -> URLPattern:
    """Return the address of one way to change a visit (`visit_changes.CHANGES`)."""
    way = {"change": change}
    address = f"visits/<int:booking_id>/{change}/"
    return path(address, visit_changes.visit_change, way, name=f"visit_{change}")


urlpatterns = [
    path("", overview.overview, name="overview"),
    path("", include("rotation.web.people_urls")),
    path("departments/", departments.departments, name="departments"),
    path("departments/<int:department_id>/", departments.department, name="department"),
    path("meetings/<int:meeting_id>/", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/book/", meetings.meeting_book, name="meeting_book"),
    path("team/", team.team, name="team"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<int:booking_id>/", visits.visit, name="visit"),
    visit_change("confirm"),
    visit_change("decline"),
    visit_change("cancel"),
    visit_change("move"),
    visit_change("swap"),
    visit_change("attended"),
    visit_change("missed"),
    path("visits/<int:booking_id>/answer/", visit_changes.visit_answer, name="visit_answer"),
    path("visits/<int:booking_id>/note/", visit_changes.visit_note, name="visit_note"),
    path("requests/", approvals.requests, name="requests"),
    path("deputies/", approvals.deputies, name="deputies"),
    path("deputies/<int:named_id>/remove/", approvals.deputy_remove, name="deputy_remove"),
    path("meetings/<int:meeting_id>/wait/", waiting.meeting_wait, name="meeting_wait"),
    path("waiting/<int:place_id>/leave/", waiting.waiting_leave, name="waiting_leave"),
    path("my/", my_visits.my_visits, name="my_visits"),
    path("hosting/", hosting.hosting, name="hosting"),
    path("hosting/series/", series.series_list, name="series_list"),
    path("hosting/series/new/", series.series_new, name="series_new"),
    path("hosting/series/<int:series_id>/", series.series_edit, name="series_edit"),
    path("hosting/series/<int:series_id>/end/", series.series_end, name="series_end"),
    path("hosting/series/<int:series_id>/keep/", calendars.series_keep, name="series_keep"),
    path("hosting/series/import/", calendars.series_import, name="series_import"),
    path("hosting/series/calendar/", calendars.calendar_new, name="calendar_new"),
    path("hosting/calendars/<int:feed_id>/read/", calendars.calendar_read, name="calendar_read"),
    path(
        "hosting/calendars/<int:feed_id>/forget/",
        calendars.calendar_forget,
        name="calendar_forget",
    ),
    path("hosting/days/<int:department_id>/", series.closed_days, name="closed_days"),
    path(
        "hosting/meetings/<int:meeting_id>/cancel/", hosting.meeting_cancel, name="meeting_cancel"
    ),
    path("hosting/meetings/<int:meeting_id>/move/", hosting.meeting_move, name="meeting_move"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:mail_id>/", mailbox.mailbox_mail, name="mailbox_mail"),
    path("answers/", answers.held_answers, name="held_answers"),
    path("answers/<int:mail_id>/apply/", answers.held_answer_apply, name="held_answer_apply"),
    path("answers/<int:mail_id>/drop/", answers.held_answer_drop, name="held_answer_drop"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<int:mail_id>/again/", outbox.outbox_again, name="outbox_again"),
    path("ticket-sources/", ticket_sources.ticket_sources, name="ticket_sources"),
    path("ticket-sources/new/", ticket_sources.ticket_source_new, name="ticket_source_new"),
    path("ticket-sources/<int:source_id>/", ticket_sources.ticket_source, name="ticket_source"),
    path(
        "ticket-sources/<int:source_id>/mapping/",
        ticket_sources.ticket_source_mapping,
        name="ticket_source_mapping",
    ),
    path(
        "ticket-sources/<int:source_id>/queues/",
        ticket_sources.ticket_source_queues,
        name="ticket_source_queues",
    ),
    path(
        "ticket-sources/<int:source_id>/file/",
        ticket_sources.ticket_source_file,
        name="ticket_source_file",
    ),
    path("audit/", audit.audit, name="audit"),
    path("audit/looks/", audit.audit_looks, name="audit_looks"),
    path("my/data/", audit.my_data, name="my_data"),
    path("health/", health.health, name="health"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("r/<str:token>/", answer_link.answer, name="answer"),
]
