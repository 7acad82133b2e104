import socket

from launcher.ports import LOOPBACK, free_port, is_taken


def test_a_free_port_is_not_taken_until_somebody_listens() -> None:
    port = free_port()
    assert not is_taken(port)
    with socket.create_server((LOOPBACK, port)):
        assert is_taken(port)


def test_a_port_that_is_taken_on_every_address_is_taken() -> None:
    port = free_port()
    with socket.create_server(("", port)):
        assert is_taken(port)
