"""Calls from outside, by both protocols."""

from unittest.mock import patch
from xmlrpc.client import Fault

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import SigCommon


class RpcCommon(SigCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.object(cls.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4", "pdf")))

    def setUp(self):
        super().setUp()
        self.keys = {}

    def get_key(self, user):
        """A key that does not expire: the database knows the real date."""
        if user not in self.keys:
            self.keys[user] = self.env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "test", None)
        return self.keys[user]

    def json2(self, user, model, method, ids=(), **kwargs):
        """Status and body of a call."""
        headers = {"Authorization": f"Bearer {self.get_key(user)}"} if user else {}
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
            response = self.url_open(f"/json/2/{model}/{method}", json={"ids": list(ids), **kwargs} if ids else kwargs, headers=headers)
        self.env.invalidate_all()
        return response.status_code, response.json()

    def json2_ok(self, user, model, method, ids=(), **kwargs):
        status, body = self.json2(user, model, method, ids, **kwargs)
        self.assertEqual(status, 200, body)
        return body

    def xmlrpc(self, user, model, method, *args, **kwargs):
        key = self.get_key(user)
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc"):
            try:
                return self.xmlrpc_object.execute_kw(self.cr.dbname, user.id, key, model, method, args, kwargs)
            finally:
                self.env.invalidate_all()

    def assertRefused(self, user, model, method, ids=(), **kwargs):
        """Both protocols refuse the call, for the user's rights or the step's."""
        what = f"{user.name}: {model}.{method}({kwargs})"
        status, body = self.json2(user, model, method, ids, **kwargs)
        self.assertIn(status, (403, 404, 422), f"{what}: {body}")
        self.assertNotIn("werkzeug.exceptions.UnprocessableEntity", str(body), what)
        with self.assertRaises(Fault, msg=what) as caught:
            self.xmlrpc(user, model, method, *([list(ids)] if ids else []), **kwargs)
        self.assertIn(caught.exception.faultCode, (2, 4), f"{what}: {caught.exception.faultString}")
