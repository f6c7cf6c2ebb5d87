"""The fast part of `dev/attack`: every method of some models, by a client and by the administrator of another company."""

from odoo.tools import mute_logger

from .attack import methods
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
        cls.make_secret()
        cls.builder.draft(cls.builder.assign(cls.builder.file({"partner_id": cls.contact.id}), cls.operations))
        canaries = Canaries(cls.env)
        canaries.plant()
        Journal(cls.execute).keep(TABLES)
        cls.judge = Judge(cls.env, canaries, [cls.portal.login, cls.stranger.login])

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

    def test_methods(self):
        book, journal = Book(), Journal(self.execute)
        for user in (self.portal, self.stranger):
            self.authenticate(user.login, user.login)
            journal.read_changes()
            with mute_logger(*QUIET):
                raid = Raid(self.env, self.judge, journal, Caller(self.opener, self.base_url()), user.login, book)
                methods.run(raid, ["sig.pqrs.assignment", "sig.pqrs.request", "mail.message"])
            self.env.invalidate_all()
            self.assertGreater(book.tries["methods", user.login], 10)
        self.assertFalse(book.breaches, "\n".join(book.tell()))
