import pytest
from django.core.exceptions import ValidationError

from accounts.validators import validate_name


@pytest.mark.parametrize(
    "name", ["Ada", "Jörg-Ulrich O'Brien", "דנה", "مريم", "李", "<b>Ada</b> {{7*7}} %(who)s", "😀"]
)
def test_a_name_of_any_script_may_be(name: str) -> None:
    validate_name(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Ada\r\nBcc: eve@example.org", "control_character"),
        ("A\x01da", "control_character"),
        ("Ada\u2028", "control_character"),
        ("\u202eadA", "control_character"),
        ("\u2066Ada", "control_character"),
        ("\u200b", "invisible"),
        (" \u00a0", "invisible"),
    ],
)
def test_a_name_that_would_break_a_line_or_hide_is_refused(name: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_name(name)

    assert caught.value.code == code
