"""The addresses below /api/v1/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from rotation.api.access import UnknownAddress
from rotation.api.audit import Audit
from rotation.api.bookings import Bookings
from rotation.api.departments import Departments, Teams
from rotation.api.insights import Notes
from rotation.api.load import Load
from rotation.api.meetings import Meetings
from rotation.api.pages import Docs, Schema
from rotation.api.places import Hosts, Sites
from rotation.api.reports import BalanceReport, CoverageReport
from rotation.api.series import Series
from rotation.api.staff import Budgets, Staff
from rotation.api.tickets import Tickets
from rotation.api.times import Absences, Contracts, Duties
from rotation.api.waiting import Queues
from rotation.api.webhooks import Webhooks

router = SimpleRouter(use_regex_path=False)
router.register("departments", Departments, "api-department")
router.register("teams", Teams, "api-team")
router.register("staff", Staff, "api-staff")
router.register("sites", Sites, "api-site")
router.register("hosts", Hosts, "api-host")
router.register("contracts", Contracts, "api-contract")
router.register("absences", Absences, "api-absence")
router.register("duties", Duties, "api-duty")
router.register("meeting-series", Series, "api-series")
router.register("meetings", Meetings, "api-meeting")
router.register("bookings", Bookings, "api-booking")
router.register("tickets", Tickets, "api-ticket")
router.register("waiting", Queues, "api-waiting")
router.register("load", Load, "api-load")
router.register("budgets", Budgets, "api-budget")
router.register("insights", Notes, "api-insight")
router.register("reports/coverage", CoverageReport, "api-coverage")
router.register("reports/balance", BalanceReport, "api-balance")
router.register("webhooks", Webhooks, "api-webhook")
router.register("audit", Audit, "api-audit")

urlpatterns = [
    path("", include(router.urls)),
    path("schema/", Schema.as_view(), name="api-schema"),
    path("docs/", Docs.as_view(), name="api-docs"),
    # Last, so that no address below /api/v1/ is answered by a page.
    re_path("", UnknownAddress.as_view()),
]
