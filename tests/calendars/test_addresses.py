from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotation.calendars.addresses import normal_address


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("MAILTO:G@EX.org", "g@ex.org"),
        ("mailto:g%2Bit@ex.org", "g+it@ex.org"),
        ("mailto: g@ex.org", "g@ex.org"),
        ("<g@ex.org>", "g@ex.org"),
        ("g@bücher.example", "g@xn--bcher-kva.example"),
        ("mailto:g@xn--bcher-kva.example", "g@xn--bcher-kva.example"),
        ("mailto:g@ex.org?subject=x", "g@ex.org"),
        ("50%off@ex.org", "50%off@ex.org"),
        ("", ""),
    ],
)
def test_one_person_has_one_address_however_it_is_written(written: str, normal: str) -> None:
    assert normal_address(written) == normal


@given(st.emails())
def test_case_and_percent_encoding_make_no_other_person(address: str) -> None:
    local, _, domain = address.rpartition("@")
    written = f"MAILTO:{quote(local, safe='')}@{domain}".upper()
    assert normal_address(written) == normal_address(address) == address.lower()
