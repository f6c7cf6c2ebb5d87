"""What was said and attached in a case stays: nobody rewrites it by core's own doors, and daily work goes on."""

from odoo.addons.sig_pqrs.models.core.mail_message import SAID_FIELDS
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .rpc import RpcCommon

QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.mail.controllers.thread")


class KeptCommon(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_case(partner_id=cls.portal.partner_id.id, email_from="portal@example.com")
        cls.assignment = cls.make_assignment(cls.case)
        cls.draft = cls.assignment.with_user(cls.collaborator)
        cls.people = (cls.director, cls.leader, cls.collaborator, cls.portal, cls.administrator)

    def rpc(self, user, url, **params):
        """The answer to a call of the web client."""
        self.env.flush_all()
        self.authenticate(user.login, user.login)
        with mute_logger(*QUIET):
            answer = self.url_open(url, json={"jsonrpc": "2.0", "method": "call", "params": params}).json()
        self.env.invalidate_all()
        return answer

    def edit(self, user, message, body="<p>Otra cosa</p>", **data):
        return self.rpc(user, "/mail/message/update_content", message_id=message.id, update_data={"body": body, **data})


class TestKeptMessages(KeptCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # as before the conversation was one of communications
        cls.received = cls.case.sudo().message_post(
            body="El portón quedó abierto", message_type="comment", subtype_xmlid="sig_pqrs.mt_from_client", author_id=cls.portal.partner_id.id
        )
        cls.case.with_user(cls.director).action_write_to_client("Lo revisamos hoy")
        cls.written = cls.case.sudo().message_ids.filtered(lambda message: "Lo revisamos hoy" in message.body)[:1]

    def test_over_rpc(self):
        changes = (
            {"body": "Nada pasó"}, {"date": "2026-01-01 10:00:00"}, {"author_id": self.leader.partner_id.id}, {"is_internal": True},
            {"subtype_id": self.env.ref("mail.mt_note").id}, {"message_type": "notification"}, {"email_from": "x@example.com"},
            {"attachment_ids": [[5]]}, {"partner_ids": [[5]]}, {"body": "x", "starred_partner_ids": []},
        )
        for message in self.received | self.written:
            said = message.read(sorted(SAID_FIELDS))
            commands = ([1, message.id, {"body": "x"}], [2, message.id, 0])
            self.assertDenied(
                message, self.people, *(lambda own, vals=vals: own.write(vals) for vals in changes), lambda own: own.unlink(),
                *(lambda own, command=command: self.case.with_env(own.env).write({"message_ids": [command]}) for command in commands),
                error=UserError,
            )
            self.assertRefused(self.director, "mail.message", "write", message.ids, vals={"body": "Nada pasó"})
            self.assertEqual(message.read(sorted(SAID_FIELDS)), said)
        _status, body = self.json2(self.director, "mail.message", "write", self.received.ids, vals={"body": "x"})
        self.assertIn("stays as it was said", str(body))

    def test_on_the_screen(self):
        for user, message in ((self.director, self.written), (self.portal, self.received), (self.administrator, self.received)):
            said = message.body
            for data in ({}, {"body": "", "attachment_ids": []}):
                self.assertIn("error", self.edit(user, message, **data), user.name)
            self.assertEqual(message.body, said)

    def test_notes_of_the_case_and_of_the_identity(self):
        note = self.case.with_user(self.director).message_post(body="Llamé y no contestó")
        self.assertIn("error", self.edit(self.director, note))
        reserved = self.make_case(identity_reserved=True)
        note = reserved.sudo().identity_ids.with_user(self.director).message_post(body="Se le llamó")
        self.assertEachRaises(UserError, lambda: note.write({"body": "x"}), note.unlink, lambda: note.write({"model": False}))
        self.assertIn("error", self.edit(self.director, note))

    def test_own_notes_over_a_draft(self):
        note = self.draft.message_post(body="Falta el video", message_type="comment", subtype_xmlid="mail.mt_note")
        self.assertRefused(self.collaborator, "mail.message", "write", note.ids, vals={"body": "x"})
        self.assertRefused(self.collaborator, "mail.message", "unlink", note.ids)
        self.assertIn("error", self.edit(self.leader, note), "it is not theirs")
        self.assertIn("error", self.edit(self.administrator, note), "nor of the administrator")
        self.assertIn("error", self.edit(self.collaborator, note))
        self.assertIn("Falta el video", note.body)


class TestKeptFiles(KeptCommon):
    def attach(self, record, user=None, name="acta.txt"):
        return self.env["ir.attachment"].with_user(user or self.env.user).create(
            {"name": name, "raw": b"original", "res_model": record._name, "res_id": record.id}
        )

    def delete(self, user, file, **params):
        """Whether the button of the chatter deleted it."""
        self.rpc(user, "/mail/attachment/delete", attachment_id=file.id, **params)
        return not file.exists()

    def assertKept(self, file, user, changes=({"raw": b"otra"}, {"name": "otra.txt"})):
        own = file.with_user(user)
        self.assertEachRaises(UserError, *(lambda vals=vals: own.write(vals) for vals in changes), own.unlink)
        self.assertFalse(self.delete(user, file), user.name)
        self.assertEqual((file.raw, file.exists()), (b"original", file))

    def test_files_of_a_case(self):
        annex = self.attach(self.case)
        self.case.sudo().attachment_ids = annex
        every = (
            {"raw": b"x"}, {"datas": "eA=="}, {"db_datas": b"x"}, {"name": "x"}, {"res_id": False}, {"res_model": "res.partner", "res_id": 1},
            {"type": "url", "url": "https://example.com"}, {"mimetype": "text/plain"}, {"public": True}, {"res_field": "x"},
        )
        self.assertKept(annex, self.director, every)
        for user in self.people:
            self.assertKept(annex, user)
        for command in ([1, annex.id, {"name": "x"}], [2, annex.id, 0]):
            self.assertRefused(self.director, "sig.pqrs", "write", self.case.ids, vals={"attachment_ids": [command]})
        self.assertEachRaises(UserError, lambda: annex.with_user(self.director).write({"name": "x"}), said="is kept as proof")
        self.assertDenied(annex, self.other_collaborator, lambda own: own.write({"name": "x"}))

    def test_token_of_who_uploaded_it(self):
        """Core lets whoever uploaded a file delete it, before it is sent and after."""
        file = self.env["ir.attachment"].create({"name": "f.txt", "raw": b"original", "res_model": "mail.compose.message", "res_id": 0})
        token = file._get_ownership_token()
        pending = file.copy()
        self.assertTrue(self.delete(self.leader, pending, access_token=pending._get_ownership_token()))
        self.case.sudo().message_post(body="Foto", attachment_ids=file.ids)
        file.sudo().write({"res_model": "sig.pqrs", "res_id": self.case.id})
        self.assertFalse(self.delete(self.leader, file, access_token=token))
        self.assertFalse(self.delete(self.portal, file, access_token=token))

    def test_draft_being_written(self):
        for delete in (lambda file: file.with_user(self.collaborator).unlink(), lambda file: self.delete(self.collaborator, file)):
            file = self.attach(self.assignment, self.collaborator)
            self.draft.write({"response": "<p>Revisamos</p>", "attachment_ids": [Command.link(file.id)]})
            file.with_user(self.collaborator).write({"name": "acta final.txt", "raw": b"otra"})
            delete(file)
            self.assertFalse(file.exists() or self.draft.attachment_ids)
        file = self.attach(self.assignment, self.collaborator)
        self.assertDenied(file, self.other_collaborator | self.portal | self.employee, lambda own: own.unlink())

    def test_draft_that_waits_or_was_approved(self):
        file, second = (self.attach(self.assignment, self.collaborator) for _number in range(2))
        self.draft.write({"response": "<p>Revisamos</p>", "attachment_ids": [Command.set((file | second).ids)]})
        self.draft.action_submit()
        for user in (self.collaborator, self.leader, self.director):
            self.assertKept(file, user)
        self.assignment.with_user(self.leader).write({"attachment_ids": [Command.unlink(second.id)]})
        self.assertEqual((self.draft.attachment_ids, second.exists()), (file, second), "the leader takes it out of the draft")
        self.finish_draft(self.assignment, write=False)
        for user in (self.collaborator, self.leader, self.director):
            self.assertKept(file, user)
        self.assignment.with_user(self.director).action_return("Falta una firma")
        self.assertKept(file, self.collaborator)
        self.draft.write({"attachment_ids": [Command.unlink(file.id)]})
        self.assertFalse(self.draft.attachment_ids, "who drafts takes it out of the answer; it stays on the file")
        new = self.attach(self.assignment, self.collaborator)
        self.env.cr.execute("UPDATE ir_attachment SET create_date = create_date + interval '1 minute' WHERE id = %s", [new.id])
        self.env.invalidate_all()
        self.assertTrue(self.delete(self.collaborator, new), "no approval covered it")
        third = self.attach(self.assignment, self.collaborator)
        self.draft.write({"attachment_ids": [Command.set(third.ids)]})
        self.finish_draft(self.assignment)
        self.builder.send(self.case)
        for user in self.people:
            self.assertKept(third, user)
        letter, people = self.case.sudo().letter_id.sudo(False), self.director | self.administrator
        self.assertDenied(letter, people, lambda own: own.write({"raw": b"x"}), lambda own: own.unlink(), error=UserError)

    def test_draft_that_is_talked_over(self):
        """A file that somebody spoke of stays with what they said."""
        file = self.attach(self.assignment, self.collaborator)
        note = {"message_type": "comment", "subtype_xmlid": "mail.mt_note", "attachment_ids": file.ids}
        said = self.draft.message_post(body="Va el acta", **note)
        self.assignment.with_user(self.leader).message_post(body="Esta no es", **note)
        self.assertKept(file, self.collaborator)
        for none in ([], "", {}):
            data = {"body": "Va el acta", "attachment_ids": none}
            self.rpc(self.collaborator, "/mail/message/update_content", message_id=said.id, update_data=data)
            self.assertTrue(file.exists(), none)

    def test_what_core_does_goes_on(self):
        annex = self.attach(self.case)
        own = annex.with_user(self.director)
        self.assertTrue(own.generate_access_token())
        own.register_as_main_attachment()
        own.write({"description": "Acta de entrega", "index_content": "acta", "thumbnail": False})
        thumbnail = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
        own.sudo().thumbnail = thumbnail
        self.reload()
        self.assertEachRaises(UserError, lambda: own.sudo().write({"thumbnail": False}), said="kept as proof")
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("ir_attachment.location", "db")
        stored = self.attach(self.case)
        self.assertTrue(stored.db_datas)
        parameters.set_param("ir_attachment.location", "file")
        self.env["ir.attachment"].with_user(self.env.ref("base.user_admin")).force_storage()
        self.assertEqual((annex.raw, stored.raw, stored.db_datas), (b"original", b"original", False))
        self.assertEachRaises(UserError, lambda: own.write({"description": "x", "raw": b"x"}))
        annex.sudo().write({"name": "nuevo.txt"})
        annex.sudo().unlink()
        self.assertFalse(annex.exists())
        loose = self.env["ir.attachment"].with_user(self.director).create({"name": "x", "raw": b"x"})
        loose.write({"raw": b"y", "res_model": "sig.pqrs.step.wizard", "res_id": 0})
        loose.unlink()
