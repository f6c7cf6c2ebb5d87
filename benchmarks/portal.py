"""Pages of the portal as a client gets them: whole requests, in this process, each rolled back."""

import threading
from typing import NamedTuple

from werkzeug.test import Client

from odoo import http
from odoo.service import security

from . import seed

ADDRESS = "http://127.0.0.1:8069"


class Request(NamedTuple):
    """A page, or with ``params`` what a page asks by JSON-RPC."""

    path: str
    params: dict | None = None


class Portal:
    """The browser of a client who is logged in."""

    def __init__(self, database):
        with database.environment(seed.CLIENT) as env:
            session = http.root.session_store.new()
            session.update(http.get_default_session(), db=database.name, _trace_disable=True)
            session.uid = env.uid
            session.login = seed.CLIENT
            session.session_token = security.compute_session_token(session, env)
            session.context = dict(env["res.users"].context_get())
            http.root.session_store.save(session)
            partner = env.user.partner_id
            case, ticket = (
                env[model].sudo().search([("partner_id", "=", partner.id), (field, "!=", False)], order="id", limit=1)
                for model, field in (("sig.pqrs", "date_answered"), ("helpdesk.ticket", "closed_date"))
            )
            self.counts = tuple(
                env[model].sudo().search_count([("partner_id", "=", partner.id)])
                for model in ("sig.pqrs", "helpdesk.ticket")
            )
        self.database = database
        thread = {"thread_model": ticket._name, "thread_id": ticket.id}
        # The peer's page asks for its conversation by itself; ours comes with it.
        conversation = (
            Request("/portal/chatter_init", thread),
            Request("/mail/chatter_fetch", {**thread, "fetch_params": {"limit": 30}}),
        )
        page, peer_page = Request(f"/my/pqrs/{case.id}"), Request(f"/my/ticket/{ticket.id}")
        self.pages = (
            ("Portal page: list", [Request("/my/pqrs")], [Request("/my/tickets")]),
            ("Portal page: one case", [page], [peer_page]),
            ("Portal page: one case, until its conversation is there", [page], [peer_page, *conversation]),
        )
        self.client = Client(http.root)
        self.client.set_cookie("session_id", session.sid, domain="127.0.0.1")

    def get(self, asked):
        """Queries that the requests of a page take.

        :param list asked: of `Request`.
        :raises RuntimeError: for a page that is not what was asked for.
        """
        return sum(self._send(each) for each in asked)

    def _send(self, asked):
        with self.database.without_commits():
            if asked.params is None:
                response = self.client.get(asked.path, base_url=ADDRESS)
            else:
                body = {"jsonrpc": "2.0", "method": "call", "params": asked.params}
                response = self.client.post(asked.path, json=body, base_url=ADDRESS)
            queries = threading.current_thread().query_count
        if response.status_code != 200 or (asked.params is not None and "result" not in response.json):
            raise RuntimeError(f"{asked.path}: {response.status}")
        return queries
