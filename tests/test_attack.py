"""The fast part of `dev/attack`: what it tries, on fewer records and as fewer roles. See `tests/attack`."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.modules import module
from odoo.tools import mute_logger

from .attack import files, forms, messages, methods, names
from .attack.caller import Caller
from .attack.canary import Canaries
from .attack.journal import Journal
from .attack.judge import Judge
from .attack.raid import Book, Raid
from .common import freeze_time
from .rpc import RpcCommon

TABLES = "sig\\_% mail\\_% message\\_% survey\\_% ir\\_attachment rating\\_rating"
QUIET = (
    "odoo.http", "odoo.sql_db", "odoo.models", "odoo.orm.models", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_attachment", "odoo.addons.website.models.ir_http", "odoo.addons.mail.models.mail_thread", "werkzeug",
)  # fmt: skip


@freeze_time("2026-11-24 15:00:00")
class TestAttack(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env["res.company"].create({"name": "Otra", "country_id": cls.env.ref("base.co").id})
        cls.stranger = cls.builder.make_user(cls.env, "sig_stranger", "De la otra", "administrator", company)
        cls.auditor = cls.builder.make_user(cls.env, "sig_auditor", "Auditora", "auditor")
        cls.make_secret()
        cls.builder.draft(cls.builder.assign(cls.builder.file({"partner_id": cls.contact.id}), cls.operations))
        cls.canaries = Canaries(cls.env)
        cls.canaries.plant()
        Journal(cls.execute).keep(TABLES)
        cls.logins = [user.login for user in (cls.portal, cls.interviewer, cls.auditor, cls.collaborator, cls.stranger)]
        cls.judge = Judge(cls.env, cls.canaries, cls.logins)

    @classmethod
    def make_secret(cls):
        case = cls.builder.file({
            "partner_name": "Testigo", "restricted": True, "subject": "Reservada", "description": "Lo vi todo.", "site": "Puesto 9",
            "attachment_ids": [(0, 0, {"name": "video.txt", "raw": b"Reservado"})],
        })  # fmt: skip
        assignment = cls.builder.assign(case, cls.technology)
        cls.builder.draft(assignment)
        cls.builder.approve(assignment)
        case = case.with_user(cls.director)
        case.message_post(body="Nota reservada", subtype_xmlid="mail.mt_note")
        case.activity_schedule("mail.mail_activity_data_todo", summary="Llamar", user_id=cls.director.id)


    @classmethod
    def execute(cls, query, arguments=None):
        cls.env.flush_all()
        cls.env.cr.execute(query, arguments)
        return cls.env.cr.fetchall() if cls.env.cr.description else []

    def raid(self, user, attack, *arguments):
        self.authenticate(user.login, user.login)
        book = Book()
        journal = Journal(self.execute)
        journal.read_changes()
        with mute_logger(*QUIET):
            attack(Raid(self.env, self.judge, journal, Caller(self.opener, self.base_url()), user.login, book), *arguments)
        self.env.invalidate_all()
        self.assertGreater(book.tries.total(), 10)
        self.assertFalse(book.breaches, "\n".join(book.tell()))

    def test_messages(self):
        for user in (self.portal, self.collaborator, self.auditor):
            self.raid(user, messages.run, ["sig.pqrs"])

    def test_names(self):
        self.raid(self.interviewer, forms.run, ["mail.activity"])
        self.raid(self.collaborator, names.run, ["sig.pqrs", "sig.pqrs.assignment", "mail.activity", "mail.message"])

    def test_mails_of_others(self):
        mail = self.env["mail.mail"].create({"subject": "Aviso", "email_to": "ana@example.com"})
        for user in (self.portal, self.collaborator, self.auditor):
            # in tests core sends at once, with other checks
            with patch.object(module, "current_test", False), self.assertRaises(AccessError):
                mail.with_user(user).send_after_commit()

    def test_files(self):
        self.raid(self.collaborator, files.change_kept)

    def test_methods(self):
        for user in (self.portal, self.stranger):
            self.raid(user, methods.run, ["sig.pqrs.assignment", "sig.pqrs.request", "mail.message"])
