"""A real IMAP server (Dovecot) on a free port, with a private configuration and no system service.

The configuration follows Dovecot's own manual for running as an ordinary user.
"""

import getpass
import grp
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imap_tools import BaseMailBox, MailBoxUnencrypted

from launcher.ports import LOOPBACK, free_port

MISSING = "no Dovecot here (apt-get install dovecot-imapd)"
PASSWORD = "secret"
START_SECONDS = 10

CONFIGURATION = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = {host}
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner_group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


def find_dovecot() -> str | None:
    """Return the path of Dovecot; None where there is none."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass(frozen=True)
class ImapServer:
    """A running server; every user name exists, with the same password."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """The inbox of the service, as ROTATION_INBOUND_IMAP_URL writes it."""
        return f"imap://rundgang:{PASSWORD}@{LOOPBACK}:{self.port}/INBOX"

    @contextmanager
    def inbox(self, folder: str = "INBOX") -> Iterator[BaseMailBox]:
        """Look into a folder as another client of the same mailbox."""
        box = MailBoxUnencrypted(LOOPBACK, self.port, timeout=START_SECONDS)
        with box.login("rundgang", PASSWORD, folder) as opened:
            yield opened


@contextmanager
def imap_server(folder: Path) -> Iterator[ImapServer]:
    """Yield a server that answers, and end it by its process id."""
    server = ImapServer(folder, free_port())
    configuration = folder / "dovecot.conf"
    configuration.write_text(_configuration(server), encoding="utf-8")
    argv = [find_dovecot() or "dovecot", "-F", "-c", str(configuration)]
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=START_SECONDS)


def _configuration(server: ImapServer) -> str:
    is_root = os.geteuid() == 0
    user, group = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
    mail = server.folder / "mail"
    mail.mkdir()
    if is_root:  # no mail may belong to root
        shutil.chown(mail, "nobody", "nogroup")
        server.folder.chmod(0o711)
    return CONFIGURATION.format(
        folder=server.folder,
        host=LOOPBACK,
        port=server.port,
        password=PASSWORD,
        user="dovecot" if is_root else user,
        group="dovecot" if is_root else group,
        login_user="dovenull" if is_root else user,
        owner="nobody" if is_root else user,
        owner_group="nogroup" if is_root else group,
    )


def _wait_for(server: ImapServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with server.inbox():
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
