import base64
from contextlib import suppress
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import SUPERUSER_ID
from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import SigCommon, freeze_time
from .test_rpc import RpcCommon

NAME, EMAIL, PHONE, DOCUMENT, STREET = (
    "Anastasia Quijano",
    "quijano@example.com",
    "310 555 0199",
    "52999888",
    "Carrera 99 # 1-23",
)
#: what would tell who asks
TELLING = ("Anastasia", "Quijano", "quijano", "5550199", "555 0199", DOCUMENT, STREET)

READERS = ("collaborator", "leader", "deputy", "management")


class ReserveCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref("base.group_allow_export")
        cls.person = cls.env["res.partner"].create(
            {"name": NAME, "email": EMAIL, "phone": PHONE, "street": STREET, "parent_id": cls.client.id}
        )
        letter = patch.object(cls.registry["sig.pqrs"], "_render_letter", _render_letter)
        cls.startClassPatcher(letter)

    def make_reserved(self, **vals):
        return self.make_case(partner_id=self.person.id, identity_reserved=True, **vals)

    def make_told_case(self, **vals):
        """A case all over which it is written who asks."""
        annexes = [Command.create({"name": f"{name}.txt", "raw": b"x"}) for name in ("foto", "cedula")]
        case = self.make_case(
            partner_id=self.person.id, document_type="cc", document_number=DOCUMENT, attachment_ids=annexes, **vals
        )
        case.sudo().uuid
        own = case.with_user(self.director)
        self.assignment = self.make_assignment(case)
        own.partner_id = self.contact
        own.email_from = "otra@example.com"
        self.env.cr.precommit.run()
        own.partner_id = self.person
        own.write({"email_from": EMAIL, "phone": PHONE, "city": "Duitama"})
        self.env.cr.precommit.run()
        own.message_post(body=f"Llamó {NAME}", partner_ids=self.leader.partner_id.ids)
        own.message_post(body="Nota sin nombres")
        case.sudo().message_post(
            body="Soy yo", author_id=self.person.id, message_type="email", subtype_xmlid="mail.mt_comment"
        )
        self.assignment.sudo().message_post(body=f"La señora {NAME.upper()} es vecina", author_id=self.leader.partner_id.id)
        case.sudo()._notify_client("acknowledgement")
        case.sudo()._on_mail_failed("acknowledgement", f"550 {EMAIL} unknown")
        own.action_immediate_measure(f"Se llamó a {NAME}")
        case.sudo()._rating_get_access_token()
        self.env.flush_all()
        return case

    def reserve(self, case, **kwargs):
        case.with_user(self.director).action_reserve_identity(f"{NAME} lo pidió por teléfono", **kwargs)
        self.reload()
        return case

    def get_identity(self, case):
        return case.sudo().identity_ids

    def assertTellsNothing(self, value, message=""):
        text = str(value)
        for word in TELLING:
            self.assertNotIn(word, text, message)


def _render_letter(case):
    return case.env["ir.actions.report"]._render_qweb_html("sig_pqrs.report_response_letter", case.ids)[0], "html"


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestDoors(ReserveCommon):
    """Who reads the case by any door does not learn who asks. One test a door."""

    def setUp(self):
        super().setUp()
        self.case = self.make_told_case()
        self.cedula = self.case.attachment_ids.filtered(lambda annex: annex.name == "cedula.txt")
        self.old_messages = self.case.sudo().message_ids
        self.reserve(self.case, private_attachment_ids=self.cedula.ids)
        self.builder.draft(self.case.assignment_ids)
        self.builder.approve(self.case.assignment_ids)
        self.case.with_user(self.director).action_send_response()
        self.mail = self.case.sudo().response_mail_id
        self.mail.state = "sent"
        self.case.sudo()._on_mail_left("response")
        self.reload()
        self.identity = self.get_identity(self.case)

    def readers(self):
        for role in READERS:
            user = getattr(self, role)
            self.env.invalidate_all()
            yield user, self.case.with_user(user)

    def test_identity_is_kept(self):
        identity = self.identity
        self.assertEqual(
            (identity.partner_id, identity.partner_name, identity.email_from, identity.phone, identity.document_number),
            (self.person, NAME, EMAIL, PHONE, DOCUMENT),
        )
        self.assertEqual(identity.city, "Duitama")
        self.assertEqual(identity.attachment_ids.mapped("name"), ["cedula.txt"])
        self.assertEqual(self.case.client_id, self.client, "a company that is not who asks")
        self.assertEqual(self.case.with_user(self.director)._get_contact().email, EMAIL)
        self.assertEqual(self.case.sudo()._get_contact().address[0], STREET)
        self.assertChain(self.case)

    def test_read(self):
        for _user, case in self.readers():
            names = [name for name in case.fields_get() if name not in ("identity_ids",)]
            self.assertTellsNothing(case.read(names))
            self.assertEqual(case.petitioner, "Identity reserved")
            self.assertFalse(case.identity_document)
            self.assertEqual(case._get_contact()[1:4], ("Identity reserved", "", ""))

    def test_web_read(self):
        spec = {
            "display_name": {},
            "letter_id": {"fields": {"display_name": {}}},
            "response_mail_id": {"fields": {"display_name": {}}},
            "delivery_proof_ids": {"fields": {"name": {}}},
            "attachment_ids": {"fields": {"name": {}, "create_uid": {"fields": {"display_name": {}}}}},
            "activity_ids": {"fields": {"summary": {}, "note": {}}},
            "act_ids": {"fields": {"note": {}, "data": {}, "user_id": {"fields": {"display_name": {}}}}},
            "partner_id": {"fields": {"display_name": {}}},
            "client_id": {"fields": {"display_name": {}}},
        }
        for _user, case in self.readers():
            self.assertTellsNothing(case.web_read(spec))
            self.assertEqual([vals["name"] for vals in case.web_read(spec)[0]["attachment_ids"]], ["foto.txt"])
            self.assertTellsNothing(case.web_search_read([("id", "=", case.id)], spec))

    def test_identity_model(self):
        for user, case in self.readers():
            Identity = self.env["sig.pqrs.identity"].with_user(user)
            for reading in (
                lambda Identity=Identity: Identity.search([]),
                lambda Identity=Identity: Identity.name_search("x"),
                lambda Identity=Identity: Identity.browse(self.identity.id).read(["email_from"]),
                lambda Identity=Identity: Identity._read_group([], ["partner_id"], ["__count"]),
                lambda case=case: case.read(["identity_ids"]),
                lambda case=case: case.read(["identity_evidence"]),
                lambda case=case: case.search([("identity_ids.partner_name", "ilike", "Quij")]),
                lambda case=case: case.action_open_identity(),
                lambda case=case: case.export_data(["identity_ids/partner_name"]),
            ):
                with self.assertRaises(AccessError):
                    reading()
            self.assertNotIn("identity_ids", case.fields_get())
        for user in (self.director, self.administrator):
            identity = self.identity.with_user(user)
            self.assertEqual(identity.partner_name, NAME)
            for vals in ({"partner_name": "x"}, {"email_from": False}):
                with self.assertRaises(AccessError):
                    identity.write(vals)
            with self.assertRaises(AccessError):
                identity.unlink()
            with self.assertRaises(AccessError):
                identity.create({"pqrs_id": self.make_case().id})

    def test_search(self):
        for user, case in self.readers():
            Pqrs = self.env["sig.pqrs"].with_user(user)
            self.assertIn(case, Pqrs.search([("name", "=", case.name)]))
            for domain in (
                [("partner_id", "=", self.person.id)],
                [("partner_id.name", "ilike", "Quijano")],
                [("partner_id", "ilike", "Quijano")],
                [("partner_name", "ilike", "Quijano")],
                [("email_from", "=", EMAIL)],
                [("phone", "!=", False)],
                [("client_id", "=", self.person.id)],
                [("message_ids.author_id", "=", self.person.id)],
                [("message_ids.body", "ilike", "Quijano")],
                [("message_ids.email_from", "ilike", "quijano")],
                [("message_ids.tracking_value_ids.old_value_char", "ilike", "Quijano")],
                [("message_partner_ids", "in", self.person.ids)],
                [("message_follower_ids.partner_id", "in", self.person.ids)],
                [("rating_ids.partner_id", "=", self.person.id)],
                [("letter_id.index_content", "ilike", "Quijano")],
                [("letter_id.raw", "!=", False)],
                [("attachment_ids.name", "ilike", "cedula")],
                [("activity_ids.note", "ilike", "quijano")],
                [("act_ids.note", "ilike", "Quijano")],
                [("display_name", "ilike", "Quijano")],
            ):
                try:
                    self.assertNotIn(case, Pqrs.search([*domain, ("id", "=", case.id)]), domain)
                except (AccessError, ValueError):
                    continue
            for domain in ([("document_number", "=", DOCUMENT)], [("response_mail_id.email_to", "ilike", "quijano")]):
                with self.assertRaises(AccessError):
                    Pqrs.search(domain)
            for word in (NAME, EMAIL, "Quijano"):
                self.assertFalse(Pqrs.name_search(word))

    def test_groups(self):
        """Groups of lists, kanban, graph and pivot."""
        for user, case in self.readers():
            Pqrs = self.env["sig.pqrs"].with_user(user)
            domain = [("id", "=", case.id)]
            for fname in ("partner_id", "partner_name", "email_from", "phone", "city", "client_id", "create_uid"):
                self.assertTellsNothing(Pqrs._read_group(domain, [fname], ["__count"]))
                self.assertTellsNothing(Pqrs.formatted_read_group(domain, [fname], ["__count"]))
                self.assertTellsNothing(Pqrs.web_read_group(domain, [fname], ["__count"]))
            self.assertFalse(Pqrs._read_group(domain, ["partner_id"])[0][0])

    def test_export(self):
        for _user, case in self.readers():
            names = ["name", "petitioner", "partner_id/name", "partner_name", "email_from", "phone", "client_id/name",
                     "message_ids/body", "act_ids/note", "assignment_ids/user_id/name", "create_uid/name"]
            self.assertTellsNothing(case.export_data(names)["datas"])

    def test_messages(self):
        for user, case in self.readers():
            Message = self.env["mail.message"].with_user(user)
            messages = Message.search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id)])
            self.assertTrue(messages.filtered(lambda message: "Nota sin nombres" in message.body))
            self.assertTrue(messages.filtered(lambda message: "Answer sent" in message.body))
            self.assertTellsNothing(
                messages.read(["body", "subject", "email_from", "reply_to", "record_name", "author_id", "partner_ids"])
            )
            self.assertFalse(messages.author_id & self.person)
            self.assertTellsNothing(case.message_ids.mapped("body"))
            for domain in (
                [("body", "ilike", "Quijano"), ("author_id", "!=", user.partner_id.id)],
                [("author_id", "=", self.person.id)],
                [("model", "=", "sig.pqrs.identity"), ("author_id", "!=", user.partner_id.id)],
                [("notification_ids.res_partner_id", "=", user.partner_id.id), ("model", "=", "sig.pqrs.identity")],
            ):
                self.assertFalse(Message.search(domain), domain)
            for message in self.identity.message_ids.filtered_domain([("author_id", "!=", user.partner_id.id)]):
                with self.assertRaises(AccessError):
                    message.with_user(user).read(["body"])
            self.assertTellsNothing(
                self.case.assignment_ids.with_user(user).message_ids.mapped("body") if user != self.management else ""
            )

    def test_tracking(self):
        trackings = self.env["mail.tracking.value"].search(
            [("mail_message_id.model", "=", "sig.pqrs"), ("mail_message_id.res_id", "=", self.case.id)]
        )
        self.assertTellsNothing(trackings.read())
        self.assertTrue(self.identity.message_ids.tracking_value_ids, "kept with the identity")
        self.assertTrue(self.identity.message_ids.tracking_value_ids.with_user(self.director).sudo()._tracking_value_format())

    def test_chatter_of_the_screen(self):
        """What the web client fetches of a thread."""
        for user, case in self.readers():
            messages = case.message_ids
            store = Store().add(messages.with_user(user))
            store.add(case, ["display_name"], as_thread=True)
            self.assertTellsNothing(store.get_result())
            self.assertTellsNothing(case._message_get_suggested_recipients())

    def test_followers_and_activities(self):
        self.assertFalse(self.case.sudo().message_partner_ids & self.person)
        activities = self.env["mail.activity"].search(
            [("res_model", "in", ("sig.pqrs", "sig.pqrs.assignment")), ("res_id", "in", self.case.ids)]
        )
        self.assertTellsNothing(activities.read(["summary", "note", "res_name"]))

    def test_attachments(self):
        letter = self.case.sudo().letter_id
        self.assertEqual((letter.res_model, letter.res_id), ("sig.pqrs.identity", self.identity.id))
        self.assertIn(NAME, letter.raw.decode())
        for user, case in self.readers():
            Attachment = self.env["ir.attachment"].with_user(user)
            self.assertEqual(case.attachment_ids.mapped("name"), ["foto.txt"])
            self.assertFalse(Attachment.search([("id", "in", (letter | self.cedula).ids)]))
            with suppress(AccessError):
                self.assertFalse(Attachment.search([("res_model", "=", "sig.pqrs.identity")]))
            self.assertFalse(Attachment.search([("index_content", "ilike", "Quijano")]))
            for file in (letter, self.cedula):
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["raw"])
            with self.assertRaises(AccessError):
                case.action_download_letter()
        self.assertTrue(self.case.with_user(self.director).action_download_letter())
        self.assertIn(NAME, letter.with_user(self.director).raw.decode())

    def test_mails(self):
        self.assertEqual((self.mail.model, self.mail.res_id), ("sig.pqrs.identity", self.identity.id))
        self.assertFalse(
            self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", self.case.id)])
        )
        for user, _case in self.readers():
            with self.assertRaises(AccessError):
                self.env["mail.mail"].with_user(user).search([])
            with self.assertRaises(AccessError):
                self.mail.mail_message_id.with_user(user).read(["body"])

    def test_printed_letter(self):
        report = self.env["ir.actions.report"]
        for user, case in self.readers():
            if user == self.management:
                continue
            html, _kind = report.with_user(user)._render_qweb_html("sig_pqrs.report_response_letter", case.ids)
            self.assertTellsNothing(html.decode())
            self.assertIn("Identity reserved", html.decode())
        html, _kind = report.with_user(self.director)._render_qweb_html("sig_pqrs.report_response_letter", self.case.ids)
        self.assertIn(NAME, html.decode())

    def test_mail_templates(self):
        """Anybody may render the templates of the notices on what they read."""
        templates = self.env["mail.template"].search([("model", "=", "sig.pqrs")])
        self.assertGreaterEqual(len(templates), 7)
        for user, case in self.readers():
            for template in templates.with_user(user):
                for fname in ("subject", "body_html", "email_to", "lang"):
                    self.assertTellsNothing(template._render_field(fname, case.ids))
                try:
                    self.assertTellsNothing(
                        self.env["mail.mail"].sudo().browse(template.send_mail(case.id)).read(["body_html", "email_to"])
                    )
                except AccessError:
                    continue

    def test_composer(self):
        """Nor by the composer of messages, with a template and its recipients."""
        templates = self.env["mail.template"].search([("model", "=", "sig.pqrs")])
        for user, case in self.readers():
            for template in templates:
                composer = (
                    self.env["mail.compose.message"]
                    .with_user(user)
                    .create({"model": "sig.pqrs", "res_ids": repr(case.ids), "template_id": template.id})
                )
                self.assertTellsNothing(composer.read(["body", "subject", "partner_ids", "email_from", "reply_to"]))
                self.assertTellsNothing(composer.partner_ids.sudo().mapped("email"))

    def test_ratings(self):
        self.assertFalse(self.case.sudo().rating_ids.partner_id)
        for user, case in self.readers():
            Rating = self.env["rating.rating"].with_user(user)
            self.assertFalse(Rating.search([("res_model", "=", "sig.pqrs")]))
            self.assertFalse(Rating.search([("partner_id", "=", self.person.id)]))
            self.assertTellsNothing(case.rating_last_feedback)

    def test_acts(self):
        for _user, case in self.readers():
            self.assertTellsNothing(case.act_ids.read(["note", "data", "user_id", "create_uid"]))
        self.assertIn("identity_reserved", self.kinds(self.case))
        self.assertIn("response_sent", self.kinds(self.case))
        self.assertTrue(any(NAME in message.body for message in self.identity.message_ids))

    def test_templates_of_answers(self):
        """What a template fills in is read by the processes."""
        case = self.reserve(self.make_case(partner_id=self.person.id))
        templates = self.env["sig.response.template"].search([])
        self.assertTrue(templates)
        for template in templates:
            self.assertTellsNothing(template.with_user(self.director)._render_for(case.with_user(self.director)))

    def test_mails_to_our_own_people(self):
        assignment = self.case.assignment_ids.sudo()
        self.assertTellsNothing(assignment._get_mail_text())
        self.case.sudo().client_id = False
        self.assertIn("Identity reserved", assignment._get_mail_text())
        self.assertTellsNothing(assignment._get_mail_text())
        before = self.env["mail.mail"].search([])
        case = self.reserve(self.make_case(partner_id=self.person.id))
        self.make_assignment(case)
        case.sudo()._escalate_overdue()
        sent = self.env["mail.mail"].search([]) - before
        self.assertTrue(sent)
        self.assertTellsNothing(sent.read(["subject", "body_html", "email_to"]))

    def test_contact(self):
        """The contact does not tell of its reserved cases."""
        for user in (self.leader, self.collaborator):
            self.env.invalidate_all()
            self.assertEqual(self.person.with_user(user).sig_pqrs_count, 0)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestReserve(ReserveCommon):
    """The steps of the reserve, and the life of a reserved case."""

    def make_reserved_approved(self, **vals):
        return self.builder.answer(self.make_reserved(**vals), self.operations)

    def test_filed_under_reserve(self):
        case = self.make_reserved(document_number=DOCUMENT, city="Duitama")
        self.assertTellsNothing(case.sudo().read())
        identity = self.get_identity(case)
        self.assertEqual((identity.partner_name, identity.email_from, identity.phone), (NAME, EMAIL, PHONE))
        self.assertEqual((identity.partner_id, identity.document_number), (self.person, DOCUMENT))
        self.assertEqual(case.client_id, self.client)
        self.assertTrue(case.acknowledgement_pending)
        self.assertChain(case)

    def test_client_that_is_who_asks(self):
        alone = self.env["res.partner"].create({"name": NAME, "email": EMAIL})
        company = self.env["res.partner"].create({"name": "Quijano SAS", "is_company": True})
        for partner in (alone, company):
            case = self.make_case(partner_id=partner.id, identity_reserved=True)
            self.assertFalse(case.client_id)
            self.assertEqual(self.get_identity(case).client_id, partner)
        case = self.reserve(self.make_case(partner_id=alone.id))
        self.assertFalse(case.client_id)
        with self.assertRaises(UserError):
            case.with_user(self.director).client_id = alone
        case.with_user(self.director).action_reveal_identity("Correo de hoy")
        self.assertEqual((case.client_id, case.partner_id), (alone, alone))

    def test_filed_by_a_channel(self):
        """A petitioner who is logged in leaves no trace as a user: not on the case, its acts, messages or annexes."""
        user = new_test_user(self.env, "quijano_portal", "base.group_portal", name=NAME)
        own = self.env["sig.pqrs"].with_user(user).sudo()
        vals = {"type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "portal"}
        annexes = [Command.create({"name": "foto.txt", "raw": b"x"})]
        for extra in ({"identity_reserved": True, "partner_id": user.partner_id.id}, {"anonymous": True}):
            case = own.create({**vals, **extra, "attachment_ids": annexes})
            self.assertEqual(case.env.uid, user.id)
            self.env.flush_all()
            for record in (case, case.act_ids, case.attachment_ids, case.message_ids):
                self.assertEqual(record.mapped("create_uid").ids, [SUPERUSER_ID])
            self.assertEqual(case.act_ids.user_id.ids, [SUPERUSER_ID])
            self.assertFalse(case.message_ids.author_id & user.partner_id)
            case._record("information_delivered", {case: ""})
            case.message_post(body="Soy yo", author_id=user.partner_id.id)
            self.assertFalse(case.message_ids.author_id & user.partner_id)
            self.assertEqual(case.act_ids.user_id.ids, [SUPERUSER_ID])
            self.assertChain(case)

    def test_reserve_what_a_portal_user_filed(self):
        user = new_test_user(self.env, "quijano_portal", "base.group_portal", name=NAME)
        case = self.env["sig.pqrs"].with_user(user).sudo().create({
            "type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "portal",
            "partner_id": user.partner_id.id, "attachment_ids": [Command.create({"name": "foto.txt", "raw": b"x"})],
        })
        self.assertEqual(case.act_ids.user_id, user)
        case = self.reserve(self.env["sig.pqrs"].browse(case.id))
        self.env.cr.execute("SELECT create_uid, write_uid FROM sig_pqrs WHERE id = %s", [case.id])
        self.assertNotIn(user.id, self.env.cr.fetchone())
        sudo = case.sudo()
        self.assertFalse((sudo.act_ids.user_id | sudo.act_ids.create_uid | sudo.attachment_ids.create_uid) & user)
        self.assertFalse(sudo.message_ids.author_id & user.partner_id)
        self.assertChain(case)

    def test_by_construction(self):
        case = self.make_reserved()
        for vals in ({"partner_id": self.person.id}, {"email_from": EMAIL}, {"document_number": DOCUMENT}):
            with self.assertRaises(UserError):
                case.with_user(self.director).write(vals)
            [(fname, value)] = vals.items()
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint(flush=False):
                self.env.cr.execute(f"UPDATE sig_pqrs SET {fname} = %s WHERE id = %s", [value, case.id])

    def test_answer_by_mail(self):
        sent = self.catch_mails()
        case = self.make_reserved_approved()
        case.with_user(self.director).action_send_response()
        mail = case.sudo().response_mail_id
        identity = self.get_identity(case)
        self.assertEqual((mail.model, mail.res_id, mail.email_to), ("sig.pqrs.identity", identity.id, EMAIL))
        mail.send()
        self.assertEqual((case.state, case.delivery_state, case.outcome), ("closed", "sent", "answered"))
        self.assertEqual(self.kinds(case)[-2:], ["response_sent", "closed"])
        self.assertIn(EMAIL, str(sent[-1]["To"]))
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id)]))

    def test_failed_mail(self):
        case = self.make_reserved_approved()
        case.with_user(self.director).action_send_response()
        mail = case.sudo().response_mail_id
        mail.write({"state": "exception", "failure_reason": f"550 {EMAIL}: no such user"})
        mail._postprocess_sent_message([], [], failure_type="mail_email_invalid")
        self.assertEqual((case.state, case.delivery_state), ("approved", "failed"))
        self.assertTellsNothing(case.delivery_failure)
        self.assertTellsNothing(case.sudo().act_ids.mapped("note"))
        self.assertTellsNothing(case.sudo().activity_ids.mapped("note"))
        self.assertTellsNothing(case.sudo().message_ids.mapped("body"))
        self.assertIn(EMAIL, str(self.get_identity(case).message_ids.mapped("body")))

    def test_bounce(self):
        self.builder.send(case := self.make_reserved_approved())
        self.assertEqual(case.state, "closed")
        message = self.env["mail.mail"].search(
            [("model", "=", "sig.pqrs.identity"), ("sig_purpose", "=", "response")]
        ).mail_message_id
        self.env["mail.thread"].sudo()._routing_handle_bounce(
            None,
            {
                "bounced_email": EMAIL,
                "bounced_partner": self.person,
                "bounced_msg_ids": [message.message_id],
                "bounced_message": message,
                "body": f"{EMAIL} unknown",
                "email_from": "mailer-daemon@example.com",
                "message_id": "<bounce@example.com>",
                "to": "",
            },
        )
        self.assertEqual((case.state, case.delivery_state, case.date_answered), ("approved", "failed", False))
        self.assertEqual(self.kinds(case)[-1], "delivery_failed")
        case.with_user(self.director).action_correct_contact(email_from="nuevo@example.com")
        case.with_user(self.director).action_send_response()
        self.assertEqual(case.sudo().response_mail_id.email_to, "nuevo@example.com")
        self.assertFalse(case.email_from)

    def test_rating(self):
        user = new_test_user(self.env, "quijano_portal", "base.group_portal", name=NAME)
        case = self.builder.send(self.make_reserved_approved())
        rating = case.sudo()._rating_get_or_create()
        self.env["sig.pqrs"].with_user(user)._rate_from_link(rating, 4, "Bien")
        self.assertEqual((case.rating_state, case.rating_value), ("rated", 4))
        sudo = case.sudo()
        self.assertFalse(sudo.rating_ids.partner_id)
        self.assertFalse(sudo.message_ids.author_id & user.partner_id)
        self.assertFalse(sudo.act_ids.user_id & user)
        self.assertChain(case)

    def test_without_email(self):
        case = self.make_case(partner_id=False, partner_name=NAME, identity_reserved=True)
        self.assertFalse(case.acknowledgement_pending)
        case = self.builder.answer(case, self.operations)
        with self.assertRaises(UserError):
            case.with_user(self.director).action_send_response()
        scan = self.env["ir.attachment"].with_user(self.director).create({"name": "guía.txt", "raw": NAME.encode()})
        case.with_user(self.director).action_send_response(delivery="letter")
        self.assertIn(NAME, case.sudo().letter_id.raw.decode())
        wizard = self.env["sig.pqrs.step.wizard"].with_user(self.director).create(
            {"pqrs_id": case.id, "step": "register_delivery", "proof_ids": scan.ids, "date": "2026-11-24"}
        )
        wizard.action_confirm()
        self.assertEqual(case.state, "closed")
        self.assertEqual((scan.res_model, scan.res_id), ("sig.pqrs.identity", self.get_identity(case).id))
        other = self.builder.answer(self.make_reserved(), self.operations)
        other.with_user(self.director).action_send_response(delivery="hand", proof=f"Recibió {NAME}")
        self.assertTellsNothing(other.sudo().act_ids.mapped("note"))
        self.assertTellsNothing(other.sudo().message_ids.mapped("body"))
        self.assertIn(NAME, str(self.get_identity(other).message_ids.mapped("body")))

    def test_portal_delivery(self):
        new_test_user(self.env, "quijano_portal", "base.group_portal", partner_id=self.person.id, name=NAME, email=EMAIL)
        case = self.make_reserved_approved()
        case.with_user(self.director).action_send_response(delivery="portal")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        with self.assertRaises(UserError):
            self.builder.answer(
                self.make_case(partner_name=NAME, partner_id=False, identity_reserved=True), self.operations
            ).with_user(self.director).action_send_response(delivery="portal")

    def test_reveal(self):
        case = self.make_told_case()
        cedula = case.attachment_ids.filtered(lambda annex: annex.name == "cedula.txt")
        self.reserve(case, private_attachment_ids=cedula.ids)
        self.builder.draft(case.assignment_ids)
        self.builder.approve(case.assignment_ids)
        self.builder.send(case)
        for consent in ("", "  ", None, False, 5):
            with self.assertRaises(UserError):
                case.with_user(self.director).action_reveal_identity(consent)
        case.with_user(self.director).action_reveal_identity("Lo autorizó por correo de hoy")
        self.reload()
        self.assertEqual((case.partner_id, case.partner_name, case.email_from), (self.person, NAME, EMAIL))
        self.assertEqual((case.sudo().document_number, case.city), (DOCUMENT, "Duitama"))
        self.assertFalse(case.identity_reserved)
        self.assertEqual(case.with_user(self.leader).letter_id.name, f"{case.name}.html")
        case.letter_id.with_user(self.leader).read(["raw"])
        self.assertEqual(case.sudo().response_mail_id.model, "sig.pqrs")
        self.assertEqual(cedula.res_model, "sig.pqrs.identity", "private annexes stay")
        self.assertEqual(self.kinds(case)[-1], "identity_revealed")
        with self.assertRaises(UserError):
            case.with_user(self.director).action_reveal_identity("Otra vez")
        self.reserve(case)
        self.assertEqual(len(case.sudo().identity_ids), 1)
        self.assertTellsNothing(case.sudo().read())
        self.assertEqual(case.sudo().letter_id.res_model, "sig.pqrs.identity")
        self.assertChain(case)

    def test_closed(self):
        """The file of a closed case is read for years: the petitioner may still ask for the reserve."""
        case = self.builder.send(self.builder.answer(self.make_case(partner_id=self.person.id), self.operations))
        self.reserve(case)
        self.assertEqual(case.state, "closed")
        letter = case.sudo().letter_id
        with self.assertRaises(AccessError):
            letter.with_user(self.leader).read(["raw"])
        self.assertFalse(case.partner_id)

    def prove(self, name):
        return self.env["ir.attachment"].with_user(self.director).create({"name": name, "raw": NAME.encode()})

    def assertProofsHidden(self, case, *proofs):
        """With a tracking number, or the receipt itself, anybody learns who received it."""
        self.reload()
        for user in (self.collaborator, self.leader, self.management):
            own = case.with_user(user)
            for records, fname in ((own, "delivery_reference"), (own.notice_ids, "reference")):
                with self.assertRaises(AccessError):
                    records.read([fname])
                with self.assertRaises(AccessError):
                    records.search([(fname, "ilike", "Guía")])
            texts = str(own.act_ids.mapped("note")) + str(own.message_ids.mapped("body"))
            self.assertNotIn("900700", texts)
            self.assertTellsNothing(texts)
            for proof in proofs:
                with self.assertRaises(AccessError):
                    proof.with_user(user).read(["raw"])
        for proof in proofs:
            self.assertEqual((proof.res_model, proof.res_id), ("sig.pqrs.identity", self.get_identity(case).id))
            self.assertEqual(proof.with_user(self.director).raw, NAME.encode())
        self.assertChain(case)

    def test_what_proves_the_notices(self):
        """The proofs of before the reserve leave the case as its letters do."""
        case = self.make_case(partner_id=self.person.id)
        self.builder.assign(case, self.operations)
        case.with_user(self.director).action_extend(5, "Faltan registros")
        case.notice_ids.sudo().write({"state": "pending"})
        told, returned, delivered = (self.prove(name) for name in ("aviso.pdf", "primera.pdf", "segunda.pdf"))
        case.notice_ids.with_user(self.director).action_register_delivery(
            "letter", proof=told.ids, reference="Guía 9007001", received_by=NAME
        )
        self.builder.draft(case.assignment_ids)
        self.builder.approve(case.assignment_ids)
        own = case.with_user(self.director)
        own.action_send_response(delivery="letter", proof=returned.ids, reference="Guía 9007002")
        own.action_register_return("Nadie atendió")
        own.action_send_response(delivery="letter", proof=delivered.ids, reference="Guía 9007003", received_by=NAME)
        self.assertIn("Guía 9007001", case.act_ids.mapped("note"))
        self.reserve(case)
        self.assertProofsHidden(case, told, returned, delivered)
        letters = self.env["ir.attachment"].search([("name", "=", f"{case.name}.html")])
        self.assertEqual((len(letters), set(letters.mapped("res_model"))), (2, {"sig.pqrs.identity"}))
        self.assertEqual(own.delivery_reference, "Guía 9007003")
        self.assertEqual(own.notice_ids.reference, "Guía 9007001")
        self.assertIn("Guía 9007002", str(self.get_identity(case).message_ids.mapped("body")))

    def test_what_proves_the_notices_of_a_reserved_case(self):
        case = self.make_reserved_approved()
        own = case.with_user(self.director)
        own.action_extend(5, "Faltan registros")
        case.notice_ids.sudo().write({"state": "pending"})
        told, delivered = self.prove("aviso.pdf"), self.prove("entrega.pdf")
        own.notice_ids.action_register_delivery("letter", proof=told.ids, reference="Guía 9007001", received_by=NAME)
        own.action_send_response(delivery="letter", proof=delivered.ids, reference="Guía 9007002", received_by=NAME)
        self.assertProofsHidden(case, told, delivered)
        own.action_register_return(f"En la {STREET} nadie conoce a {NAME}")
        self.reload()
        seen = case.with_user(self.collaborator)
        self.assertTellsNothing(
            seen.read(["delivery_failure"]) + seen.act_ids.mapped("note") + seen.message_ids.mapped("body")
        )
        self.assertIn(STREET, str(self.get_identity(case).message_ids.mapped("body")))

    def test_on_its_way(self):
        case = self.builder.answer(self.make_case(partner_id=self.person.id), self.operations)
        case.with_user(self.director).action_send_response()
        self.reserve(case)
        mail = case.sudo().response_mail_id
        self.assertEqual(mail.model, "sig.pqrs.identity")
        mail.state = "sent"
        mail._postprocess_sent_message([], [])
        self.assertEqual(case.state, "closed")

    def test_annexes(self):
        annexes = [Command.create({"name": f"{name}.txt", "raw": b"x"}) for name in ("foto", "cedula")]
        case = self.make_reserved(attachment_ids=annexes)
        foto, cedula = case.attachment_ids
        own = case.with_user(self.director)
        for ids in ((), [0], [foto.id, 999999], "x", None):
            with self.assertRaises(UserError):
                own.action_hide_annexes(ids)
        own.action_hide_annexes(cedula.ids)
        self.assertEqual(case.attachment_ids, foto)
        assignment = self.make_assignment(case)
        assignment.with_user(self.collaborator).attachment_ids = foto
        with self.assertRaises(UserError):
            own.action_hide_annexes(foto.ids)
        self.assertEqual(case.attachment_ids, foto)

    def test_talk(self):
        """On the case nothing is said to or by the petitioner."""
        case = self.make_reserved()
        own = case.with_user(self.director)
        for kwargs in ({"partner_ids": self.person.ids}, {"partner_ids": self.contact.ids}, {"author_id": self.person.id}):
            with self.assertRaises(UserError):
                own.message_post(body="Hola", **kwargs)
        own.message_post(body="Nota", partner_ids=self.leader.partner_id.ids)
        identity = case.with_user(self.director).identity_ids
        identity.message_post(body="Hola", partner_ids=self.person.ids, subtype_xmlid="mail.mt_comment")
        self.assertFalse(identity.sudo().message_partner_ids & self.person)
        case.sudo().message_post(body="Mi respuesta", author_id=self.person.id, message_type="email")
        self.assertIn("Mi respuesta", str(identity.message_ids.mapped("body")))
        self.assertNotIn("Mi respuesta", str(case.sudo().message_ids.mapped("body")))

    def test_duplicates(self):
        first, second = self.make_case(partner_id=self.person.id), self.make_reserved()
        with self.assertRaises(UserError):
            second.with_user(self.director).action_cancel("duplicate", "Repetida", duplicate_of=first.id)
        self.reserve(first)
        second.with_user(self.director).action_cancel("duplicate", "Repetida", duplicate_of=first.id)
        self.assertEqual(second.duplicate_of_id, first)
        third, fourth = self.make_case(partner_id=self.person.id), self.make_case(partner_id=self.person.id)
        fourth.with_user(self.director).action_cancel("duplicate", "Repetida", duplicate_of=third.id)
        with self.assertRaises(UserError):
            third.with_user(self.director).action_reserve_identity("Lo pidió")

    def test_refusals(self):
        case = self.make_case(partner_id=self.person.id)
        self.make_assignment(case)
        for user in (self.collaborator, self.leader, self.management, self.other_leader):
            for step, arguments in (
                ("reserve_identity", ("x",)),
                ("check_identity", ("holder", "x")),
            ):
                with self.assertRaises(UserError):
                    getattr(case.with_user(user), f"action_{step}")(*arguments)
        own = case.with_user(self.director)
        for reason in ("", " ", None, 7):
            with self.assertRaises(UserError):
                own.action_reserve_identity(reason)
        for step in (
            lambda: own.action_reveal_identity("Correo"),
            lambda: own.action_correct_contact(email_from=EMAIL),
            lambda: own.action_hide_annexes([1]),
        ):
            with self.assertRaisesRegex(UserError, "not reserved"):
                step()
        self.reserve(case)
        with self.assertRaisesRegex(UserError, "already"):
            own.action_reserve_identity("Otra vez")
        for user in (self.collaborator, self.leader, self.management):
            with self.assertRaises(UserError):
                case.with_user(user).action_reveal_identity("x")
        for kwargs in ({}, {"email_from": "no es correo"}):
            with self.assertRaises(UserError):
                own.action_correct_contact(**kwargs)
        anonymous = self.make_anonymous()
        with self.assertRaisesRegex(UserError, "anonymous"):
            anonymous.with_user(self.director).action_reserve_identity("x")
        nobody = self.make_case(partner_id=False)
        with self.assertRaises(UserError):
            nobody.with_user(self.director).action_reserve_identity("x")
        for vals in ({"anonymous": True, "partner_id": False}, {"partner_id": False}):
            with self.assertRaises(UserError):
                self.make_case(identity_reserved=True, **vals)
        with self.assertRaises(UserError):
            own.write({"identity_reserved": False})

    def test_wizard(self):
        annexes = [Command.create({"name": "cedula.txt", "raw": b"x"})]
        case = self.make_case(partner_id=self.person.id, attachment_ids=annexes)
        Wizard = self.env["sig.pqrs.step.wizard"].with_user(self.director)
        Wizard.create(
            {
                "pqrs_id": case.id,
                "step": "reserve_identity",
                "reason": "Lo pidió",
                "private_attachment_ids": case.attachment_ids.ids,
            }
        ).action_confirm()
        self.assertTrue(case.identity_reserved)
        self.assertFalse(case.attachment_ids)
        Wizard.create({"pqrs_id": case.id, "step": "correct_contact", "phone": "601 555 0000"}).action_confirm()
        self.assertEqual((self.get_identity(case).phone, self.get_identity(case).email_from), ("601 555 0000", EMAIL))
        Wizard.create({"pqrs_id": case.id, "step": "reveal_identity", "reason": "Correo de hoy"}).action_confirm()
        self.assertEqual(case.phone, "601 555 0000")

    def test_copy(self):
        copy = self.make_reserved().with_user(self.director).copy({"channel": "phone"})
        self.assertFalse(copy.identity_reserved or copy.partner_id or copy.partner_name)


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestAnonymous(ReserveCommon):
    """Of an anonymous case no identity is stored anywhere, so that no door can tell it."""

    def test_nothing_is_stored(self):
        user = new_test_user(self.env, "quijano_portal", "base.group_portal", name=NAME)
        partners = self.env["res.partner"].search_count([])
        case = self.env["sig.pqrs"].with_user(user).sudo().create({
            "type_id": self.env.ref("sig_pqrs.type_queja").id, "subject": "Ronda", "channel": "web", "anonymous": True,
        })
        case = self.builder._as_director(self.env["sig.pqrs"]).browse(case.id)
        self.builder.answer(case, self.operations)
        case.action_send_response(delivery="portal")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        self.assertEqual(self.env["res.partner"].search_count([]), partners)
        self.env.flush_all()
        sudo = case.sudo()
        self.assertFalse(sudo.identity_ids)
        self.assertTellsNothing(sudo.read())
        for records in (sudo, sudo.act_ids, sudo.message_ids, sudo.attachment_ids, sudo.activity_ids):
            self.assertFalse((records.mapped("create_uid") | records.mapped("write_uid")) & user)
        self.assertFalse(sudo.message_ids.author_id & user.partner_id)
        self.assertFalse(sudo.message_partner_ids.filtered("partner_share"))
        self.assertFalse(sudo.rating_ids)
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", case.id)]))
        self.assertEqual(case.petitioner, "Anonymous")
        self.assertIn("To whom filed the request", str(sudo.letter_id.raw.decode()))
        self.assertChain(case)

    def test_refusals(self):
        for vals in (
            {"partner_id": self.person.id},
            {"partner_name": NAME},
            {"email_from": EMAIL},
            {"phone": PHONE},
            {"document_number": DOCUMENT},
            {"client_id": self.person.id},
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.make_case(**{"partner_id": False, "anonymous": True, **vals})
        case = self.make_anonymous(client_id=self.client.id)
        with self.assertRaises(UserError):
            case.with_user(self.director).message_post(body="x", partner_ids=self.person.ids)
        with self.assertRaises(UserError):
            self.make_anonymous(type="datos_consulta")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestIdentityCheck(ReserveCommon):
    """Personal data are answered to whom they belong to (Ley 1581 de 2012, art. 15; Decreto 1377 de 2013, art. 20)."""

    def make_data_case(self, **vals):
        case = self.make_case(type="datos_consulta", partner_id=self.person.id, **vals)
        return self.builder.answer(case, self.operations).with_user(self.director)

    def test_needed_to_answer(self):
        case = self.make_data_case()
        for delivery, proof in (("email", False), ("hand", "Recibió"), ("letter", False)):
            with self.assertRaisesRegex(UserError, "identity"):
                case.action_send_response(delivery=delivery, proof=proof)
        self.assertEqual(case.delivery_state, "none")
        case.action_check_identity("holder", "Cédula presentada en la oficina")
        self.assertEqual(
            (case.identity_checked, case.identity_checked_by_id, case.identity_capacity), (True, self.director, "holder")
        )
        self.assertEqual(str(case.identity_checked_on), "2026-11-24 15:00:00")
        self.assertEqual(self.kinds(case)[-1], "identity_checked")
        case.action_send_response()
        self.assertEqual(case.delivery_state, "pending")

    def test_evidence_is_the_sigs(self):
        case = self.make_data_case()
        case.action_check_identity("representative", f"Poder de {NAME}, C. C. {DOCUMENT}")
        for user in (self.collaborator, self.leader, self.management):
            self.env.invalidate_all()
            own = case.with_user(user)
            self.assertEqual(own.identity_capacity, "representative")
            with self.assertRaises(AccessError):
                own.read(["identity_evidence"])
            self.assertNotIn(DOCUMENT, str(own.act_ids.read(["note", "data"])) + str(own.message_ids.mapped("body")))
        self.assertIn(DOCUMENT, case.identity_evidence)

    def test_not_needed(self):
        case = self.builder.answer(self.make_case(), self.operations).with_user(self.director)
        with self.assertRaises(UserError):
            case.action_check_identity("holder", "x")
        case.action_send_response()

    def test_reclassified(self):
        case = self.builder.answer(self.make_case(partner_id=self.person.id), self.operations).with_user(self.director)
        case.action_reclassify(self.env.ref("sig_pqrs.type_datos_consulta").id, "Pide sus datos")
        with self.assertRaises(UserError):
            case.action_send_response()

    def test_void_when_the_addressee_changes(self):
        for vals in (
            {"email_from": "otra@example.com"},
            {"partner_id": self.contact.id},
        ):
            case = self.make_data_case()
            case.action_check_identity("holder", "Cédula")
            case.write({"email_from": f"<{EMAIL.upper()}>", "city": "Tunja"})
            self.assertTrue(case.identity_checked, "the same address, written otherwise")
            case.write(vals)
            self.assertFalse(case.identity_checked or case.identity_capacity or case.identity_evidence)
            self.assertEqual(self.kinds(case)[-1], "identity_unchecked")
            with self.assertRaises(UserError):
                case.action_send_response()
            case.action_check_identity("heir", "Registro civil")
            case.action_send_response()
            self.assertChain(case)

    def test_under_reserve(self):
        case = self.make_data_case()
        case.action_check_identity("holder", "Cédula")
        self.reserve(case)
        self.assertTrue(case.identity_checked, "it is the same person")
        case.action_correct_contact(phone="601 555 0000")
        self.assertTrue(case.identity_checked)
        case.action_correct_contact(email_from="otra@example.com")
        self.assertFalse(case.identity_checked)
        case.action_check_identity("holder", "Llamada")
        case.action_reveal_identity("Correo de hoy")
        self.assertTrue(case.identity_checked)

    def test_bad_input(self):
        case = self.make_data_case()
        for arguments in (("owner", "x"), (None, "x"), ("holder", ""), ("holder", "  "), ("holder", None), ([], "x")):
            with self.assertRaises(UserError):
                case.action_check_identity(*arguments)
        case.action_check_identity("holder", "Cédula")
        with self.assertRaises(UserError):
            case.action_check_identity("holder", "Cédula")
        wizard = self.env["sig.pqrs.step.wizard"].with_user(self.director)
        other = self.make_data_case()
        wizard.create(
            {"pqrs_id": other.id, "step": "check_identity", "capacity": "heir", "reason": "Registro civil"}
        ).action_confirm()
        self.assertEqual(other.identity_capacity, "heir")

    def test_builder(self):
        case = self.make_case(type="datos_consulta")
        self.assertEqual(self.builder.send(self.builder.answer(case, self.operations)).state, "closed")


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestDoorsOutside(RpcCommon, ReserveCommon):
    """The doors from outside: RPC and addresses of files."""

    def test_doors(self):
        annexes = [Command.create({"name": "cedula.txt", "raw": b"52999888"})]
        case = self.make_case(partner_id=self.person.id, attachment_ids=annexes)
        annex = case.attachment_ids
        token = annex.sudo().generate_access_token()[0]
        self.make_assignment(case)
        self.reserve(case, private_attachment_ids=annex.ids)
        identity = self.get_identity(case)
        for user in (self.collaborator, self.leader, self.management):
            names = ["petitioner", "partner_id", "partner_name", "email_from", "phone", "client_id", "city", "create_uid"]
            self.assertTellsNothing(self.json2_ok(user, "sig.pqrs", "read", case.ids, fields=names))
            for method, kwargs in (
                ("read", {"fields": ["email_from"]}),
                ("write", {"vals": {"email_from": "x@example.com"}}),
            ):
                self.assertRefused(user, "sig.pqrs.identity", method, identity.ids, **kwargs)
            self.assertRefused(user, "sig.pqrs.identity", "search_read", domain=[])
            self.assertRefused(user, "sig.pqrs", "search", domain=[["identity_ids.partner_name", "ilike", "Q"]])
            self.assertRefused(user, "sig.pqrs", "action_reveal_identity", case.ids, reason="x")
            self.assertRefused(user, "mail.mail", "search_read", domain=[])
            self.assertRefused(user, "mail.message", "read", identity.message_ids[:1].ids, fields=["body"])
            self.assertFalse(
                self.json2_ok(user, "mail.message", "search_read", domain=[["model", "=", "sig.pqrs.identity"]])
            )
            self.assertRefused(user, "ir.attachment", "read", annex.ids, fields=["raw"])
            self.authenticate(user.login, user.login)
            for address in (f"/web/content/{annex.id}", f"/web/content/{annex.id}?access_token={token}"):
                response = self.url_open(address)
                self.assertNotIn(DOCUMENT, response.text)
                self.assertNotIn(base64.b64encode(DOCUMENT.encode()).decode(), response.text)
            self.assertNotIn(NAME, self.url_open(f"/report/html/sig_pqrs.report_response_letter/{case.id}").text)
            self.authenticate(None, None)
        self.authenticate(self.director.login, self.director.login)
        self.assertEqual(self.url_open(f"/web/content/{annex.id}").text, DOCUMENT)
