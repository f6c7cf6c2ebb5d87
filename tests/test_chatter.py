from functools import partial

from odoo.exceptions import UserError
from odoo.tests import HttpCase

from .common import SigCommon, real_clock

COMMENT = "mail.mt_comment"


class ChatterCommon(SigCommon):
    """Somebody who works on a case, and its client; no mail may go from one to the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assignment = cls.builder.assign(cls.builder.file({"partner_id": cls.contact.id}), cls.operations)
        cls.case = cls.assignment.pqrs_id.with_env(cls.env)
        cls.director.notification_type = "inbox"
        cls.leader.notification_type = "inbox"

    def make_threads(self):
        plan = self.env["sig.action.plan"].with_user(self.director).create({
            "name": "Plan", "process_id": self.operations.id, "user_id": self.leader.id,
        })
        review = self.env["sig.management.review"].with_user(self.director).create({})
        return [self.case, self.assignment, plan, review]

    def count_mails(self):
        return self.env["mail.mail"].sudo().search_count([("sig_purpose", "=", False)])


class TestInternalNotes(ChatterCommon):
    def test_what_is_written_is_a_note(self):
        for thread in self.make_threads():
            own = thread.with_user(self.director)
            for values in ({}, {"subtype_xmlid": COMMENT}, {"subtype_id": self.env.ref(COMMENT).id}):
                message = own.message_post(body="Entre nosotros", message_type="comment", **values)
                self.assertTrue(message.sudo().subtype_id.internal, (thread, values))

    def test_it_goes_to_nobody_outside(self):
        outsiders = self.contact | self.portal.partner_id | self.client
        before = self.count_mails()
        for thread in self.make_threads():
            own = thread.with_user(self.director)
            post = partial(own.message_post, body="x")
            self.assertEachRaises(
                UserError, *(partial(post, partner_ids=[self.leader.partner_id.id, partner.id]) for partner in outsiders),
                *(partial(own.message_subscribe, partner.ids) for partner in outsiders),
                partial(post, outgoing_email_to="ana@example.com"), said="our own people",
            )
        self.assertEqual(self.count_mails(), before)

    def test_replies_mention_our_own_people_alone(self):
        """The inbox mentions the author of what is answered."""
        for author, is_told in ((self.contact, False), (self.leader.partner_id, True)):
            former = self.case.sudo().message_post(body="Antes", author_id=author.id)
            post = self.case.with_user(self.director).message_post
            reply = post(body="Ahora", message_type="comment", parent_id=former.id, partner_ids=author.ids)
            self.assertEqual(author in reply.sudo().partner_ids, is_told)

    def test_who_follows_from_outside_hears_nothing(self):
        """Followers of former days."""
        for thread in self.make_threads():
            follower = {"res_model": thread._name, "res_id": thread.id, "partner_id": self.contact.id}
            self.assertFalse(self.env["mail.followers"].create(follower))
            old = self.env["mail.followers"].create({
                **follower, "partner_id": self.employee.partner_id.id,
                "subtype_ids": [(6, 0, self.env["mail.message.subtype"].search([]).ids)],
            })
            self.env.flush_all()
            self.env.cr.execute("UPDATE mail_followers SET partner_id = %s WHERE id = %s", [self.contact.id, old.id])
            self.env.invalidate_all()
            message = thread.sudo().message_post(body="Hola", message_type="comment", subtype_xmlid=COMMENT)
            self.assertNotIn(self.contact, message.notification_ids.res_partner_id, thread)

    def test_templates_are_for_steps(self):
        """Core lets whoever reads a record send any template on it, to any address."""
        before = self.env["mail.mail"].sudo().search_count([])
        for template in ("mail_acknowledgement", "mail_response"):
            self.assertDenied(
                self.env.ref(f"sig_pqrs.{template}"), self.director | self.leader | self.collaborator,
                lambda own: own.send_mail(self.case.id, email_values={"email_to": "otro@example.com"}),
            )
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_keys_are_not_rendered_for_who_may_not_have_them(self):
        """Core renders a template for who composes a message: what opens the case to its client is not theirs."""
        code = self.case.sudo()._get_tracking_code()
        for user in (self.leader, self.collaborator):
            texts = []
            for template in ("mail_acknowledgement", "mail_response", "mail_rating"):
                try:
                    composer = self.env["mail.compose.message"].with_user(user).create({
                        "model": "sig.pqrs", "res_ids": self.case.ids, "template_id": self.env.ref(f"sig_pqrs.{template}").id,
                    })
                    texts.append(composer.body)
                except UserError:  # AccessError too
                    continue
            self.assertNotIn(code, str(texts))
            self.assertNotRegex(str(texts), r"/pqrs/rate/\w")

    def test_mentions(self):
        """Only those of our own people who may read the record, however many colleagues come before them by their names."""
        self.builder.make_users(self.env, [(f"chatter_{number}", f"AA {number}", None) for number in range(40)])
        case = self.case.with_user(self.director)
        ids = case.get_note_mentions("")["res.partner"]
        found = self.env["res.partner"].browse([partner["id"] for partner in ids])
        self.assertTrue(found >= self.leader.partner_id | self.collaborator.partner_id)
        self.assertFalse(found & (self.portal.partner_id | self.contact | self.employee.partner_id | self.other_collaborator.partner_id))
        for words in (self.leader.name, self.leader.email):
            self.assertEqual([partner["id"] for partner in case.get_note_mentions(words)["res.partner"]], self.leader.partner_id.ids)
        self.assertDenied(self.case, self.employee, lambda own: own.get_note_mentions(""))


@real_clock
class TestChatterRoutes(ChatterCommon, HttpCase):

    def test_routes_offer_nobody(self):
        self.case.sudo().message_post(
            body="Hola", message_type="email", author_id=self.contact.id, incoming_email_cc="otro@example.com",
            subtype_xmlid=COMMENT,
        )
        self.authenticate(self.director.login, self.director.login)
        for record in self.make_threads():
            thread = {"thread_model": record._name, "thread_id": record.id}
            more = {**thread, "partner_ids": self.contact.ids}
            self.assertEqual(self.make_jsonrpc_request("/mail/thread/recipients", thread), [])
            self.assertEqual(self.make_jsonrpc_request("/mail/thread/recipients/get_suggested_recipients", more), [])

    def test_chatter_in_the_browser(self):
        message = self.case.sudo().message_post(
            body="Siguen igual", message_type="comment", author_id=self.contact.id, subtype_xmlid=COMMENT,
            partner_ids=self.director.partner_id.ids,
        )
        self.assertIn(self.director.partner_id, message.notification_ids.res_partner_id)
        inbox = "/odoo/action-mail.action_discuss?active_id=mail.box_inbox"
        self.start_tour(inbox, "sig_pqrs_reply_from_inbox", login=self.director.login)
        self.start_tour(f"/odoo/pqrs/{self.case.id}", "sig_pqrs_chatter", login=self.director.login)
        notes = self.case.sudo().message_ids.filtered(lambda found: found.author_id == self.director.partner_id)
        for text in ("Hay que llamar", "Respuesta de la bandeja"):
            [note] = notes.filtered(lambda found, text=text: text in found.body)
            self.assertTrue(note.subtype_id.internal)
            self.assertFalse(note.partner_ids)
        self.assertIn("jueves", self.case.sudo().communication_ids.mail_id.body_html)
