from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import SigCommon, freeze_time


@freeze_time("2026-11-24 15:00:00")
class TestRefusals(SigCommon):
    """What is refused says why, and changes nothing."""

    def assertRefused(self, text, step, *args, error=UserError, **kwargs):
        with self.assertRaises(error) as caught, self.env.cr.savepoint():
            step(*args, **kwargs)
        self.assertIn(text, str(caught.exception))

    def test_who_drafts_does_not_approve(self):
        assignment = self.make_assignment()
        assignment.sudo().user_id = self.leader
        name_approver = assignment.with_user(self.director).action_name_approver
        self.assertRefused("cannot draft it too", name_approver, self.leader.id, "Conflicto de interés.")
        self.assertFalse(assignment.sudo().approver_id)

    def test_a_type_of_another_company(self):
        other = self.env["res.company"].create({"name": "Otra", "country_id": self.env.ref("base.co").id})
        foreign = self.env["sig.pqrs.type"].create(
            {"name": "Ajeno", "code": "ajeno", "term_days": 15, "company_id": other.id}
        )
        self.director.company_ids += other
        case = self.make_case()
        before = case.type_id
        both = case.with_user(self.director).with_context(allowed_company_ids=[self.company.id, other.id])
        self.assertRefused("another company", both.action_reclassify, foreign.id, "Es otra cosa.")
        self.assertEqual(case.type_id, before)

    def test_a_case_without_subject(self):
        case = self.make_case()
        subject = case.subject
        self.assertRefused("needs a subject", case.with_user(self.director).write, {"subject": " "}, error=ValidationError)
        self.assertEqual(case.subject, subject)

    def test_a_process_without_days(self):
        for days in (0, 366):
            self.assertRefused("1 to 365", self.operations.with_user(self.administrator).write, {"internal_days": days}, error=ValidationError)
        self.assertTrue(1 <= self.operations.internal_days <= 365)

    def test_a_commitment_stays_with_its_answer(self):
        mine, other = self.make_assignment(), self.make_assignment()
        mine.with_user(self.collaborator).write(
            {"commitment_ids": [Command.create({"name": "Reforzar la luz", "date_due": "2026-12-10"})]}
        )
        commitment = mine.commitment_ids.with_user(self.collaborator)
        for vals in ({"assignment_id": other.id}, {"pqrs_id": other.pqrs_id.id}):
            self.assertRefused("stays with its answer", commitment.write, vals)
        self.assertEqual((commitment.assignment_id, commitment.pqrs_id), (mine, mine.pqrs_id))

    def test_a_proof_that_is_none(self):
        case = self.make_approved()
        send = case.with_user(self.director).action_send_response
        gone = self.env["ir.attachment"].create({"name": "guía.pdf", "raw": b"x"})
        gone_id = gone.id
        gone.unlink()
        for proof in ([gone_id], {"id": 1}, ["1"], 1.5):
            self.assertRefused("proof of delivery was not found", send, delivery="letter", reference="RA1", proof=proof)
        self.assertEqual(case.state, "approved")
        self.assertNotIn("delivered", self.kinds(case))

    def test_a_notice_is_not_deleted(self):
        case = self.make_assignment().pqrs_id
        case.with_user(self.director).action_extend(3, "Faltan las grabaciones.")
        notice = case.communication_ids
        self.assertTrue(notice)
        self.assertRefused("is not deleted", notice.sudo().unlink)
        self.assertTrue(notice.exists())

    def test_names_of_servers_and_addresses(self):
        for values, text in (
            ({"sig_trusted_relays": "mx.example.com, no es un servidor"}, "not the name of a mail server"),
            ({"sig_mail_forwarders": "mesa@example.com, mesa"}, "not an email address"),
        ):
            self.assertRefused(text, self.company.write, values, error=ValidationError)

    def test_only_the_sig_files_mail_and_once(self):
        case = self.make_case()
        mail = self.env["sig.pqrs.mail"].sudo().create(
            {"company_id": self.company.id, "direction": "in", "pqrs_id": case.id, "key": "a" * 64, "date": case.date_received, "date_kept": case.date_received}
        )
        self.assertRefused("of which there is no case", mail.with_user(self.director).action_file)
        self.assertEqual(mail.pqrs_id, case)

    def test_a_pack_that_fails_says_why(self):
        case = self.make_closed()
        packs = self.env["sig.evidence.pack"].sudo()
        before = packs.search_count([])
        with (
            patch.object(self.env.registry["sig.evidence.pack"], "_write_case", side_effect=OSError("disco lleno")),
            mute_logger("odoo.addons.sig_pqrs.models.proof.evidence_pack"),
        ):
            self.assertRefused("disco lleno", packs.with_user(self.director)._request, case.with_user(self.director))
        self.assertEqual(packs.search_count([]), before, "what failed at once leaves nothing behind")
