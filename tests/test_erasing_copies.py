"""A copy that is made of a case while it is erased: files handed over, and packs."""

from odoo import SUPERUSER_ID, api
from odoo.tools import mute_logger

from .test_two_at_once import TwoOnOneCase


class TestErasingCopiesAtOnce(TwoOnOneCase):
    """A copy that is made while its case is erased: one of both starts again, and nothing of the person is left."""

    def test_copied_and_erased(self):
        def erase(cr):
            case = self.case(cr)
            if not case.anonymized_on:
                self.erase(case)

        def hand_over(cr):
            case = self.case(cr)
            person = case.env["sig.person.data"]._get_person(case.partner_id, "ana@example.com", False)
            held = case.env["sig.person.data"]._find_held(case.company_id, person)
            case.env["sig.person.export"]._make(person, held, case.browse(), "Vino con su cédula")

        def ask_for_pack(cr):
            self.case(cr).env["sig.evidence.pack"]._request(self.case(cr))

        for first_step, second_step in ((hand_over, erase), (ask_for_pack, erase), (erase, ask_for_pack)):
            with self.subTest(first_step.__name__), self.hands() as (first, second):
                second.execute("SELECT 1 FROM sig_pqrs LIMIT 1")
                first_step(first)
                first.commit()
                self.assertFalse(self.assertStartsAgain(second_step, second))
                second.rollback()
        with self.registry.cursor() as cr:
            packs = api.Environment(cr, SUPERUSER_ID, {})["sig.evidence.pack"].search([("case_ids", "in", self.case_id)])
            self.assertEqual((packs.mapped("state"), packs.attachment_id.ids), (["expired"], []))

    def erase(self, case):
        case.sudo().write({"state": "cancelled"})
        case.env["sig.anonymizer"]._anonymize_cases(case.sudo(), "Tabla", {"run": 0})

    def test_given_up_while_a_batch_is_erased(self):
        """Who gives a run up counts what the batch of that moment left."""
        with self.registry.cursor() as cr:
            case = self.case(cr)
            run = case.env["sig.anonymization"].sudo().create({
                "company_id": case.company_id.id, "date": "2026-11-24", "kind": "retention", "state": "running",
                "reason": "Tabla", "user_id": case.env.uid, "line_ids": [(0, 0, {"pqrs_id": case.id}), (0, 0, {"pqrs_id": case.id})],
            })
            run_id = run.id

        def get_run(cr):
            return self.case(cr).env["sig.anonymization"].sudo().browse(run_id)

        self.assertFalse(self.assertSecondStartsAgain(
            lambda cr: get_run(cr)._proceed(1), lambda cr: get_run(cr).action_cancel(),
        ))

    def test_pack_that_the_job_makes(self):
        with self.registry.cursor() as cr:
            pack_id = self.make_waiting(self.case(cr)).id
        with self.hands() as (first, second):
            self.assertEqual(self.pack(second, pack_id).state, "waiting")
            self.erase(self.case(first))
            first.commit()
            self.assertFalse(self.assertStartsAgain(lambda cr: self.pack(cr, pack_id)._make(), second))
            second.rollback()

    def test_nothing_is_locked_while_it_is_printed(self):
        """Who asks for a pack, and the job, keep nobody from the case."""
        printed = []

        def print_case_files(_pack, cases):
            with self.registry.cursor() as cr:
                cr.execute("SELECT act_number FROM sig_pqrs WHERE id = %s FOR NO KEY UPDATE NOWAIT", [self.case_id])
                self.case(cr).env["sig.pqrs.act"]._lock_heads(self.case(cr))
            printed.append(cases.ids)
            return dict.fromkeys(cases, (b"%PDF", "pdf"))

        self.patch(self.registry["sig.evidence.pack"], "_print_case_files", print_case_files)
        for asks in (True, False):
            with self.registry.cursor() as cr:
                waiting_id = None if asks else self.make_waiting(self.case(cr)).id
            with self.registry.cursor() as cr, mute_logger("odoo.sql_db"):
                case = self.case(cr)
                if asks:
                    pack = case.env["sig.evidence.pack"]._request(case).sudo()
                else:
                    pack = case.env["sig.evidence.pack"].sudo().browse(waiting_id)
                    pack._cron_make()
                self.assertEqual(pack.state, "ready", pack.failure)
            self.assertEqual(printed.pop(), [self.case_id])

    def pack(self, cr, pack_id):
        return api.Environment(cr, SUPERUSER_ID, {})["sig.evidence.pack"].browse(pack_id)

    def make_waiting(self, case):
        return case.env["sig.evidence.pack"].sudo().create({
            "name": "Evidencia", "company_id": case.company_id.id, "user_id": self.user_ids[0], "date": "2026-11-24 10:00:00",
            "case_ids": [(6, 0, case.ids)], "case_count": 1,
        })

    def clean_up(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM sig_anonymization_line WHERE pqrs_id = %s", [self.case_id])
            cr.execute("DELETE FROM sig_anonymization WHERE user_id IN %s", [tuple(self.user_ids)])
            cr.execute("DELETE FROM ir_attachment WHERE res_model IN ('sig.evidence.pack', 'sig.person.export')")
            cr.execute("DELETE FROM sig_person_export WHERE user_id IN %s", [tuple(self.user_ids)])
            cr.execute("DELETE FROM sig_evidence_pack WHERE id IN (SELECT sig_evidence_pack_id FROM sig_evidence_pack_case_rel WHERE sig_pqrs_id = %s)", [self.case_id])
        return super().clean_up()
