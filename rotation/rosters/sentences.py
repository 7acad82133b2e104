"""What is wrong with a table of people, in words: one sentence that names the remedy."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rotation.rosters.cells import CellFault
from rotation.rosters.kinds import Fault, LineFault
from rotation.rosters.plan import RowFault

SENTENCES: Mapping[str, Promise] = {
    CellFault.NO_DAY: gettext_lazy(
        "“%(value)s” is no date; write 2026-12-31, 31.12.2026, or use a date of the spreadsheet."
    ),
    CellFault.NO_MOMENT: gettext_lazy(
        "“%(value)s” is no time; write a date, or date and time such as 2026-12-31 08:30."
    ),
    CellFault.NO_NUMBER: gettext_lazy("“%(value)s” is no number; write one such as 38.5 or 38,5."),
    CellFault.NO_WHOLE_NUMBER: gettext_lazy("“%(value)s” is no whole number; write one such as 8."),
    CellFault.NO_HOURS: gettext_lazy(
        "“%(value)s” is no working time; write 08:00-12:00, 12:30-16:30, or a dash for none."
    ),
    CellFault.NO_WEEKDAYS: gettext_lazy("“%(value)s” names no weekdays; write Mon-Thu or Mo, Mi."),
    CellFault.HOURS_OVERLAP: gettext_lazy(
        "In “%(value)s” two times overlap; let one end before the next begins."
    ),
    CellFault.SPREADSHEET_ERROR: gettext_lazy(
        "The spreadsheet shows the error %(value)s here; correct the cell."
    ),
    CellFault.FORMULA: gettext_lazy(
        "The formula %(value)s has no stored result; open and save the file in a spreadsheet"
        " program, or write the value."
    ),
    LineFault.NO_KIND: gettext_lazy("The row does not say what it is; write one of %(value)s."),
    LineFault.UNKNOWN_KIND: gettext_lazy("Nothing of this kind is known; write one of %(value)s."),
    LineFault.UNKNOWN_SHEET: gettext_lazy(
        "No kind of rows is called “%(value)s”; rename the sheet as docs/people.md tells, hide it"
        " or remove it."
    ),
    LineFault.UNKNOWN_COLUMN: gettext_lazy(
        "No column has this name; rename or remove it. These are known: %(value)s."
    ),
    LineFault.COLUMN_TWICE: gettext_lazy("Two columns have this name; remove one of them."),
    LineFault.NOT_FOR_THIS_KIND: gettext_lazy(
        "A row of the kind “%(value)s” has no such column; empty the cell."
    ),
    LineFault.MISSING: gettext_lazy("The cell is empty; fill it in."),
    RowFault.UNKNOWN_SITE: gettext_lazy(
        "No site is called “%(value)s”; add a row for it or correct the name."
    ),
    RowFault.UNKNOWN_DEPARTMENT: gettext_lazy(
        "No department has the code or name “%(value)s”; add a row for it or correct it."
    ),
    RowFault.UNKNOWN_TEAM: gettext_lazy(
        "No team is called “%(value)s”; add a row for it or correct the name."
    ),
    RowFault.UNKNOWN_PERSON: gettext_lazy(
        "No IT person has the address %(value)s; add a row of the kind staff or correct it."
    ),
    RowFault.UNKNOWN_USER: gettext_lazy(
        "No user has the address %(value)s; add a row of the kind user or correct it."
    ),
    RowFault.UNKNOWN_ROLE: gettext_lazy("A role is not known; write some of %(value)s."),
    RowFault.UNKNOWN_DUTY: gettext_lazy("No duty is called so; write one of %(value)s."),
    RowFault.HAS_LEFT: gettext_lazy(
        "%(value)s has left; let the person come back first, or remove the row."
    ),
    RowFault.TAKEN: gettext_lazy(
        "The department with the code %(value)s has this name; use that code or another name."
    ),
    RowFault.CONTRADICTION: gettext_lazy(
        "Row %(value)s says something else about the same; correct or remove one of them."
    ),
    RowFault.INVALID: gettext_lazy("%(value)s"),
    RowFault.OUT_OF_RANGE: gettext_lazy("%(value)s is out of range; correct it."),
    RowFault.ENDS_BEFORE: gettext_lazy("It ends before it begins; correct one of both."),
    RowFault.OVERLAPS: gettext_lazy(
        "The person has another contract in these days, from %(value)s on; correct one of them."
    ),
    RowFault.NO_HOURS: gettext_lazy(
        "The contract tells no working time; fill in the weekdays or the hours of a week."
    ),
    RowFault.HOURS_TWICE: gettext_lazy(
        "The contract tells weekdays and the hours of a week; empty one of them."
    ),
}
PROBLEMS: Mapping[str, Promise] = {
    "too_large": gettext_lazy("The file is too large; split it."),
    "no_header": gettext_lazy("The file is empty; its first row has to name the columns."),
    "bad_quotes": gettext_lazy("A quotation mark of the file is never closed; correct it."),
    "long_cell": gettext_lazy("A cell of the file is far too long; shorten it."),
    "encoding": gettext_lazy("Some characters of the file cannot be read; save it as UTF-8."),
    "no_table": gettext_lazy("The file is no table; save it as Excel (.xlsx) or CSV."),
    "damaged": gettext_lazy(
        "The Excel file is damaged, protected or of an old kind; save it anew as .xlsx."
    ),
}


def fault_message(fault: Fault) -> str:
    """Return what is wrong at a place and what to do, one sentence."""
    return str(SENTENCES[fault.code]) % {"value": fault.value}


def fault_line(fault: Fault) -> str:
    """Return the place and what is wrong there, as one line."""
    facts = {
        "sheet": fault.sheet,
        "row": fault.row,
        "column": fault.column,
        "message": fault_message(fault),
    }
    if not fault.column:
        return _("Sheet %(sheet)s: %(message)s") % facts
    if not fault.sheet:
        return _("Row %(row)s, column %(column)s: %(message)s") % facts
    return _("Sheet %(sheet)s, row %(row)s, column %(column)s: %(message)s") % facts


def problem_text(problem: str) -> str:
    """Return why the file is no table that can be read, one sentence."""
    return str(PROBLEMS[problem])
