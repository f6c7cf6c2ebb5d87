from unittest.mock import patch

from lxml import html

from odoo.addons.sig_pqrs.demo.builder import render_letter_as_html
from odoo.exceptions import UserError

from .common import date, freeze_time
from .test_client_steps import ClientCommon
from .test_communication import NoticeCommon

TO, WHY = "Policía Nacional", "Los hechos son de su competencia"


class TestTransfer(NoticeCommon, ClientCommon):
    """Ley 1755 de 2015, art. 21: forwarded within five days, with proof, and a copy for the petitioner."""

    def transfer(self, case, **proof):
        """Transfer it and, with a proof, record that its letter was delivered."""
        self.as_director(case).action_transfer(TO, WHY)
        for forwarding in self.as_director(case.sudo()._get_forwardings().filtered(lambda each: proof and each.state == "draft")):
            forwarding.action_register_delivery("letter", **proof)

    def forwarding(self, case):
        return case.sudo()._get_forwardings()

    def test_with_its_proof(self):
        case = self.make_own()
        proof = self.attach(name="oficio.pdf")
        with freeze_time("2026-11-26 15:00:00"):
            self.transfer(case, date="2026-11-25", proof=proof.ids, reference="Oficio 12", received_by="Ventanilla")
        self.assertEqual((case.state, case.outcome, case.transfer_recipient), ("closed", "transferred", TO))
        self.assertEqual((self.forwarding(case).proof_ids, self.forwarding(case).state), (proof.sudo(), "delivered"))
        self.assertEqual(self.company._sig_local_date(case.transferred_on), date(2026, 11, 25))
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "forwarded")
        self.assertEqual((self.company._sig_local_date(act.date), act.data["proof"]), (date(2026, 11, 25), [proof.checksum]))
        self.assertEqual((act.data["last_day"], act.data["in_time"]), ("2026-12-01", True))
        self.assertNotIn("Ventanilla", str(act.data), "who received it is bound, not told")
        notice = self.told(case, "transfer")
        self.assertEqual((notice.purpose, notice.state), ("transfer", "queued"))
        self.assertEqual(notice.sudo().mail_id.attachment_ids, self.forwarding(case).letter_id, "the petitioner gets a copy")
        self.assertIn(TO, notice.sudo().mail_id.body_html)
        self.assertFalse(case.to_notify)
        self.assertChain(case)

    def test_without_proof_it_is_owed(self):
        case = self.make_own()
        self.transfer(case)
        self.assertEqual((case.outcome, self.forwarding(case).state), ("transferred", "draft"))
        self.assertEqual(case.notify_by, date(2026, 12, 1), "the last day of the law")
        activity = self.activities(case)
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("Forwarding", activity.summary)
        first = self.told(case, "transfer")
        self.builder.tell(case)
        proof = self.attach(name="guia.pdf")
        forwarding = self.as_director(self.forwarding(case))
        self.assertEachRaises(UserError, lambda: forwarding.action_register_delivery("letter"))
        forwarding.action_register_delivery("letter", proof=proof.ids, reference="Oficio 12")
        self.assertEqual((self.forwarding(case).proof_ids, self.forwarding(case).state), (proof.sudo(), "delivered"))
        self.assertEqual(self.kinds(case)[-1], "forwarded")
        self.assertFalse(self.activities(case))
        self.assertEqual(self.told(case, "transfer"), first, "the copy of the letter went with the first notice")
        self.assertEachRaises(UserError, lambda: forwarding.action_register_delivery("letter", reference="Oficio 13"))
        self.assertChain(case)

    def test_the_letter_is_made_here(self):
        case = self.make_own(description="Forzaron la cerradura.", remedy="Que investiguen.", document_number="79555444")
        case.sudo().lang = "en_US"
        self.as_director(case).attachment_ids = self.attach(name="foto.pdf")
        with self.printing():
            self.transfer(case)
        forwarding = self.forwarding(case)
        letter = forwarding.letter_id
        text = " ".join(html.fromstring(letter.raw).text_content().split())
        self.assertHolds(text, TO, WHY, case.name, "article 21 of Ley 1437", "Cliente HERA", "Forzaron la cerradura.", "Que investiguen.", "foto.pdf")
        self.assertIn("knows that you will answer.", text)
        self.assertHoldsNone(text, "COPY.", "Copy:")
        self.assertNotIn("79555444", text, "those who read the case read the letter, and not the document")
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "transfer")
        self.assertIn(letter.id, [id_ for id_, _commitment in act.data["files"]])
        self.assertEqual(self.told(case, "transfer").sudo().mail_id.attachment_ids, letter)
        self.assertIn("You find attached a copy", self.told(case, "transfer").sudo().mail_id.body_html)
        [message] = self.see(case)["messages"]
        self.assertEqual([file["id"] for file in message["files"]], letter.ids)
        self.assertTrue(self.get_file(case, letter.id))
        self.assertIn(str(letter.id), self.as_director(forwarding).action_download_letter()["url"])
        self.assertChain(case)

    def test_a_printer_that_fails_stops_no_transfer(self):
        case = self.make_own()
        with patch.object(self.registry["sig.letter"], "_render", side_effect=UserError("x")), self.assertLogs(level="WARNING"):
            self.transfer(case)
        self.assertEqual((case.outcome, self.forwarding(case).state), ("transferred", "draft"))
        letter = self.attach(name="oficio.pdf")
        first = self.told(case, "transfer")
        self.as_director(self.forwarding(case)).action_register_delivery("letter", proof=letter.ids)
        copy = self.told(case, "transfer") - first
        self.assertEqual(copy.sudo().mail_id.attachment_ids, letter.sudo(), "then the petitioner gets the SIG's")

    def printing(self):
        return patch.object(self.registry["sig.letter"], "_render", render_letter_as_html)

    def test_it_waits_in_the_day_of_the_sig_until_it_is_proved(self):
        self.assertNotIn("to_notify", self.get_tiles(self.director))
        case, proved = self.make_own(), self.make_own()
        self.transfer(case)
        self.transfer(proved, reference="Oficio 11")
        [row] = self.get_tiles(self.director)["to_notify"]["records"]
        self.assertEqual(row["id"], case.id)
        with freeze_time("2026-12-04 15:00:00"):
            self.as_director(self.forwarding(case)).action_register_delivery("letter", reference="Oficio 12", date="2026-12-02")
        self.assertNotIn("to_notify", self.get_tiles(self.director))
        act = case.sudo().act_ids.filtered(lambda act: act.kind == "forwarded")
        self.assertEqual((act.data["last_day"], act.data["in_time"]), ("2026-12-01", False))

    def test_a_requirement_gives_no_more_time_to_transfer(self):
        case = self.make_own()
        form = self.open_step(case, "transfer")
        self.assertEqual((str(form.transfer_by), form.is_late), ("2026-12-01", False))
        self.as_director(case).action_request_information("¿En qué torre?")
        with freeze_time("2026-12-07 15:00:00"):
            form = self.open_step(case, "transfer")
            self.assertEqual((str(form.transfer_by), form.is_late), ("2026-12-01", True))
            form.recipient, form.reason = TO, WHY
            action = form.save().action_confirm()
            self.assertIn(str(self.forwarding(case).letter_id.id), action["url"])
            act = case.sudo().act_ids.filtered(lambda act: act.kind == "transfer")
            self.assertEqual((act.data["last_day"], act.data["in_time"]), ("2026-12-01", False))
            self.assertRegex(act.note, "Late: the law gave until .*2026")
            self.as_director(self.forwarding(case)).action_register_delivery("letter", reference="Oficio 12", date="2026-12-01")
        self.assertTrue(case.sudo().act_ids[-1].data["in_time"], "it left in time and is recorded later")

    def test_under_reserve(self):
        """The letter that forwards it does not name who asks; it is kept with the identity, and so is its proof."""
        case = self.make_reserved()
        self.make_assignment(case)
        proof = self.attach(name="oficio.pdf")
        with self.printing():
            self.transfer(case, proof=proof.ids, received_by="Ventanilla")
        letter = self.forwarding(case).letter_id
        self.assertEqual(letter.res_model, "sig.pqrs.identity")
        text = html.fromstring(letter.raw).text_content()
        self.assertHolds(text, "The identity of who asks is reserved", "knows that we will give them your answer.")
        self.assertIn("They send us their answer, and we give it to you.", self.told(case, "transfer").sudo().mail_id.body_html)
        self.assertHoldsNone(text, case.sudo().identity_ids.partner_name, case.sudo().identity_ids.email_from)
        self.reload()
        self.assertDenied(proof, self.collaborator, lambda own: own.read(["raw"]))
        private = ("reference", "received_by", "proof_ids")
        self.assertDenied(self.forwarding(case).sudo(False), self.collaborator, *(lambda own, name=name: own.read([name]) for name in private))
        self.assertEqual(proof.with_user(self.director).raw, b"%PDF")
        mail = self.told(case, "transfer").sudo().mail_id
        self.assertEqual((mail.attachment_ids, mail.model), (letter, "sig.pqrs.identity"))

    def test_nobody_sends_a_copy_to_the_anonymous(self):
        """They read it on the tracking page."""
        for case, is_said in ((self.make_own(), True), (self.make_anonymous(), False)):
            with self.printing():
                self.transfer(case)
            text = html.fromstring(self.forwarding(case).letter_id.raw).text_content()
            self.assertEqual("receives a copy" in text, is_said)
            self.assertIn("The term to answer runs", text)
        self.assertEqual((self.told(case, "transfer").state, self.told(case, "transfer").medium), ("draft", "publication"))
        self.assertTrue(self.get_file(case, self.forwarding(case).letter_id.id))

    def test_reopened(self):
        case = self.make_own()
        self.transfer(case, reference="Oficio 12")
        self.as_director(case).action_reopen("Sí es nuestra", "resume")
        self.assertFalse(case.transfer_recipient or case.transferred_on)
        self.assertEqual(self.forwarding(case).state, "delivered", "it was forwarded, whatever follows")
        self.assertEqual(case.date_deadline, date(2026, 12, 16), "the first date of receipt counts")
        self.assertTrue(self.get_file(case, self.forwarding(case).letter_id.id), "the petitioner was sent it")

    def test_transferred_again_with_another_letter(self):
        """Each time the petitioner gets, and reads, the copy of what was forwarded then."""
        case = self.make_own()
        self.transfer(case, reference="Oficio 1")
        self.builder.tell(case)
        self.as_director(case).action_reopen("Sí es nuestra", "resume")
        self.transfer(case, reference="Oficio 2")
        second, first = case.sudo()._get_forwardings().letter_id
        self.assertEqual(self.told(case, "transfer").sorted("id")[-1].sudo().mail_id.attachment_ids, second)
        files = [[file["id"] for file in message["files"]] for message in self.see(case)["messages"]]
        self.assertEqual(files, [first.ids, [], second.ids], "between them, that it was taken up again")
        for letter in (first, second):
            self.assertTrue(self.get_file(case, letter.id))

    def test_transferred_again_when_the_first_was_never_proved(self):
        case = self.make_own()
        self.transfer(case)
        self.as_director(case).action_reopen("Sí es nuestra", "resume")
        self.assertEqual((self.forwarding(case).state, case.to_notify), ("void", ""))
        self.assertFalse(self.activities(case))
        self.transfer(case)
        self.assertEqual(self.forwarding(case).mapped("state"), ["draft", "void"], "the last one first")
        self.as_director(self.forwarding(case)[:1]).action_register_delivery("letter", reference="Oficio 12")
        self.assertEqual((self.forwarding(case).mapped("state"), self.kinds(case).count("forwarded")), (["delivered", "void"], 1))
        self.assertFalse(case.to_notify)

    def test_letter_that_forwards_it_came_back(self):
        case = self.make_own()
        self.transfer(case, reference="Guía 1")
        self.as_director(self.forwarding(case)).action_register_return("Dirección errada")
        self.assertEqual((self.forwarding(case).state, case.to_notify), ("returned", "Forwarding to who is competent"))
        with freeze_time("2027-01-05 15:00:00"):
            self.reload()
            terms = self.env["sig.indicator"]._find_terms(date(2026, 12, 1), date(2026, 12, 31))
            self.assertIn(case.id, [row[0] for row in self.env.execute_query(terms)], "it waits to be forwarded, late")
        self.as_director(self.forwarding(case)).action_register_delivery("letter", reference="Guía 2")
        self.assertEqual((self.forwarding(case).state, self.forwarding(case).reference), ("delivered", "Guía 2"))
        self.assertEqual((self.kinds(case)[-1], case.to_notify), ("forwarded", ""))
        self.assertChain(case)

    def test_many(self):
        cases = self.make_own() | self.make_reserved() | self.make_unaddressed()
        self.transfer(cases, proof=self.attach(name="oficio.pdf").ids, reference="Oficio 12")
        for case in cases.sudo():
            owner = case._get_forwardings()._get_private_record()
            self.assertEqual(
                (case._get_forwardings().proof_ids.res_model, case._get_forwardings().proof_ids.res_id), (owner._name, owner.id),
                "who reads one case does not read the letter of another",
            )
        self.assertEqual(len(cases.sudo()._get_forwardings().proof_ids), 3)
        self.assertEqual({str(moment) for moment in cases.mapped("transferred_on")}, {"2026-11-24 15:00:00"})
        self.assertEqual((set(cases.mapped("outcome")), len(self.told(cases, "transfer"))), ({"transferred"}, 3))
        for case in cases:
            self.assertChain(case)
