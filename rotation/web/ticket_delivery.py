"""What a delivery of tickets did, in words for the page."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rotation.workflows.import_load import Delivery
from rotation.workload.records import Fault
from rotation.workload.words import fault_text

FIELDS: Mapping[str, Promise] = {
    "state": _("State"),
    "priority": _("Priority"),
    "kind": _("Kind"),
    "queue": _("Queue without a team"),
}
MOST_WORDS = 50


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    """Return figures, rejected rows with their sentence, and the words nobody knows, by field."""
    figures = delivery.figures()
    rows = [{**row, "text": fault_text(Fault(row["reason"]))} for row in figures["rejected_rows"]]
    unmapped = [
        (FIELDS[name], list(words.items())[:MOST_WORDS], max(0, len(words) - MOST_WORDS))
        for name, words in figures["unmapped"].items()
    ]
    return {**figures, "rejected_rows": rows, "unmapped": unmapped,
            "forgotten": delivery.tickets.forgotten}  # fmt: skip
