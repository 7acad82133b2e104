"""Which departments to list, and in which order."""

from collections.abc import Callable, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from rotation.reports.figures import Coverage, longest_unvisited

Order = Callable[[Sequence[Coverage]], list[Coverage]]
LONGEST_NAME = 120


def _by_next_visit(rows: Sequence[Coverage]) -> list[Coverage]:
    planned = [row for row in rows if row.next_visit_at]
    return [
        *sorted(planned, key=lambda row: (row.next_visit_at, row.name)),
        *(row for row in rows if not row.next_visit_at),
    ]


# The rows come sorted by name.
ORDERS: dict[str, Order] = {
    "unvisited": lambda rows: longest_unvisited(list(rows)),
    "name": list,
    "visits": lambda rows: sorted(rows, key=lambda row: row.visits),
    "next": _by_next_visit,
}
KEPT: dict[str, Callable[[Coverage], bool]] = {
    "": lambda _row: True,
    "overdue": lambda row: row.is_overdue,
    "unplanned": lambda row: row.next_visit_at is None,
}


class DepartmentFilter(forms.Form):
    """A part of the name, and which of the departments; what is not known counts for nothing."""

    q = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    only = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("All departments")),
            ("overdue", _("Visit overdue")),
            ("unplanned", _("No visit ahead")),
        ],
        widget=forms.Select(attrs={"data-submits": ""}),
        required=False,
    )
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def is_narrowed(self) -> bool:
        """Whether the list may be shorter than the house."""
        return bool(self._value("q") or self._value("only"))

    def rows(self, rows: Sequence[Coverage]) -> list[Coverage]:
        """Return those of `rows` (sorted by name) that were asked for, in the order asked for."""
        name, keep = self._value("q").casefold(), KEPT[self._value("only")]
        kept = [row for row in rows if name in row.name.casefold() and keep(row)]
        field = self._value("sort")
        ordered = ORDERS.get(field.removeprefix("-"), ORDERS["unvisited"])(kept)
        return ordered[::-1] if field.startswith("-") else ordered

    def _value(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))
