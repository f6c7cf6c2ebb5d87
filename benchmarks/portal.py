"""Pages of the portal as a client gets them: whole requests, in this process, each rolled back."""

import threading

from werkzeug.test import Client

from odoo import http
from odoo.service import security

from . import seed


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
        self.pages = (
            ("Portal page: list", "/my/pqrs", "/my/tickets"),
            ("Portal page: one case", f"/my/pqrs/{case.id}", f"/my/ticket/{ticket.id}"),
        )
        self.client = Client(http.root)
        self.client.set_cookie("session_id", session.sid, domain="127.0.0.1")

    def get(self, path):
        """Queries that a page takes.

        :raises RuntimeError: for a page that is not what was asked for.
        """
        with self.database.without_commits():
            response = self.client.get(path, base_url="http://127.0.0.1:8069")
            queries = threading.current_thread().query_count
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status}")
        return queries
