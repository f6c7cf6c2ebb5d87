"""A mail server on this machine that behaves as it is told."""

import asyncio
import threading
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class _Controller(Controller):
    def factory(self):
        return SMTP(self.handler, enable_SMTPUTF8=True)


class MailServer:
    """Takes mail, and counts of each who it was for and its Message-Id.

    ``mood`` is ``up``, ``slow`` (seconds a mail) or ``half`` (refuses every other recipient, for now); stopped, it is
    down.
    """

    SLOW = 2

    def __init__(self, port):
        self.mood = "up"
        self.taken = Counter()
        self._lock = threading.Lock()
        self._asked = 0
        self.port = port
        self._controller = None

    def start(self):
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self):
        self._controller.stop()

    async def handle_RCPT(self, server, session, envelope, address, options):
        self._asked += 1
        if self.mood == "half" and self._asked % 2:
            return "450 4.2.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.mood == "slow":
            await asyncio.sleep(self.SLOW)
        identity = next(
            (line for line in envelope.content.splitlines() if line.lower().startswith(b"message-id:")), b""
        )
        with self._lock:
            for recipient in envelope.rcpt_tos:
                self.taken[recipient, identity.decode()] += 1
        return "250 taken"
