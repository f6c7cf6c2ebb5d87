import re
from unittest.mock import patch

from odoo import tools
from odoo.addons.sig_pqrs.models.channel.upload import Upload
from odoo.exceptions import AccessError, UserError

from .common import SigCommon, real_clock

PDF = Upload("acta.pdf", b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")


class ClientCommon(SigCommon):
    activity_type = "sig_pqrs.activity_message"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal.partner_id.write({"parent_id": cls.client.id, "email": "portal@example.com"})
        cls.colleague.partner_id.parent_id = cls.client
        cls.startClassPatcher(patch.object(cls.registry["sig.letter"], "_render", lambda *_args: (b"%PDF-1.4 letter", "pdf")))

    @classmethod
    def make_own(cls, **vals):
        return cls.make_case(partner_id=cls.portal.partner_id.id, **vals)

    def make_reserved(self, **vals):
        return self.make_own(identity_reserved=True, **vals)

    def require(self, case, text="Envíe el acta de la reunión"):
        case.with_user(self.director).action_request_information(text)
        return case

    def get_file(self, case, attachment_id):
        return self.env["sig.client.view"]._get_file(case, attachment_id)

    def as_client(self, case, user=None):
        """The case as the controllers have it: proved to be of the client, in the environment of their user."""
        return case.with_user(user or self.portal).sudo()


class TestClientView(ClientCommon):
    """What a client sees: an allow-list of plain values, and nothing of what the company says to itself."""

    def make_busy(self, **vals):
        case = self.make_own(subject="Ronda sin hacer", description="No pasaron", **vals)
        assignment = self.builder.assign(case, self.operations, instruction="INTERNO instrucción")
        self.builder.draft(assignment, "<p>INTERNO borrador</p>")
        case.with_user(self.director).message_post(body="INTERNO nota del caso")
        case.with_user(self.director).message_post(body="INTERNO comentario", subtype_xmlid="mail.mt_comment")
        assignment.with_user(self.collaborator).message_post(body="INTERNO hilo")
        assignment.with_user(self.leader).action_return("INTERNO motivo de la devolución")
        case.with_user(self.director).action_immediate_measure("INTERNO medida")
        return case

    def test_nothing_internal(self):
        case = self.make_busy()
        view = self.see(self.as_client(case))
        self.assertHoldsNone(str(view), "INTERNO", self.director.name, self.leader.name, case.sudo()._get_tracking_code())
        self.assertEqual((view["number"], view["subject"], view["status"]), (case.name, "Ronda sin hacer", "in_progress"))
        self.assertFalse(view["answer_files"], "the letter is the client's once it is sent")
        self.assertTrue(view["term_lines"])

    def test_values_are_plain(self):
        """No record leaves: a page cannot reach what it was not given."""

        def check(value):
            if isinstance(value, dict | list | tuple | set):
                for part in value.values() if isinstance(value, dict) else value:
                    check(part)
            else:
                self.assertIsInstance(value, str | int | bool)

        check(self.see(self.as_client(self.builder.send(self.make_approved(self.make_own())))))

    def test_what_was_required_before_the_identity_was_reserved(self):
        """The act keeps apart what names the petitioner; the petitioner reads what they were told."""
        case = self.require(self.make_own(), "Cliente HERA: envíe el acta")
        case.with_user(self.director).action_reserve_identity("Riesgo")
        view = self.see(self.as_client(case))
        self.assertEqual((view["status"], view["asked"]["text"]), ("waiting", "Cliente HERA: envíe el acta"))
        self.assertEqual(view["deadline"], "", "the term does not run")
        self.assertNotIn("Cliente HERA", "".join(case.with_user(self.management).act_ids.mapped(lambda act: act.note or "")))

    def test_notices_are_read(self):
        case = self.require(self.make_own(), "El contrato")
        case.with_user(self.director).action_register_completion()
        case.with_user(self.director).action_extend(5, "Visita programada")
        told = [(message["title"], message["text"]) for message in self.see(case)["messages"]]
        self.assertEqual(told, [("Requirement of information", "El contrato"), ("Extension", "Visita programada")])

    def test_files(self):
        case = self.make_busy()
        client = self.as_client(case)
        self.client_step(client, "write", "Va el acta", [PDF])
        own = case.sudo().communication_ids.attachment_ids
        internal = self.env["ir.attachment"].create({"name": "x.pdf", "raw": b"x", "res_model": "sig.pqrs", "res_id": case.id})
        self.assertEqual(self.get_file(client, own.id).raw, PDF.content)
        for other in (internal.id, 10**8, -1, 0):
            self.assertFalse(self.get_file(client, other))

    def test_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("es_CO")
        view = self.see(self.make_own().with_context(lang="es_CO"))
        self.assertEqual((view["status_label"], view["type"]), ("Radicada", "Queja"))
        self.assertIn("24 de noviembre de 2026", view["received"])


class TestClientSteps(ClientCommon):
    """What a client does on a case: each step once, under their own name, or under none."""

    def test_write(self):
        case = self.make_own()
        self.client_step(self.as_client(case), "write", "Olvidé decir\n\nla hora: <b>3 a. m.</b>", [PDF])
        [message] = self.see(case)["messages"]
        self.assertTrue(message["mine"])
        self.assertRegex(message["date"], r"^\d\d/\d\d/\d{4} \d\d:\d\d$")
        self.assertEqual(message["text"], "Olvidé decir\n\nla hora: <b>3 a. m.</b>")
        self.assertEqual([file["name"] for file in message["files"]], ["acta.pdf"])
        posted = case.sudo().communication_ids
        self.assertEqual((posted.author, posted.email_from, posted.medium), ("petitioner", "Cliente HERA", "portal"))
        self.assertEqual(self.activities(case).user_id, self.director)
        self.assertEqual(posted.attachment_ids.with_user(self.director).raw, PDF.content)
        self.assertFalse(case.sudo().message_partner_ids & self.portal.partner_id, "the client follows nothing")
        self.assertChain(case)

    def test_the_same_message_twice(self):
        case = self.make_own()
        client = self.as_client(case)
        for _time in range(3):
            self.client_step(client, "write", "Hola", [PDF], token="abc")
        self.assertEqual(len(self.see(case)["messages"]), 1)
        self.client_step(client, "write", "Otra cosa", [PDF], token="abc")
        self.client_step(client, "write", "Hola", [PDF], token="def")
        self.client_step(self.as_client(self.make_own()), "write", "Hola", [PDF], token="abc")
        self.assertEqual(len(self.see(case)["messages"]), 3)

    def test_deliver(self):
        """Until the SIG says whether it is complete, the page says what came and when, and asks for nothing; more may be sent."""
        case = self.require(self.make_own())
        client = self.as_client(case)
        self.client_step(client, "write", "¿Qué acta?")
        self.assertNotIn("information_delivered", self.kinds(case), "a question is no delivery")
        for _time in range(2):
            self.client_step(client, "deliver", "Va el acta", [PDF], token="x")
        self.assertEqual(self.kinds(case).count("information_delivered"), 1)
        self.assertTrue(case.suspended, "the SIG confirms it")
        asked, delivered = self.activities(case).sorted("id")
        self.assertEqual(asked.summary, "The petitioner wrote", "a delivery does not cover a question")
        self.assertIn("confirm", delivered.summary)
        self.assertEqual(self.get_tiles(self.director)["to_read"]["records"][0]["id"], case.id)
        view = self.see(client)
        self.assertEqual((view["status"], view["status_label"]), ("delivered", "We check what you sent"))
        self.assertIn("check whether it is complete", view["story"])
        self.assertNotIn("Waiting for you", str(view))
        [sent] = view["asked"]["sent"]
        self.assertEqual((sent["text"], sent["files"][0]["name"]), ("Va el acta", "acta.pdf"))
        self.assertIn("10:00", sent["date"])
        [row] = self.env["sig.client.view"]._get_rows([("id", "=", case.id)])
        self.assertEqual(row["status"], "delivered")
        self.client_step(client, "deliver", "Y este otro", token="y")
        self.assertEqual(len(self.see(client)["asked"]["sent"]), 2)
        case.with_user(self.director).action_refuse_completion("Falta la firma")
        view = self.see(client)
        self.assertEqual((view["status"], view["asked"]["sent"]), ("waiting", []))
        self.client_step(client, "deliver", "Va firmada", token="z")
        self.assertEqual([sent["text"] for sent in self.see(client)["asked"]["sent"]], ["Va firmada"])
        case.with_user(self.director).action_register_completion(message_id=case.sudo()._get_waiting("information").id)
        self.assertEqual((case.suspended, self.see(client)["status"]), (False, "received"))
        self.assertEachRaises(UserError, lambda: self.client_step(client, "deliver", "Otra vez", token="w"))
        self.client_step(client, "deliver", "Va firmada", token="z")  # a tab that was left open says nothing new
        self.assertChain(case)

    def test_withdraw(self):
        case, other = self.make_own(), self.make_own()
        for _time in range(2):
            self.client_step(self.as_client(case), "withdraw", "Ya lo resolvieron")
        self.assertEqual((case.state, case.outcome), ("closed", "withdrawn"))
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "withdrawn")
        self.assertEqual((act.note, act.user_id, case.communication_ids.purpose), ("Ya lo resolvieron", self.portal, "withdrawal"))
        self.client_step(self.as_client(other), "withdraw")
        self.assertTrue(other.sudo().act_ids.filtered(lambda act: act.kind == "withdrawn").note, "it says no reason")

    def test_our_own_people_are_not_the_client(self):
        case = self.require(self.make_own())
        steps = (lambda own, step=step: self.client_step(own.sudo(), step, "5") for step in ("write", "deliver", "withdraw", "rate"))
        self.assertDenied(case, self.director | self.collaborator | self.employee, *steps)
        self.assertEqual(self.see(case)["messages"][1:], [])

    def test_bad_messages(self):
        client = self.as_client(self.make_own())
        page = Upload("pagina.html", b"<html><script>alert(1)</script></html>")
        self.assertEachRaises(UserError, *(
            lambda bad=bad: self.client_step(client, "write", *bad) for bad in (("",), ("   \n",), (None,), ("x" * 20_001,), ("Va", [page]))
        ))
        self.client_step(client, "write", "\u202eHola\x00 mundo")
        self.assertEqual(self.see(client)["messages"][0]["text"], "Hola mundo")


class TestWriteToClient(ClientCommon):
    """What the SIG writes to a client from the case, apart from what people write to each other; the answer in HERA."""

    def write_to(self, case, text="La visita es el jueves.", **kwargs):
        return case.with_user(self.director).action_write_to_client(text, **kwargs)

    def open_dialog(self, case, text, user=None, **vals):
        return self.begin_step(case, "write_to_client", user).create({"reason": text, **vals})

    def test_by_mail(self):
        case = self.make_own()
        file = self.env["ir.attachment"].with_user(self.director).create({"name": "plan.pdf", "raw": PDF.content})
        self.write_to(case, attachments=file.ids)
        notice = case.communication_ids
        self.assertEqual((notice.purpose, notice.state), ("message", "queued"))
        mail = notice.sudo().mail_id
        self.assertEqual((mail.email_to, mail.attachment_ids), ("portal@example.com", file.sudo()))
        self.assertIn("La visita es el jueves.", mail.body_html)
        [message] = self.see(case)["messages"]
        self.assertEqual((message["mine"], message["text"]), (False, "La visita es el jueves."))
        self.assertEqual([found["id"] for found in message["files"]], file.ids)
        self.assertEqual((file.res_model, file.res_id), ("sig.pqrs.communication", notice.id))

    def test_without_an_address_it_says_what_to_do(self):
        case = self.make_case(partner_id=False, partner_name="Pedro", phone="300 123 4567")
        self.assertEachRaises(UserError, lambda: self.write_to(case), said="Call them")
        self.assertFalse(case.communication_ids or self.see(case)["messages"])
        wizard = self.open_dialog(case, "x")
        self.assertIn("Call them", wizard.mail_refusal)
        self.assertFalse(wizard.mail_to or wizard.mail_body)
        self.require(case)
        self.client_step(self.as_client(case, self.env.ref("base.public_user")), "deliver", "Fue el lunes")
        case.with_user(self.director).action_refuse_completion("Falta la hora")
        self.assertEqual(case.communication_ids.filtered(lambda notice: notice.purpose == "message").state, "draft")
        self.assertIn("Falta la hora", str(self.see(case)["messages"]))

    def test_it_is_seen_before_it_leaves(self):
        self.env["res.lang"]._activate_lang("es_CO")
        self.portal.partner_id.lang = "es_CO"
        case = self.make_own()
        self.make_assignment(case)
        of_leader = self.open_dialog(case, "x", self.leader)
        self.assertFalse(of_leader.mail_to or of_leader.mail_body, "by who writes")
        wizard = self.open_dialog(case, "La visita es el <b>jueves</b>.")
        before = self.env["mail.mail"].sudo().search_count([])
        preview = {name: wizard[f"mail_{name}"] for name in ("from", "to", "subject")}
        body = wizard.mail_body
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)
        wizard.action_confirm()
        mail = case.communication_ids.sudo().mail_id
        self.assertEqual(preview, {"from": mail.email_from, "to": mail.email_to, "subject": mail.subject})
        self.assertEqual(mail.email_from, "servicioalcliente@example.com")
        self.assertHolds(body, "Respetado(a)", self.company.name, "&lt;b&gt;jueves")
        seen, left = (" ".join(tools.html2plaintext(text).split()) for text in (body, mail.body_html))
        head = r"act(uación)? \d+, SHA-256 [0-9a-f]{64}"  # writing is an act itself
        self.assertEqual(re.sub(head, "", seen), re.sub(head, "", left))

    def test_files_of_the_case(self):
        for case in (self.make_own(), self.make_reserved()):
            own = self.env["ir.attachment"].create({"name": "acta.pdf", "raw": PDF.content, "res_model": "sig.pqrs", "res_id": case.id})
            self.open_dialog(case, "Señora Cliente HERA: va el acta.", proof_ids=own.ids).action_confirm()
            [message] = self.see(case)["messages"]
            self.assertEqual([file["name"] for file in message["files"]], ["acta.pdf"])
            self.assertTrue(case.communication_ids.sudo().mail_id.attachment_ids)
        self.assertIn("va el acta", message["text"])
        self.assertNotIn("Cliente HERA", str(case.sudo().message_ids.mapped("body")), "under reserve")

    def test_anonymous_is_told_on_the_tracking_page(self):
        case = self.make_anonymous()
        self.write_to(case)
        self.assertEqual((case.communication_ids.state, case.communication_ids.medium), ("sent", "publication"))
        self.assertIn("notified", self.kinds(case))
        self.assertFalse(case.to_notify)
        self.assertChain(case)

    def test_refused(self):
        case = self.make_own()
        attachment = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        self.assertEachRaises(UserError, *(lambda text=text: self.write_to(case, text) for text in ("", "  ", None, 7)))
        self.assertEachRaises(AccessError, lambda: self.write_to(case, attachments=attachment.ids))
        self.assertFalse(self.see(case)["messages"])

    def test_file_of_another_case(self):
        case, other = self.make_own(), self.make_own()
        file = self.env["ir.attachment"].create({"name": "x", "raw": b"x", "res_model": other._name, "res_id": other.id})
        self.write_to(case, attachments=file.ids)
        (told,) = self.see(case)["messages"][0]["files"]
        self.assertNotEqual(told["id"], file.id)
        self.assertEqual((self.get_file(case, told["id"]).raw, file.res_id), (b"x", other.id))

    def test_told_by_mail(self):
        case = self.make_approved(self.make_own(response_medium="portal"))
        case.with_user(self.director).action_send_response(delivery="portal")
        self.assertEqual((case.state, case.delivery_state), ("closed", "published"))
        mails = self.env["mail.mail"].search([("sig_purpose", "in", ("published", "rating")), ("res_id", "=", case.id)])
        self.assertEqual(mails.mapped("sig_purpose"), ["published"])
        self.assertHolds(mails.body_html, f"/my/pqrs/{case.id}", case._get_rating_url())
        self.assertNotIn("letter", str(mails.attachment_ids.mapped("raw")), "the letter itself stays in HERA")
        self.assertEqual(self.see(case)["answer_files"][0]["id"], case.sudo().letter_id.id)

    def test_read_on_the_page(self):
        text = "<p>Cambiamos <b>las luminarias</b>. <img src='/web/image/1' alt='Foto'></p><ul><li>Torre 2</li></ul>"
        case = self.builder.answer(self.make_own(), self.operations, text=text)
        self.assertFalse(self.see(case)["answer_text"])
        case.with_user(self.director).action_send_response(delivery="portal")
        read = self.see(case)["answer_text"]
        self.assertHolds(read, "Cambiamos <b>las luminarias</b>.", "<li>Torre 2</li>")
        self.assertNotIn("img", read)
        case.with_user(self.director).action_reopen("Sigue a oscuras")
        view = self.see(case)
        self.assertFalse(view["answer_text"])
        self.assertIn("las luminarias", view["earlier_answers"][0]["text"])


@real_clock
class TestClientMoves(ClientCommon):
    def find(self, cases, user):
        return cases.sudo() & cases.sudo().search(self.env["sig.client.view"]._get_domain(user))

    def test_who_goes_to_another_client_sees_nothing_of_its_colleagues_there(self):
        """The SIG allowed it for one company, and another one's people hear nothing of it."""
        new = self.env["res.partner"].create({"name": "Otro cliente", "is_company": True})
        contact = self.env["res.partner"].create({"name": "De allá", "parent_id": new.id})
        case, theirs = self.make_own(), self.make_case(partner_id=contact.id)
        of_client = {"parent_id": self.client.id, "sig_hera_colleagues": True}
        invited = self.env["res.partner"].create({"name": "Jefe", "email": "jefe@example.com", **of_client})
        invited.action_sig_hera_invite()
        boss = invited.user_ids
        self.assertEqual(self.find(case | theirs, boss), case.sudo())
        boss.partner_id.write({"phone": "601", "parent_id": self.client.id})
        self.assertEqual(self.find(case | theirs, boss), case.sudo(), "nobody moved")
        boss.partner_id.parent_id = new
        self.assertFalse(self.find(case | theirs, boss))
        boss.partner_id.sig_hera_colleagues = True
        self.assertEqual(self.find(case | theirs, boss), theirs.sudo())
