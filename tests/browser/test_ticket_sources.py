"""An administrator brings tickets in: a source, a file that is checked, queues, the mapping."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Role, User
from rotation.workload.models import Ticket, TicketQueue
from tests.builders import make_team, make_user

LOG = (
    "number,incident_state,reopen_count,sys_mod_count,made_sla,opened_at,sys_updated_at,category,"
    "priority,assignment_group,assigned_to,resolved_at,closed_at\n"
    "INC1,Active,0,1,true,2/3/2026 09:00,2/3/2026 10:00,Netzwerkinfrastruktur,3 - Moderate,"
    "Arbeitsplatz-Betreuung-Verwaltungsgebaeude-Nord-Ost,Resolver 1,?,?\n"
    "INC2,-100,0,1,true,2/3/2026 09:00,2/3/2026 10:00,Netz,3 - Moderate,Netz,Resolver 1,?,?\n"
    "INC3,New,0,1,true,soon,2/3/2026 10:00,Netz,3 - Moderate,Netz,Resolver 1,?,?\n"
)


@pytest.mark.usefixtures("look")
def test_tickets_come_in_from_a_new_source(
    sign_in: Callable[[User], Page],
    live_server: LiveServer,
    check_page: Callable[[], None],
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.csv"
    log.write_text(LOG)
    make_team("Service Desk")
    page = sign_in(make_user(roles=(Role.ADMIN,)))

    page.goto(f"{live_server.url}/ticket-sources/")
    check_page()
    page.get_by_label("Name").fill("snow")
    page.get_by_label("Begin with").select_option("servicenow-incidents")
    page.get_by_role("button", name="Add the source").click()
    expect(page.get_by_role("heading", name="snow")).to_be_visible()

    page.get_by_label("File").set_input_files(log)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Checked: nothing was changed")).to_be_visible()
    expect(page.get_by_text("-100 (1)")).to_be_visible()
    assert not Ticket.objects.exists()
    check_page()

    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Imported", exact=True)).to_be_visible()
    assert Ticket.objects.count() == 2

    page.reload()
    page.get_by_label("Team of Netz").select_option("Service Desk")
    page.get_by_role("button", name="Save the teams").click()
    expect(page.get_by_text("1 queue is changed.")).to_be_visible()
    assert TicketQueue.objects.get(key="Netz").team is not None

    mapping = page.get_by_label("Mapping (JSON)")
    mapping.fill(mapping.input_value().replace('"states": {', '"states": {"-100": "waiting", '))
    page.get_by_role("button", name="Save the mapping").click()
    expect(page.get_by_text("The mapping is saved.")).to_be_visible()
    check_page()
