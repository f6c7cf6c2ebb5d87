"""What was copied of a case before it was erased goes with it: files handed over, and packs; also at the same moment."""

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .common import freeze_time
from .test_retention import RetentionCommon
from .test_survey_results import ResultsCommon
from .test_two_at_once import TwoOnOneCase


class TestErasingCopies(RetentionCommon):
    def export(self, **vals):
        wizard = self.env["sig.person.wizard"].with_user(self.director).create({"reason": "Ana Ruiz vino con su cédula 79555444", **vals})
        wizard.action_export()
        return self.env["sig.person.export"].search([], limit=1, order="id desc")

    def test_what_was_handed_over_goes(self):
        case = self.make_old()
        young = self.make_case()
        other = self.make_case(partner_id=self.client.id, email_from="otra@example.com")
        export, theirs = (self.export(partner_id=partner.id) for partner in (self.contact, self.client))
        self.assertEqual((export.case_ids, theirs.case_ids), (case | young, other))
        file = export.sudo().attachment_id
        self.assertTrue(file.raw)
        self.simulate()
        self.assertTrue(export.is_kept, "a simulation changes nothing")
        self.erase()
        self.assertFalse(file.exists() or export.is_kept)
        self.assertEachRaises(UserError, export.with_user(self.director).action_download, said="not kept any more")
        self.assertEqual((export.case_ids, export.case_count), (young, 2), "nothing leads from the erased case to the person")
        self.assertTrue(export.digest)
        self.assertEqual(export.partner_id, self.contact, "that it was handed over stays known")
        self.assertTrue(theirs.is_kept)

    def test_what_findings_tell(self):
        """A repetition of a person's cases, decided on and attended to: its name, and what was written of it, go too."""
        ana = self.env["res.partner"].create({"name": "Ana <Ruiz>", "email": "ana.ruiz@example.com"})
        reason = self.env["sig.pqrs.reason"].search([], limit=1)
        of_client = self.env["sig.pqrs"].union(*(self.make_old(client_id=self.client.id) for _number in range(3)))
        shared = {"partner_id": ana.id, "client_id": ana.id, "reason_id": reason.id, "site": "Calle 45 # 12-30, apto 201"}
        cases = self.make_old(**shared) | self.make_old(**shared) | self.make_old(**shared)
        with freeze_time("2025-01-23 15:00:00"):
            findings = self.env["sig.finding"].sudo()
            rows = [
                findings._get_repetition_row(self.company, fnames, values, cases)
                for fnames, values in ((["client_id", "reason_id"], [ana, reason]), (["site", "client_id"], [shared["site"], ana]))
            ]
            by_client, by_site = findings._raise(self.company, [{**row, "minimum": 0} for row in rows])
            [of_company] = findings._raise(self.company, [{
                **findings._get_repetition_row(self.company, ["client_id", "reason_id"], [self.client, reason], of_client), "minimum": 0,
            }])
            plan = self.env["sig.action.plan"].browse(by_client.with_user(self.director).action_plan())
            plan.with_user(self.director).write({"cause_analysis": f"A Ana <Ruiz> la ronda le falló en {shared['site']}"})
            by_client._add_evidence(by_client.measure_ids, cases, by_client.name)
            by_site.with_user(self.director).action_dismiss(f"En {shared['site']} ya no hay puesto")
            plan.activity_schedule("mail.mail_activity_data_todo", user_id=self.leader.id, summary=by_client.name)
        self.assertIn("Ana", plan.name)
        self.erase()
        self.assertTrue(all(cases.mapped("anonymized_on")))
        self.env.cr.execute(
            """SELECT to_jsonb(t)::text FROM sig_finding t UNION ALL SELECT to_jsonb(t)::text FROM sig_action_plan t
               UNION ALL SELECT to_jsonb(t)::text FROM mail_activity t
               UNION ALL SELECT to_jsonb(t)::text FROM mail_message t WHERE model IN ('sig.finding', 'sig.action.plan')
               UNION ALL SELECT to_jsonb(t)::text FROM mail_tracking_value t"""
        )
        held = "\n".join(text for (text,) in self.env.cr.fetchall())
        self.assertHoldsNone(held, "Ana <Ruiz>", "Ana &lt;Ruiz&gt;", "Calle 45", f"client_id:{ana.id}:")
        self.assertEqual((by_client.plan_id, by_client.state, by_site.state), (plan, "planned", "dismissed"))
        self.assertIn("la ronda le falló", plan.cause_analysis, "what names nobody stays")
        self.assertEqual(of_company.reference, f"{self.client.name} · {reason.display_name}", "a company is no person")

    def test_of_an_erased_query_it_is_not_told_whose_it_was(self):
        query = self.make_case(type="datos_consulta", document_type="cc", document_number="79555444")
        self.builder.check_identity(query)
        query.type_id.sudo().write({"retention_years": 1, "retention_confirmed": True})
        export = self.export(partner_id=self.contact.id, request_id=query.id, email="otra@example.com")
        wizard = self.env["sig.person.wizard"].with_user(self.administrator).create({
            "partner_id": self.contact.id, "request_id": query.id, "email": "otra@example.com", "reason": "Apoderado de Ana Ruiz",
        })
        asked = self.env["sig.anonymization"].browse(wizard.action_simulate_erasing()["res_id"])
        self.assertTrue(export.is_of_another)
        query.action_withdraw("Desiste")
        for record in (asked.with_user(self.administrator), export.with_user(self.director)):
            record.message_post(body="Ana Ruiz llamó", message_type="comment", attachments=[("cedula.pdf", b"79555444")])
        own = asked.activity_schedule("mail.mail_activity_data_todo", summary="Llamar a Ana", user_id=self.administrator.id)
        own.automated = False
        asked.activity_schedule("mail.mail_activity_data_todo", user_id=self.administrator.id).action_feedback("Ana vino")
        waits = asked.activity_schedule("mail.mail_activity_data_todo", user_id=self.administrator.id)
        export.sudo()._message_log(body="Descargado")
        self.env["ir.attachment"].create({"name": "ana.jpg", "raw": b"x", "res_model": export._name, "res_id": export.id})
        with freeze_time("2028-11-24 15:00:00"):
            self.erase()
        self.assertTrue(query.anonymized_on)
        self.assertEqual(export.request_id, query)
        self.assertEqual((export.person, export.partner_id.id, export.reason), ("Personal data erased", False, False))
        self.assertEqual((asked.request_id, asked.person, asked.reason), (query, "Personal data erased", "Personal data erased"))
        for record in (asked, export):
            self.assertNotIn("Ana", str(record.message_ids.mapped("body")))
            self.assertFalse(self.env["ir.attachment"].search([("res_model", "=", record._name), ("res_id", "=", record.id)]))
        self.assertIn("Descargado", str(export.message_ids.mapped("body")), "who downloaded it stays known")
        self.assertEqual(asked.with_context(active_test=False).activity_ids, waits, "what the software asks stays")

    def test_what_was_noted_on_a_pack_goes(self):
        pack = self.env["sig.evidence.pack"].with_user(self.director)._request(self.make_old())
        pack.message_post(body="Ana Ruiz lo pidió", message_type="comment")
        pack.sudo()._message_log(body="Descargado")
        self.erase()
        told = str(self.reload(pack)[0].message_ids.mapped("body"))
        self.assertEqual((pack.state, pack.sudo().attachment_id.id, bool(pack.digest)), ("expired", False, True))
        self.assertNotIn("Ana", told)
        self.assertIn("Descargado", told)


@freeze_time("2026-06-10 15:00:00")
class TestErasingCopiesOfSurveys(ResultsCommon):
    def hand_over(self, wave):
        """To the first who was asked."""
        env = self.env(user=self.director)
        person = env["sig.person.data"]._get_person(wave.sudo().recipient_ids[0].partner_id, False, False)
        env["sig.person.export"]._make(person, env["sig.pqrs"], self.env["sig.pqrs"], "Vino")
        return self.env["sig.person.export"].search([], limit=1, order="id desc")

    def test_answers_that_were_handed_over_go(self):
        self.company.write({"sig_survey_retention_years": 1, "sig_survey_retention_confirmed": True})
        wave = self.make_closed([5, 4, 4, 2, 1, 5])
        with freeze_time("2028-01-15 15:00:00"):
            export = self.hand_over(wave)
            self.assertEqual(export.wave_ids, wave)
            self.assertTrue(export.is_kept)
            self.env["sig.anonymizer"]._anonymize_waves(wave)
        self.reload()
        self.assertEqual((export.is_kept, export.wave_ids.ids), (False, []))

    def test_a_copy_meets_the_erasing_of_its_survey(self):
        """It is written on the survey, so that of a copy and an erasing at once one starts again."""
        wave = self.make_closed([5, 4, 4, 2, 1, 5])
        self.env.flush_all()
        self.env.cr.execute("SELECT ctid::text FROM sig_survey_wave WHERE id = %s", [wave.id])
        before = self.env.cr.fetchone()
        self.hand_over(wave)
        self.env.cr.execute("SELECT ctid::text FROM sig_survey_wave WHERE id = %s", [wave.id])
        self.assertNotEqual(self.env.cr.fetchone(), before)


class TestErasingCopiesAtOnce(TwoOnOneCase):
    """A copy that is made while its case is erased: one of both starts again, and nothing of the person is left."""

    def test_copied_and_erased(self):
        def erase(cr):
            case = self.case(cr)
            if not case.anonymized_on:
                self.erase(case)
            cr.flush()

        def hand_over(cr):
            case = self.case(cr)
            person = case.env["sig.person.data"]._get_person(case.partner_id, "ana@example.com", False)
            case.env["sig.person.export"]._make(person, case, case.browse(), "Vino con su cédula")
            cr.flush()

        def ask_for_pack(cr):
            self.case(cr).env["sig.evidence.pack"]._request(self.case(cr))
            cr.flush()

        self.addCleanup(self.drop_packs)
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
        self.addCleanup(self.drop_run, run_id)

        def give_up(cr):
            self.case(cr).env["sig.anonymization"].sudo().browse(run_id).action_cancel()
            cr.flush()

        with self.hands() as (first, second):
            second.execute("SELECT 1 FROM sig_anonymization LIMIT 1")
            self.case(first).env["sig.anonymization"].sudo().browse(run_id)._proceed(1)
            first.commit()
            self.assertFalse(self.assertStartsAgain(give_up, second))

    def drop_run(self, run_id):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM sig_anonymization_line WHERE run_id = %s", [run_id])
            cr.execute("DELETE FROM sig_anonymization WHERE id = %s", [run_id])

    def test_pack_that_the_job_makes(self):
        with self.registry.cursor() as cr:
            pack_id = self.make_waiting(self.case(cr)).id
        self.addCleanup(self.drop_packs)
        with self.hands() as (first, second):
            self.assertEqual(self.pack(second, pack_id).state, "waiting")
            self.erase(self.case(first))
            first.commit()
            self.assertFalse(self.assertStartsAgain(lambda cr: self.pack(cr, pack_id)._make(), second))
            second.rollback()

    def test_nothing_is_locked_while_it_is_printed(self):
        """Who asks for a pack, and the job, keep nobody from the case."""
        self.addCleanup(self.drop_packs)
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

    def drop_packs(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM ir_attachment WHERE res_model IN ('sig.evidence.pack', 'sig.person.export')")
            cr.execute("DELETE FROM sig_person_export WHERE user_id IN %s", [tuple(self.user_ids)])
            cr.execute("DELETE FROM sig_evidence_pack WHERE id IN (SELECT sig_evidence_pack_id FROM sig_evidence_pack_case_rel WHERE sig_pqrs_id = %s)", [self.case_id])
