"""Raw mail: who hands it over, and who reads it."""

import tempfile
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO, StringIO, TextIOWrapper
from types import SimpleNamespace
from unittest.mock import patch
from xmlrpc.client import Fault

from odoo.tools import file_path, mute_logger

from .mail import GATEWAY, MailCommon
from .rpc import RpcCommon


class TestRawMail(MailCommon):
    def test_only_the_sig_reads_raw_mail(self):
        self.builder.assign(self.receive(self.read_mail("outlook")), self.operations)
        mail = self.get_mail()
        files = self.env["ir.attachment"].search([("res_model", "=", mail._name), ("res_id", "=", mail.id), ("res_field", "=", "raw")])
        self.assertEqual(len(files), 1)
        self.assertTrue(mail.with_user(self.director).raw)
        others = self.collaborator | self.leader | self.management | self.employee | self.portal
        self.assertDenied(mail, others, lambda own: own.read(["raw"]))
        self.assertDenied(files, others, lambda own: own.read(["raw"]))
        for user in others:
            self.assertFalse(user != self.portal and self.env["ir.attachment"].with_user(user).search([("id", "in", files.ids), ("res_field", "=", "raw")]))

    def test_no_raw_copy_on_the_case(self):
        case = self.receive(self.read_mail("outlook"), save_original=True, strip_attachments=True)
        self.assertEqual(case.attachment_ids.mapped("name"), ["Minuta portería.pdf"])
        self.assertFalse(case.message_ids.attachment_ids)


class TestMailOverRpc(MailCommon, RpcCommon):
    """Core lets every user call `message_process`: nobody hands over mail of PQRS but a gateway."""

    def test_forged_mail(self):
        case, message_id = self.close()
        kinds, mails = self.kinds(case), self.env["sig.pqrs.mail"].search_count([])
        survey = self.env["survey.survey"].create({"title": "Clima"})
        sheet = self.env["survey.user_input"].create({"survey_id": survey.id})
        for user in (self.collaborator, self.employee, self.director, self.portal):
            for model, name, fallback in (
                ("mail.thread", "gmail", False), ("mail.thread", "reply", "sig.pqrs"), ("sig.pqrs", "gmail", "sig.pqrs"),
                ("sig.pqrs", "dsn_failed", False), ("res.partner", "reply", False),
            ):
                raw = self.read_mail(name, message_id=message_id).decode()
                with self.subTest(f"{user.login} {model} {name}"), self.assertRaises(Fault) as caught:
                    self.xmlrpc(user, model, "message_process", fallback, raw)
                self.assertIn("gateway", caught.exception.faultString)
            raw = self.read_mail("stranger").replace(b"servicioalcliente@", b"x@").decode()
            for record in (case, survey, sheet):
                hand_over = partial(self.xmlrpc, user, record._name, "message_process", record._name, raw)
                self.assertEachRaises(Fault, partial(hand_over, thread_id=record.id))
            for model in ("sig.pqrs", "sig.pqrs.identity"):
                self.assertEachRaises(Fault, partial(self.xmlrpc, user, model, "message_new", {"subject": "x"}))
        self.env.invalidate_all()
        self.assertEqual((self.kinds(case), self.env["sig.pqrs.mail"].search_count([])), (kinds, mails))

    def test_gateway(self):
        self.employee.group_ids |= self.env.ref("sig_pqrs.group_mail_gateway")
        cases = self.env["sig.pqrs"].search([])
        self.xmlrpc(self.employee, "mail.thread", "message_process", False, self.read_mail("gmail").decode())
        case = self.env["sig.pqrs"].search([]) - cases
        self.assertEqual((case.state, case.create_uid), ("received", self.env.ref("base.user_root")))
        self.assertEachRaises(Fault, lambda: self.xmlrpc(self.employee, "sig.pqrs", "read", case.ids, ["subject"]))

    def test_script_of_the_pipe(self):
        self.employee.group_ids |= self.env.ref("sig_pqrs.group_mail_gateway")
        raw = self.read_mail("latin1")
        statuses = [self.run_pipe(raw), self.run_pipe(raw.replace(b"servicioalcliente@", b"nadie@")), self.run_pipe(raw, "x")]
        self.assertEqual(statuses, [0, 67, 75], "nobody has an address: it is given back; otherwise it is tried again")
        mail = self.get_mail()
        self.assertEqual((mail._get_raw(), mail.pqrs_id.state), (raw, "received"))

    def test_a_pipe_that_is_set_up_badly_gives_no_mail_back(self):
        script = self.load_pipe()
        with patch.object(script, "sys", SimpleNamespace(stderr=StringIO())):
            self.assertEqual([script.main(), script.main("http://localhost", "database", "2")], [75, 75])

    @staticmethod
    def load_pipe():
        spec = spec_from_file_location("mailgate", file_path("sig_pqrs/static/scripts/mailgate.py"))
        script = module_from_spec(spec)
        spec.loader.exec_module(script)
        return script

    def run_pipe(self, raw, key=None):
        """What the script says to the mail server."""
        script = self.load_pipe()
        self.env.flush_all()
        with (
            tempfile.NamedTemporaryFile("w") as password, mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc", GATEWAY),
            patch.object(script, "ServerProxy", lambda *_args, **_kwargs: self.xmlrpc_object),  # which tests may use
            patch.object(script, "sys", SimpleNamespace(stdin=TextIOWrapper(BytesIO(raw)), stderr=StringIO())),
        ):
            password.write(key or self.get_key(self.employee))
            password.flush()
            status = script.main(self.base_url(), self.cr.dbname, str(self.employee.id), password.name)
        self.env.invalidate_all()
        return status
