import pytest

from rotation.replies.authentication import Sender, TrustPolicy, authenticate
from rotation.replies.parsing import read_mail
from tests.replies.mails import AUTHSERV

MX = TrustPolicy(authserv_id=AUTHSERV)


def sender_of(headers: str, policy: TrustPolicy = MX) -> Sender:
    return authenticate(read_mail(headers.encode() + b"\r\n\r\n"), policy)


PASS = f"Authentication-Results: {AUTHSERV}; dmarc=pass (p=none) header.from=ex.org"


@pytest.mark.parametrize(
    ("headers", "is_verified"),
    [
        (f"{PASS}\r\nFrom: g@ex.org", True),
        (f"{PASS}\r\nFrom: g@sub.ex.org", False),
        (f"{PASS}\r\nFrom: g@other.org", False),
        (f"{PASS}\r\nFrom: g@ex.org\r\nFrom: g@ex.org", False),
        (f"{PASS}\r\nFrom: g@ex.org, h@ex.org", False),
        ("From: g@ex.org", False),
        (f"{PASS.replace('pass', 'fail')}\r\nFrom: g@ex.org", False),
        (f"{PASS.replace(AUTHSERV, 'mx.evil.example')}\r\nFrom: g@ex.org", False),
        (f"{PASS.replace('pass', 'fail')}\r\n{PASS}\r\nFrom: g@ex.org", False),
        (f"{PASS.replace(AUTHSERV, 'other.example')}\r\n{PASS}\r\nFrom: g@ex.org", True),
        ((f"Authentication-Results: {AUTHSERV} 1; spf=pass;\r\n dmarc=pass action=none"
         " header.from=EX.org\r\nFrom: g@ex.org"), True),
        ((f"Authentication-Results: {AUTHSERV}; dkim=pass (dmarc=pass header.from=ex.org)\r\n"
         "From: g@ex.org"), False),
    ],
)  # fmt: skip
def test_only_the_topmost_verdict_of_our_own_server_counts(
    headers: str,
    is_verified: bool,  # noqa: FBT001
) -> None:
    assert sender_of(headers).is_verified is is_verified


def test_without_a_trusted_server_only_a_demo_believes_the_from_header() -> None:
    assert sender_of("From: g@ex.org", TrustPolicy(is_demo=True)) == Sender(
        "g@ex.org", is_verified=True
    )
    assert sender_of("From: g@ex.org", TrustPolicy()) == Sender("g@ex.org", is_verified=False)
    assert sender_of(f"{PASS}\r\nFrom: g@ex.org", TrustPolicy()).is_verified is False
