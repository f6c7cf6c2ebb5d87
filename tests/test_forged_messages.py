"""Messages that no step wrote: by every door of core, as clients and as our own people."""
from datetime import timedelta
from unittest.mock import patch

from markupsafe import Markup

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Datetime
from odoo.modules import module
from odoo.tools import mute_logger

from .common import brief_refusals
from .test_kept import KeptCommon

TO_CLIENT, FROM_CLIENT = "sig_pqrs.mt_to_client", "sig_pqrs.mt_from_client"


class TestForgedMessages(KeptCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(brief_refusals(cls.registry))
        cls.identity = cls.make_case(identity_reserved=True, restricted=True).sudo().identity_ids
        cls.to_client = cls.env.ref(TO_CLIENT).id
        cls.note, cls.comment = cls.env.ref("mail.mt_note").id, cls.env.ref("mail.mt_comment").id
        cls.threads = (cls.case.sudo(), cls.assignment.sudo(), cls.identity, cls.identity.pqrs_id, cls.operations.sudo())

    def make_message(self, user, record, **vals):
        return self.env["mail.message"].with_user(user).create({"model": record._name, "res_id": record.id, "body": "Falso", **vals})

    def said(self):
        """All that is said on our records."""
        self.env.flush_all()
        self.env.cr.execute(
            """SELECT count(*), md5(json_agg(concat(id, body, author_id, subtype_id, message_type, model, res_id) ORDER BY id)::text)
                 FROM mail_message WHERE model LIKE 'sig.%'"""
        )
        return self.env.cr.fetchone()

    def assertUnsaid(self, *attempts):
        """Each attempt is refused, and nothing was said anywhere."""
        said = self.said()
        for attempt in attempts:
            with self.subTest(attempt.__doc__), self.assertRaises(UserError), self.env.cr.savepoint():
                attempt()
        self.env.invalidate_all()
        self.assertEqual(self.said(), said)

    def test_who_may_not_post(self):
        """Neither a notification, nor an answer to a message to oneself, nor following a record opens its thread."""
        people = (self.portal, self.employee, self.other_collaborator, self.interviewer)
        for record in self.threads:
            told = record.message_notify(body="Para ti", partner_ids=[user.partner_id.id for user in people])
            self.env["mail.followers"].sudo().create([
                {"res_model": record._name, "res_id": record.id, "partner_id": user.partner_id.id, "subtype_ids": [Command.set([self.comment])]}
                for user in people if not record.message_follower_ids.filtered(lambda row, user=user: row.partner_id == user.partner_id)
            ])  # fmt: skip
            for user in people:
                Message = self.env["mail.message"].with_user(user)
                with self.subTest(user=user.name, record=record._name):
                    self.assertUnsaid(*(
                        lambda vals=vals, user=user, record=record: self.make_message(user, record, **vals) for vals in (
                            {"message_type": "user_notification"},
                            {"message_type": "user_notification", "subtype_id": self.to_client},
                            {"message_type": "user_notification", "subtype_id": self.env.ref(FROM_CLIENT).id, "author_id": self.company.partner_id.id},
                            {"message_type": "comment", "parent_id": told.id}, {"message_type": "comment", "subtype_id": self.comment},
                            {"tracking_value_ids": [Command.create({"field_id": False, "new_value_char": "Cerrada"})]},
                        )
                    ), lambda Message=Message, record=record: Message.with_context(
                        default_model=record._name, default_res_id=record.id, default_message_type="user_notification",
                    ).create({"body": "Falso"}), *(
                        lambda model=model, vals=vals, user=user: self.env[model].with_user(user).create(vals) for model, vals in (
                            ("ir.attachment", {"name": "x", "raw": b"x", "res_model": record._name, "res_id": record.id}),
                            ("mail.activity", {"summary": "Falso", "res_model_id": self.env["ir.model"]._get_id(record._name), "res_id": record.id}),
                            ("mail.mail", {"body_html": "Falso", "email_to": "x@example.com", "model": record._name, "res_id": record.id}),
                        )
                    ))  # fmt: skip

    def test_who_may_post(self):
        """In their own name, what is theirs to write: not as a colleague, the company, a client or a step."""
        elsewhere = self.make_case().message_ids[:1]
        for user, record in ((self.director, self.case), (self.director, self.identity), (self.collaborator, self.assignment)):
            note = self.make_message(user, record, message_type="comment", subtype_id=self.note)
            self.assertEqual(note.author_id, user.partner_id)
            self.assertUnsaid(*(
                lambda vals=vals, user=user, record=record: self.make_message(user, record, **vals) for vals in (
                    {"subtype_id": self.to_client}, {"message_type": "user_notification", "subtype_id": self.to_client},
                    {"author_id": self.leader.partner_id.id}, {"author_id": self.company.partner_id.id}, {"author_id": self.contact.id},
                    {"email_from": "gerencia@example.com"}, {"message_type": "email"}, {"message_type": "notification"}, {"date": "2026-01-01 10:00:00"},
                    {"subtype_id": self.note, "parent_id": elsewhere.id}, {"subtype_id": self.note, "incoming_email_to": "x@example.com"},
                    {"subtype_id": self.env.ref("mail.mt_activities").id},
                    {"subtype_id": self.note, "tracking_value_ids": [Command.create({"new_value_char": "Cerrada"})]},
                )
            ), *(
                lambda values=values, user=user, record=record: record.with_user(user).sudo(False).message_post(body="Falso", **values)
                for values in (
                    {"author_id": self.leader.partner_id.id}, {"message_type": "email"}, {"partner_ids": self.contact.ids},
                    {"email_from": "gerencia@example.com"}, {"message_type": "auto_comment"}, {"date": "2026-01-01 10:00:00"},
                )
            ))  # fmt: skip
            posted = record.with_user(user).sudo(False).message_post(body="Nota", subtype_xmlid=TO_CLIENT)
            self.assertEqual((posted.message_type, posted.subtype_id.id), ("comment", self.note))

    def test_foreign_records(self):
        note = self.contact.with_user(self.director).message_post(body="Nota")
        tracked = self.env["mail.tracking.value"].sudo().create({
            "mail_message_id": self.case.sudo().message_ids[:1].id, "new_value_char": "Verdad", "field_info": {"desc": "x", "name": "x", "type": "char"},
        })  # fmt: skip
        template = self.env["mail.template"].create({"name": "x", "model_id": self.env["ir.model"]._get_id("res.partner"), "subject": "x", "body_html": "<p>x</p>"})
        message = self.case.sudo().message_ids[:1]
        send = template.with_user(self.director).send_mail
        self.assertUnsaid(
            lambda: note.with_user(self.env.ref("base.user_admin")).write({"model": "sig.pqrs", "res_id": self.case.id}),
            lambda: send(self.contact.id, email_values={"model": "sig.pqrs", "res_id": self.identity.pqrs_id.id, "subtype_id": self.to_client}),
            lambda: send(self.contact.id, email_values={"mail_message_id": message.id, "body": "Falso"}),
            *(
                lambda command=command: self.make_message(self.director, self.contact, tracking_value_ids=[command])
                for command in (Command.update(tracked.id, {"new_value_char": "Falso"}), Command.link(tracked.id), Command.delete(tracked.id))
            ),
        )
        self.assertEqual((tracked.exists().new_value_char, tracked.mail_message_id), ("Verdad", message))

    def test_notify(self):
        """Who may write notifies our own people, in their own name; the SIG also others."""
        restricted = self.identity.pqrs_id
        notify = self.env["mail.thread"].with_user(self.other_collaborator).message_notify
        for record, user in ((self.case, self.management), (self.assignment, self.management), (restricted, self.leader)):
            for partner in (self.contact, self.leader.partner_id):
                self.assertUnsaid(lambda record=record, user=user, partner=partner: record.sudo(False).with_user(user).message_notify(body="x", partner_ids=partner.ids))
        self.assertUnsaid(
            lambda: notify(body="x", partner_ids=self.contact.ids, model=restricted._name, res_id=restricted.id),
            lambda: self.draft.message_notify(body="x", partner_ids=self.contact.ids),
            lambda: self.draft.browse().message_notify(body="x", partner_ids=self.contact.ids),
            lambda: self.draft.message_notify(body="x", partner_ids=self.leader.partner_id.ids, author_id=self.leader.partner_id.id),
            lambda: self.draft.message_notify(body="x", partner_ids=self.leader.partner_id.ids, subtype_xmlid=TO_CLIENT),
            lambda: self.draft.message_notify(body="x", partner_ids=self.leader.partner_id.ids, email_from="gerencia@example.com"),
        )
        self.assertTrue(self.draft.message_notify(body="x", partner_ids=self.leader.partner_id.ids))
        self.assertTrue(self.case.with_user(self.director).message_notify(body="x", partner_ids=self.contact.ids))

    def test_record_without_a_thread(self):
        revision = self.env["sig.document.revision"].search([], limit=1)
        told = (self.administrator | self.employee).partner_id
        note = self.make_message(self.director, revision, message_type="comment", subtype_id=self.note, partner_ids=[Command.set(told.ids)])
        self.assertEqual(note.partner_ids, self.administrator.partner_id, "who reads the record")

    def test_composer_and_scheduled(self):
        def compose(user, record, mode="comment", **values):
            composer = self.env["mail.compose.message"].with_user(user).create({
                "model": record._name, "res_ids": record.ids, "composition_mode": mode, "body": "Falso", "subject": "x",
                "partner_ids": [Command.set(self.contact.ids)], **values,
            })  # fmt: skip
            return composer._action_send_mail()

        def schedule(user, record, **values):
            return self.env["mail.scheduled.message"].with_user(user).create({
                "model": record._name, "res_id": record.id, "body": "Falso", "author_id": user.partner_id.id, "is_note": True,
                "scheduled_date": Datetime.now() + timedelta(hours=1), **values,
            })  # fmt: skip

        mine = schedule(self.collaborator, self.assignment)
        template, own = self.env.ref("sig_pqrs.mail_message"), self.case.with_user(self.director)
        self.assertUnsaid(
            lambda: compose(self.director, self.case),
            lambda: compose(self.director, self.case, template_id=template.id),
            lambda: compose(self.director, self.case, "mass_mail", template_id=template.id),
            lambda: own.message_mail_with_source(template),
            lambda: own.message_post_with_source(template),
            lambda: compose(self.collaborator, self.assignment),
            lambda: compose(self.collaborator, self.assignment, "mass_mail"),
            lambda: compose(self.director, self.case, "mass_mail"),
            lambda: compose(self.director, self.case, subtype_id=self.to_client),
            lambda: compose(self.director, self.case, author_id=self.leader.partner_id.id),
            lambda: schedule(self.management, self.assignment),
            lambda: schedule(self.collaborator, self.assignment, author_id=self.leader.partner_id.id),
            lambda: mine.with_user(self.leader).write({"body": "Falso"}),
            lambda: schedule(self.collaborator, self.assignment, notification_parameters='{"message_type": "email"}').post_message(),
            lambda: schedule(self.collaborator, self.assignment, partner_ids=self.contact.ids).post_message(),
        )
        compose(self.director, self.case, partner_ids=[], subtype_id=self.comment)
        self.assertTrue(self.case.sudo().message_ids[:1].subtype_id.internal)
        mine.with_user(self.collaborator).post_message()
        self.assertIn("Falso", str(self.assignment.sudo().message_ids[:1].body))

    def test_pages(self):
        def post(user, record, **data):
            return self.rpc(
                user, "/mail/message/post", thread_model=record._name, thread_id=record.id, post_data={"body": "Falso", **data},
                context={"sig_step": True, "sig_user_words": False, "sig_from_petitioner": True},
            )  # fmt: skip

        message = self.case.with_user(self.director).message_post(body="Nota", message_type="comment")
        said = self.said()
        for user, record, data in (
            (self.portal, self.case, {}),
            (self.director, self.case, {"message_type": "email"}), (self.director, self.case, {"partner_emails": ["ana@example.com"]}),
            (self.collaborator, self.assignment, {"partner_ids": self.contact.ids}), (self.management, self.assignment, {}),
        ):
            with mute_logger("odoo.http"):
                self.assertIn("error", post(user, record, **data), (user.name, record, data))
        self.assertEqual(self.said(), said)
        told = self.assignment.sudo().message_notify(body="Mira", partner_ids=self.management.partner_id.ids)
        for user, id_ in ((self.portal, message.id), (self.management, told.id), (self.management, message.id)):
            self.assertIn("error", self.rpc(user, "/mail/message/reaction", message_id=id_, content="👍", action="add"))
            self.assertIn("error", self.rpc(user, "/mail/message/update_content", message_id=id_, update_data={"body": "Falso"}))
        self.assertNotIn("error", post(self.collaborator, self.assignment, subtype_xmlid="mail.mt_note"))
        self.assertIn("Falso", str(self.assignment.sudo().message_ids[:1].body))

    def test_activity_that_is_done(self):
        """Who may not write on a record marks what waits there as done, and says nothing."""
        activity = self.assignment.sudo().activity_schedule("mail.mail_activity_data_todo", user_id=self.management.id)
        self.assertUnsaid(lambda: activity.with_user(self.management).action_feedback("Falso"))
        said = self.said()
        activity.with_user(self.management).action_done()
        self.assertFalse(activity.active)
        self.assertEqual(self.said(), said)
        activity = self.assignment.sudo().activity_schedule("mail.mail_activity_data_todo", user_id=self.collaborator.id)
        activity.with_user(self.collaborator).action_feedback("Va el acta")
        self.assertIn("Va el acta", str(self.assignment.sudo().message_ids[:1].body))

    def test_ratings(self):
        """No page of core writes on our records what a rating that a user made says."""
        self.case.with_user(self.director).action_write_to_client("Lo revisamos hoy")
        message = self.case.sudo().message_ids[:1]
        Rating = self.env["rating.rating"].with_user(self.employee)
        place = {"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.contact.id, "partner_id": self.contact.id}
        rating = Rating.create({**place, "access_token": "propio"})
        self.assertUnsaid(
            lambda: Rating.create({**place, "access_token": "falso", "message_id": message.id}),
            lambda: rating.write({"message_id": message.id}),
            lambda: rating.write({"res_model_id": self.env["ir.model"]._get_id("sig.process"), "res_id": self.operations.id}),
            lambda: Rating.create({**place, "res_model_id": self.env["ir.model"]._get_id("sig.action.plan"), "res_id": 1, "access_token": "falso"}),
        )

    def test_mails_of_others(self):
        mail = self.env["mail.mail"].create({"subject": "Aviso", "email_to": "ana@example.com"})
        for user in (self.portal, self.collaborator, self.management):
            # in tests core sends at once, with other checks
            with patch.object(module, "current_test", False), self.assertRaises(AccessError):
                mail.with_user(user).send_after_commit()

    def test_text_messages(self):
        composer = self.env["sms.composer"].with_user(self.management).create({
            "composition_mode": "mass", "res_model": self.assignment._name, "res_ids": str(self.assignment.ids), "body": "Falso",
            "mass_keep_log": True, "number_field_name": "display_name",
        })  # fmt: skip
        self.assertUnsaid(composer.action_send_sms)

    def test_note_of_another(self):
        """Not even an administrator of Odoo edits what somebody else said."""
        plan = self.env["sig.action.plan"].sudo().create({"name": "Plan", "process_id": self.operations.id, "user_id": self.leader.id})
        note = plan.with_user(self.leader).message_post(body="Mi nota")
        admin = self.env.ref("base.user_admin")
        admin.group_ids += self.env.ref("sig_pqrs.group_administrator")
        self.assertIn("error", self.edit(admin, note))
        self.assertNotIn("error", self.edit(self.leader, note))
        self.assertIn("Otra cosa", note.body)

    def test_no_message_is_read_by_the_client(self):
        """Whatever stands in the thread, and of whatever kind: clients read communications, which steps write."""
        case = self.case.sudo()
        for message_type in ("user_notification", "comment"):
            self.env["mail.message"].create({
                "model": case._name, "res_id": case.id, "message_type": message_type, "subtype_id": self.to_client, "body": Markup("<p>Falso</p>"),
                "attachment_ids": [Command.create({"name": "Respuesta oficial.pdf", "raw": b"x"})],
            })  # fmt: skip
        case.with_user(self.director).action_write_to_client("Lo revisamos hoy")
        self.assertEqual([message["text"] for message in self.see(case)["messages"] if message["text"]], ["Lo revisamos hoy"])
