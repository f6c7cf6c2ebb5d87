import base64
from contextlib import suppress
from unittest.mock import patch

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.sig_pqrs.demo.builder import render_letter_as_html
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import SigCommon
from .rpc import RpcCommon

NAME, EMAIL, PHONE, DOCUMENT, STREET = (
    "Anastasia Quijano", "quijano@example.com", "310 555 0199", "52999888",
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
        cls.startClassPatcher(patch.object(cls.registry["sig.letter"], "_render", render_letter_as_html))

    @classmethod
    def make_reserved(cls, **vals):
        return cls.make_case(partner_id=cls.person.id, identity_reserved=True, **vals)

    @classmethod
    def make_told_case(cls, **vals):
        annexes = [Command.create({"name": f"{name}.txt", "raw": b"x"}) for name in ("foto", "cedula")]
        case = cls.make_case(partner_id=cls.person.id, document_type="cc", document_number=DOCUMENT, attachment_ids=annexes, **vals)
        case.sudo().uuid
        own = case.with_user(cls.director)
        cls.assignment = cls.make_assignment(case)
        own.partner_id = cls.contact
        own.email_from = "otra@example.com"
        cls.env.cr.precommit.run()
        own.partner_id = cls.person
        own.write({"email_from": EMAIL, "phone": PHONE, "city": "Duitama"})
        cls.env.cr.precommit.run()
        own.message_post(body=f"Llamó {NAME}", partner_ids=cls.leader.partner_id.ids)
        own.message_post(body="Nota sin nombres")
        case.sudo().message_post(body="Soy yo", author_id=cls.person.id, message_type="email", subtype_xmlid="mail.mt_comment")
        cls.assignment.sudo().message_post(body=f"La señora {NAME.upper()} es vecina", author_id=cls.leader.partner_id.id)
        case.sudo()._notify_client("acknowledgement")
        case.sudo().communication_ids[:1]._fail(f"550 {EMAIL} unknown")
        own.action_immediate_measure(f"Se llamó a {NAME}")
        case.sudo()._rating_get_access_token()
        cls.env.flush_all()
        return case

    @classmethod
    def reserve(cls, case, **kwargs):
        case.with_user(cls.director).action_reserve_identity(f"{NAME} lo pidió por teléfono", **kwargs)
        cls.reload()
        return case

    @classmethod
    def get_identity(cls, case):
        return case.sudo().identity_ids

    def assertTellsNothing(self, value, message=""):
        text = str(value)
        for word in TELLING:
            self.assertNotIn(word, text, message)


class TestDoors(ReserveCommon):
    """Who reads the case by any door does not learn who asks. One test a door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls.make_told_case()
        cls.cedula = cls.case.attachment_ids.filtered(lambda annex: annex.name == "cedula.txt")
        cls.reserve(cls.case, private_attachment_ids=cls.cedula.ids)
        cls.finish_draft(cls.case.assignment_ids)
        cls.case.with_user(cls.director).action_send_response()
        cls.mail = cls.case.sudo().delivery_id.mail_id
        cls.mail.state = "sent"
        cls.case.sudo().delivery_id._record_sent()
        cls.reload()
        cls.identity = cls.get_identity(cls.case)

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
        self.assertEqual((identity.city, identity.attachment_ids.mapped("name")), ("Duitama", ["cedula.txt"]))
        self.assertEqual(self.case.client_id, self.client, "a company that is not who asks")
        self.assertEqual(self.case.with_user(self.director)._get_contact().email, EMAIL)
        self.assertEqual(self.case.sudo()._get_contact().address[0], STREET)
        self.assertChain(self.case)

    def test_read(self):
        for _user, case in self.readers():
            self.assertTellsNothing(case.read([name for name in case.fields_get() if name != "identity_ids"]))
            self.assertEqual(case.petitioner, "Identity reserved")
            self.assertFalse(case.identity_document)
            self.assertEqual(case._get_contact()[1:4], ("Identity reserved", "", ""))

    def test_web_read(self):
        spec = {
            "display_name": {}, "letter_id": {"fields": {"display_name": {}}},
            "delivery_id": {"fields": {"display_name": {}}},
            "communication_ids": {"fields": {"body": {}, "email_from": {}, "proof_file_ids": {"fields": {"name": {}}}}},
            "attachment_ids": {"fields": {"name": {}, "create_uid": {"fields": {"display_name": {}}}}},
            "activity_ids": {"fields": {"summary": {}, "note": {}}},
            "act_ids": {"fields": {"note": {}, "data": {}, "user_id": {"fields": {"display_name": {}}}}},
            "partner_id": {"fields": {"display_name": {}}}, "client_id": {"fields": {"display_name": {}}},
        }
        for _user, case in self.readers():
            self.assertTellsNothing(case.web_read(spec))
            self.assertEqual([vals["name"] for vals in case.web_read(spec)[0]["attachment_ids"]], ["foto.txt"])
            self.assertTellsNothing(case.web_search_read([("id", "=", case.id)], spec))

    def test_identity_model(self):
        for user, case in self.readers():
            Identity = self.env["sig.pqrs.identity"].with_user(user)
            self.assertEachRaises(
                AccessError, lambda Identity=Identity: Identity.search([]),
                lambda Identity=Identity: Identity.name_search("x"),
                lambda Identity=Identity: Identity.browse(self.identity.id).read(["email_from"]),
                lambda Identity=Identity: Identity._read_group([], ["partner_id"], ["__count"]),
                lambda case=case: case.read(["identity_ids"]),
                lambda case=case: case.read(["identity_evidence"]),
                lambda case=case: case.search([("identity_ids.partner_name", "ilike", "Quij")]),
                lambda case=case: case.action_open_identity(),
                lambda case=case: case.export_data(["identity_ids/partner_name"]),
            )
            self.assertNotIn("identity_ids", case.fields_get())
        for user in (self.director, self.administrator):
            self.assertEqual(self.identity.with_user(user).partner_name, NAME)
        self.assertDenied(
            self.identity, self.director | self.administrator, lambda own: own.write({"partner_name": "x"}),
            lambda own: own.write({"email_from": False}), lambda own: own.unlink(), lambda own: own.create({"pqrs_id": self.make_case().id}),
        )

    def test_search(self):
        for user, case in self.readers():
            Pqrs = self.env["sig.pqrs"].with_user(user)
            self.assertIn(case, Pqrs.search([("name", "=", case.name)]))
            for domain in (
                *([(path, "=", self.person.id)] for path in ("partner_id", "client_id", "message_ids.author_id", "rating_ids.partner_id")),
                *([(path, "in", self.person.ids)] for path in ("message_partner_ids", "message_follower_ids.partner_id")),
                *([(path, "ilike", "Quijano")] for path in (
                    "partner_id.name", "partner_id", "partner_name", "message_ids.body", "message_ids.tracking_value_ids.old_value_char",
                    "letter_id.index_content", "act_ids.note", "display_name",
                )),
                *([(path, "ilike", "quijano")] for path in ("message_ids.email_from", "activity_ids.note")),
                [("email_from", "=", EMAIL)], [("phone", "!=", False)], [("letter_id.raw", "!=", False)],
                [("attachment_ids.name", "ilike", "cedula")],
            ):
                try:
                    self.assertNotIn(case, Pqrs.search([*domain, ("id", "=", case.id)]), domain)
                except (AccessError, ValueError):
                    continue
            closed = (("document_number", "=", DOCUMENT), ("document_key", "ilike", DOCUMENT), ("delivery_id.mail_id.email_to", "ilike", "quijano"))
            self.assertEachRaises(AccessError, *(lambda own=Pqrs, leaf=leaf: own.search([leaf]) for leaf in closed))
            for word in (NAME, EMAIL, "Quijano"):
                self.assertFalse(Pqrs.name_search(word))

    def test_groups(self):
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
            self.assertFalse(messages.filtered(lambda message: "Nota sin nombres" in message.body), "until it is allowed")
            self.assertTrue(messages.filtered(lambda message: "Answer sent" in message.body))
            self.assertTellsNothing(messages.read(["body", "subject", "email_from", "reply_to", "record_name", "author_id", "partner_ids"]))
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
                self.assertDenied(message, user, lambda own: own.read(["body"]))
            self.assertTellsNothing(self.case.assignment_ids.with_user(user).message_ids.mapped("body") if user != self.management else "")

    def test_tracking(self):
        trackings = self.env["mail.tracking.value"].search(
            [("mail_message_id.model", "=", "sig.pqrs"), ("mail_message_id.res_id", "=", self.case.id)]
        )
        self.assertTellsNothing(trackings.read())
        self.assertTrue(self.identity.message_ids.tracking_value_ids, "kept with the identity")
        self.assertTrue(self.identity.message_ids.tracking_value_ids.with_user(self.director).sudo()._tracking_value_format())

    def test_chatter_of_the_screen(self):
        for user, case in self.readers():
            store = Store().add(case.message_ids.with_user(user))
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
            self.assertEachRaises(AccessError, *(file.with_user(user).read for file in (letter, self.cedula)), case.action_download_letter)
        self.assertTrue(self.case.with_user(self.director).action_download_letter())
        self.assertIn(NAME, letter.with_user(self.director).raw.decode())

    def test_mails(self):
        self.assertEqual((self.mail.model, self.mail.res_id), ("sig.pqrs.identity", self.identity.id))
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "sig.pqrs"), ("res_id", "=", self.case.id)]))
        for user, _case in self.readers():
            self.assertDenied(self.env["mail.mail"], user, lambda own: own.search([]))
            self.assertDenied(self.mail.mail_message_id, user, lambda own: own.read(["body"]))

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
                    with suppress(UserError):  # keys of the case are not rendered
                        self.assertTellsNothing(template._render_field(fname, case.ids))
                try:
                    self.assertTellsNothing(
                        self.env["mail.mail"].sudo().browse(template.send_mail(case.id)).read(["body_html", "email_to"])
                    )
                except AccessError:
                    continue

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
        self.assertHolds(self.kinds(self.case), "identity_reserved", "response_sent")
        self.assertTrue(any(NAME in message.body for message in self.identity.message_ids))

    def test_templates_of_answers(self):
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
        for user in (self.leader, self.collaborator):
            self.env.invalidate_all()
            self.assertEqual(self.person.with_user(user).sig_pqrs_count, 0)


class TestDoorsOutside(RpcCommon, ReserveCommon):
    def test_doors(self):
        annexes = [Command.create({"name": "cedula.txt", "raw": b"52999888"})]
        case = self.make_case(partner_id=self.person.id, attachment_ids=annexes)
        annex = case.attachment_ids
        token = annex.sudo().generate_access_token()[0]
        self.make_assignment(case)
        self.reserve(case, private_attachment_ids=annex.ids)
        for user in (self.collaborator, self.leader, self.management):
            self.assertRefused(user, "sig.pqrs.identity", "search_read", domain=[])
            self.assertRefused(user, "sig.pqrs", "action_reveal_identity", case.ids, reason="x")
            self.authenticate(user.login, user.login)
            for address in (f"/web/content/{annex.id}", f"/web/content/{annex.id}?access_token={token}"):
                self.assertHoldsNone(self.url_open(address).text, DOCUMENT, base64.b64encode(DOCUMENT.encode()).decode())
            self.assertNotIn(NAME, self.url_open(f"/report/html/sig_pqrs.report_response_letter/{case.id}").text)
            self.authenticate(None, None)
        self.authenticate(self.director.login, self.director.login)
        self.assertEqual(self.url_open(f"/web/content/{annex.id}").text, DOCUMENT)
