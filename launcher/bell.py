"""The wish to stop, as signals bring it: noticed at the next pause, never within a step."""

import signal
import time
from types import FrameType


class StopRequested(Exception):  # noqa: N818 (a wish, not an error)
    """Somebody asked the launcher to stop."""


class Bell:
    """Rings once Ctrl-C, SIGTERM or SIGHUP arrived."""

    def __init__(self) -> None:
        self.rung = False

    def listen(self) -> None:
        """Ring on the signals that mean stop, instead of dying."""
        signal.signal(signal.SIGINT, self._ring)
        signal.signal(signal.SIGTERM, self._ring)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means: stay
            signal.signal(signal.SIGHUP, self._ring)

    def pause(self, seconds: float) -> None:
        """Sleep in short steps.

        Raises:
            StopRequested: the bell rang before or meanwhile.
        """
        deadline = time.monotonic() + seconds
        while not self.rung:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.05))
        raise StopRequested

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        self.rung = True
