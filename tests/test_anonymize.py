"""What is erased of a case or a survey, and that figures and the chain of acts hold before and after."""
import io
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.modules.module import load_script
from odoo.tools import file_path, mute_logger

from ..models.privacy.anonymizer import PERSONAL
from ..tools import evidence_check, verify_evidence
from .common import date, freeze_time
from .test_person_data import PersonCommon
from .test_retention import RetentionCommon
from .test_survey_results import ResultsCommon

ANA = ("Ana Ruiz", "ana@example.com", "79555444", "3001112233")


class TestAnonymize(RetentionCommon, PersonCommon):
    def test_what_goes_and_what_stays(self):
        case = self.make_old()
        message = case.message_post(body="Ana Ruiz llamó del 3001112233")
        case.message_post(body="x", attachments=[("carta-ana.txt", b"Ana Ruiz")])
        planned = self.env["mail.scheduled.message"].create({
            "model": "sig.pqrs", "res_id": case.id, "body": "Ana", "author_id": 1, "scheduled_date": "2030-01-01",
        })
        self.env["sig.pqrs.mail"].sudo().create({
            "pqrs_id": case.id, "company_id": self.company.id, "date": "2025-01-13 15:00:00", "date_kept": "2025-01-13 15:00:00",
            "sender": "ana@example.com", "recipients": "x", "subject": "Ana Ruiz", "raw": b"QW5hIFJ1aXo=",
        })
        stays = ("name", "type_id", "reason_id", "channel", "company_id", "client_id", "date_received", "date_deadline",
                 "date_legal", "date_answered", "days_used", "response_days", "term_trace", "state", "outcome", "resolution",
                 "deadline_state", "delivery_state", "rating_state", "rating_value", "priority", "person_type", "capacity",
                 "process_ids")
        self.assertTrue(case.sudo()._commit_private("601 555 0000"))
        before = {name: case[name] for name in stays}
        dates = case.assignment_ids.mapped(lambda assignment: (assignment.process_id, assignment.state, assignment.date_approved))
        letter = case.letter_id._sig_sha256()
        self.assertEqual(self.contact.with_user(self.director).sig_pqrs_count, 1)
        self.assertHolds(self.read_database(case), *ANA[:3])
        self.assertChain(case)
        run = self.erase()
        self.assertEqual((run.state, self.states(run), run.user_id), ("done", {case: "done"}, self.director))
        self.assertHoldsNone(self.read_database(case), *ANA, "Torre 3", "contenta", "cedula-ana", "carta-ana")
        self.assertEqual({name: case[name] for name in stays}, before)
        self.assertEqual(dates, case.assignment_ids.mapped(lambda assignment: (assignment.process_id, assignment.state, assignment.date_approved)))
        self.assertEqual(case.subject, "Personal data erased")
        self.assertFalse(message.exists() or planned.exists())
        self.assertTrue(case.anonymized_on)
        rating = case.sudo().rating_ids
        self.assertEqual((rating.rating, rating.partner_id.id, rating.consumed), (4, False, True))
        mail = self.env["sig.pqrs.mail"].search([("pqrs_id", "=", case.id), ("direction", "=", "in")])
        self.assertEqual((len(mail), mail.sender, mail.raw), (1, False, False))
        self.assertFalse(case.sudo().private_salt)
        act = case.sudo().act_ids[-1]
        self.assertEqual((act.kind, act.note, act.user_id), ("anonymized", "Tabla de retención", self.director))
        self.assertIn(letter, act.data["files"])
        self.assertGreater(act.data["messages"], 3)
        self.assertChain(case)
        self.assertEqual(self.contact.with_user(self.director).sig_pqrs_count, 0, "nothing links it with the contact")
        self.assertEqual(self.contact.name, "Ana Ruiz", "contacts are the company's")

    def test_nobody_is_told_any_more(self):
        case = self.make_old()
        answer = case.delivery_id
        queued = case.sudo()._open_communications("message", "Hola", self.env["sig.client.notice"]._queue(case.sudo(), "message", "Hola"))
        owed = case.sudo()._open_communications("message", "Hola", medium="letter")
        self.assertEqual((queued.state, owed.state, answer.state), ("queued", "draft", "sent"))
        self.erase()
        self.assertEqual((queued.state, owed.state, answer.state), ("void", "void", "sent"))
        self.assertFalse(case.to_notify or case.sudo().activity_ids)
        before = self.kinds(case)
        self.watch("2026-11-25 12:00:00")
        self.assertEqual((queued.state, self.kinds(case)), ("void", before))
        self.assertChain(case)

    def test_afterwards(self):
        """Nothing more is done with it; what was noted of its chain outside still holds, and packs say what was erased."""
        case = self.make_old()
        head, token = (case.act_number, case.act_head), case.sudo().rating_ids.access_token
        self.erase()
        self.assertFalse(case.allowed_transitions)
        self.assertFalse(case._get_rating_by_token(token), "no link of a mail brings another text")
        steps = (case.action_reopen, case.action_hold, case.action_write_to_client, case.action_reserve_identity)
        asked = case.sudo().activity_schedule("mail.mail_activity_data_todo", user_id=self.director.id).with_user(self.director)
        Files, todo = case.env["ir.attachment"], ("mail.mail_activity_data_todo", None, "Llamar a Ana")
        file = {"name": "ana.txt", "raw": b"Ana", "res_model": "sig.pqrs", "res_id": case.id}
        planned = {"model": "sig.pqrs", "res_id": case.id, "author_id": self.director.partner_id.id, "scheduled_date": "2030-01-01"}
        self.assertEachRaises(
            UserError, *(lambda step=step: step("x") for step in steps), lambda: case.write({"site": "Torre 3"}),
            lambda: case.write({"reason_id": False}), lambda: case.message_post(body="Ana"), lambda: Files.create(file),
            lambda: case.assignment_ids.message_post(body="Ana"), lambda: case.assignment_ids.activity_schedule(*todo),
            lambda: Files.sudo().create(file)._post_add_create(), lambda: Files.create({"name": "x", "raw": b"x"}).write(file),
            lambda: case.activity_schedule(*todo), lambda: asked.write({"note": "Ana"}), lambda: asked.action_feedback("Ana"),
            lambda: case.env["mail.scheduled.message"].create(planned), said="erased",
        )
        asked.action_feedback()
        self.assertFalse(self.env["sig.pqrs.act"]._verify(case, {case.name: head}))
        pack = self.env["sig.evidence.pack"].with_user(self.director)._request(case)
        self.assertEqual(pack.state, "ready")
        verdict = evidence_check.verify(io.BytesIO(pack.sudo().attachment_id.raw), {}, pack.digest)
        self.assertFalse(verdict.faults, verdict.faults)
        codes = [note.code for note in verdict.notes]
        self.assertEqual(("erased_file" in codes, codes.count("erased_texts")), (True, 1))
        self.assertIn("se suprimió con los datos personales", verify_evidence.write_report(verdict))
        self.env.cr.execute("UPDATE sig_pqrs_act SET days = 7 WHERE pqrs_id = %s AND number = 2", [case.id])
        self.reload()
        self.assertTrue(self.env["sig.act.check"]._find_faults(case), "an alteration is still found")

    def test_no_letter_is_printed_for_an_erased_case(self):
        case = self.make_old()
        case.sudo().delivery_id.state = "delivered"  # by hand: what was not printed before it is printed later
        self.erase()
        self.run_cron("sig_pqrs.cron_delivery")
        self.assertEqual((case.delivery_state, case.letter_id.ids, self.kinds(case)[-1]), ("handed", [], "anonymized"))

    def test_acts_of_the_petitioner(self):
        case = self.make_old()
        rated = case.sudo().act_ids.filtered(lambda act: act.kind == "rated")
        self.env.flush_all()
        # as HERA leaves it: an act and a row of the petitioner's user
        Act = self.env["sig.pqrs.act"]
        with freeze_time("2025-01-23 15:00:00"):
            act = Act.with_user(self.portal)._append(case, "client_message", "Gracias")
        self.env.cr.execute("UPDATE sig_pqrs SET write_uid = %s WHERE id = %s", [self.portal.id, case.id])
        self.reload()
        self.assertTrue(rated)
        self.erase()
        acts = case.sudo().act_ids
        self.assertNotIn(self.portal, acts.user_id)
        self.assertNotEqual(case.sudo().write_uid, self.portal)
        self.assertEqual(acts[-1].data["sealed"], act.mapped("number"))
        self.assertEqual((bool(act.sudo().user_commitment), act.sudo().user_salt), (True, False))
        self.assertChain(case)
        # No other act gets away without its user.
        self.env.cr.execute("UPDATE sig_pqrs_act SET user_id = NULL WHERE pqrs_id = %s AND number = 1", [case.id])
        self.reload()
        self.assertTrue(Act._verify(case))

    def test_figures_are_the_same(self):
        month = date(2025, 2, 1)
        cases = self.make_old(answered=date(2025, 2, 3)) | self.make_old(received=date(2025, 1, 14), answered=date(2025, 2, 10))
        names = ("on_time", "within_days", "response_time", "answer_satisfaction", "received", "repetition")

        def figures():
            measures = [self.measure(name, month) for name in names]
            return [(m.numerator, m.denominator, m.value, m.records) for m in measures]

        before = figures()
        self.assertEqual(self.get_measure("on_time", month).denominator, 2)
        groups = ("type_id", "channel", "reason_id", "client_id", "process_ids", "deadline_state", "outcome", "date_received:month")
        counts = [self.env["sig.pqrs"]._read_group([], [group], ["__count", "rating_value:avg"]) for group in groups]
        self.erase()
        self.assertTrue(all(cases.mapped("anonymized_on")))
        self.assertEqual(figures(), before)
        self.assertEqual([self.env["sig.pqrs"]._read_group([], [group], ["__count", "rating_value:avg"]) for group in groups], counts)

    def test_many_by_the_job(self):
        cases = self.make_old() | self.make_old() | self.make_old()
        run = self.simulate()
        read = run.with_context(lines_seen=run.line_ids.ids)
        run.action_refresh()
        self.assertEachRaises(UserError, read.action_confirm, said="The list changed since you opened it")
        with patch("odoo.addons.sig_pqrs.models.privacy.anonymization_run.AT_ONCE", 1):
            run.action_confirm()
        self.assertEqual(run.state, "running")
        for _time in range(2):
            self.run_cron("sig_pqrs.cron_anonymization")
        self.assertEqual((run.state, run.done_count), ("done", 3))
        self.assertFalse(self.simulate().line_ids, "what was erased is not listed again")
        self.assertEachRaises(UserError, lambda: self.env["sig.anonymizer"]._anonymize_cases(cases[0], "x", {}), said="erased before")
        self.assertEqual([self.kinds(case).count("anonymized") for case in cases], [1, 1, 1])

    def test_files_shared_with_a_younger_case(self):
        case = self.make_old()
        shared = case.sudo().attachment_ids
        young = self.make_case(when=self.on(date(2026, 11, 20)))
        young.sudo().attachment_ids = shared
        own, content = young.sudo().attachment_ids, shared.mapped("raw")
        self.erase()
        self.assertFalse(shared.exists() or case.attachment_ids)
        self.assertEqual((young.sudo().attachment_ids, own.mapped("raw")), (own, content), "it took a copy")

    def test_survey_answer_outlives_the_case(self):
        case = self.make_old(survey_answer="no")
        consents = case.sudo().consent_ids
        surveys = consents.filtered(lambda consent: consent.subject == "surveys")
        self.assertEqual(surveys.partner_id, self.contact)
        self.erase()
        self.assertEqual((surveys.partner_id, surveys.pqrs_id.id), (self.contact, False))
        self.assertFalse((consents - surveys).partner_id)
        self.assertEqual(self.contact.sig_survey_consent, "refused")

    def test_two_at_once(self):
        cases = [self.make_old(), self.make_old()]
        run = self.simulate()
        for failures in ([SerializationFailure], [ValueError, SerializationFailure]):  # together, and apart
            erase = patch.object(self.env.registry["sig.anonymizer"], "_empty_fields", side_effect=failures)
            with erase, self.assertRaises(SerializationFailure), mute_logger("odoo.addons.sig_pqrs.models.mixin.record_mixin"):
                run.action_confirm()
            self.assertEqual((run.state, self.states(run)), ("draft", dict.fromkeys(cases, "pending")))

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
            plan.sudo().verdicts = [{"date": "2025-01-23", "verdict": "no", "note": f"{by_client.name}: no", "who": self.director.id}]
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
        self.assertEqual(of_company.reference, f"Client: {self.client.name} · Reason: {reason.display_name}", "a company is no person")

    def test_of_an_erased_query_it_is_not_told_whose_it_was(self):
        query = self.make_case(type="datos_consulta", document_type="cc", document_number="79555444")
        self.builder.check_identity(query)
        query.type_id.sudo().write({"retention_years": 1, "retention_confirmed": True})
        export = self.export(partner_id=self.contact.id, request_id=query.id, email="otra@example.com", reason="Ana Ruiz vino, 79555444")
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

    #: what a company keeps of an erased case: numbers, digests, its own decisions
    STAYS = {
        "sig.pqrs": {
            "name", "uuid", "act_head", "import_source", "legal_digest", "legal_hold_reason", "term_trace", "transfer_recipient",
        },
        "sig.pqrs.answer": {"legal_digest"}, "sig.pqrs.assignment": {"response_digest"}, "sig.pqrs.mail": {"key"},
    }
    #: records of a case that are dealt with apart (acts, consents), and records of what was done with it
    APART = {"sig.pqrs.act", "sig.privacy.consent", "sig.anonymization.line"}

    def test_every_text_goes_or_is_known_to_stay(self):
        """A new field or model of a case is of a side."""
        texts = ("char", "text", "html", "json", "properties", "reference")
        for model, names in PERSONAL.items():
            stored = {
                name: field for name, field in self.env[model]._fields.items()
                if field.store and (field.type in texts or (field.type == "many2one" and field.comodel_name == "res.partner"))
            }
            self.assertEqual(stored.keys() - names.keys() - {"client_id"}, self.STAYS.get(model, set()), model)
            self.assertFalse(names.keys() & self.STAYS.get(model, set()), model)
        of_cases = {
            name for name, model in self.env.registry.items()
            if name.startswith("sig.") and not model._transient and not model._abstract and "pqrs_id" in model._fields
        }
        self.assertEqual(of_cases - PERSONAL.keys(), self.APART)


@freeze_time("2026-06-10 15:00:00")
class TestSurveyRetention(ResultsCommon):
    """Who answered, and in which words, goes; what they chose stays."""

    def setUp(self):
        super().setUp()
        self.company.write({"sig_survey_retention_years": 1, "sig_survey_retention_confirmed": True})
        self.clients[0].write({"is_company": False, "name": "Luis Toro"})
        self.marta = self.env["res.partner"].create({"name": "Marta Rey", "email": "marta@example.com", "parent_id": self.clients[1].id})
        self.clients[1].sig_survey_contact_id = self.marta

    def run_on(self, day):
        with freeze_time(f"{day} 15:00:00"):
            runs = self.env["sig.anonymization"].with_user(self.director)
            run = runs.browse(runs.action_simulate()["res_id"])
            if run.line_ids:
                run.reason = "Tabla"
                run.action_confirm()
            self.reload()
        return run

    def test_survey(self):
        wave = self.make_closed([5, 4, 4, 2, 1, 5], comments=["Soy Luis", "", "", "Marta dice", "", ""])
        results, recipients = wave.sudo().results, wave.sudo().recipient_ids
        sheets = recipients.user_input_id
        written = len([text for text in sheets.user_input_line_ids.mapped("value_text_box") if text])
        self.assertGreater(written, 1)
        sheet = sheets[0]
        sheet.message_post(body="Luis Toro llamó", attachments=[("nota-luis.txt", b"Luis")])
        note = wave.message_post(body="Luis Toro se quejó", attachments=[("acta-luis.txt", b"Luis")])
        lines = sheets.user_input_line_ids.filtered(lambda line: line.value_text_box == "Marta dice").with_user(self.director)
        file, line = note.attachment_ids, lines[0]
        self.assertEqual(line.action_sig_file_comment()["res_id"], line.sig_case_id.id)
        self.env["ir.attachment"].create({"name": "hoja-luis.txt", "raw": b"Luis", "res_model": sheet._name, "res_id": sheet.id})
        sheet.activity_schedule("mail.mail_activity_data_todo", note="Llamar a Luis")
        for record in (sheet, sheet.sig_recipient_id):
            record.message_subscribe(self.clients[0].ids)
        before = {code: wave.sudo()._compute_results()[code] for code in ("satisfied", "nps", "response_rate")}
        self.assertFalse(self.run_on("2027-01-15").line_ids, "too young")
        run = self.run_on("2028-01-15")
        self.assertEqual((run.line_ids.wave_id, run.state, run.line_ids.state), (wave, "done", "done"))
        self.assertTrue(wave.anonymized_on)
        self.assertFalse(note.exists() or file.exists() or line.sig_case_id)
        self.assertEachRaises(UserError, line.action_sig_file_comment, said="There is no comment")
        self.assertFalse(recipients.contact_id | sheets.partner_id)
        self.assertEqual({*recipients.mapped("email"), *sheets.mapped("email")}, {False})
        clients = recipients.partner_id
        self.assertEqual(("Luis Toro" in clients.mapped("name"), len(clients)), (False, len(recipients)), "each still counts once")
        texts = [text for text in sheets.user_input_line_ids.mapped("value_text_box") if text]
        self.assertEqual((len(set(texts)), len(texts)), (1, written))
        for records in (recipients, sheets):
            for model, place in (("mail.message", "model"), ("ir.attachment", "res_model"), ("mail.activity", "res_model")):
                left = self.env[model].sudo().with_context(active_test=False)
                self.assertFalse(left.search([(place, "=", records._name), ("res_id", "in", records.ids)]))
            self.assertFalse(records.message_partner_ids & self.clients)
        self.env["sig.anonymizer"]._anonymize_recipients(recipients)
        self.assertEqual((self.reload(recipients)[0].partner_id, wave.sudo().results), (clients, results), "nobody goes twice")
        self.assertEqual({code: wave.sudo()._compute_results()[code] for code in before}, before)
        self.assertFalse(self.run_on("2028-01-16").line_ids)
        self.assertEqual(self.clients[0].name, "Luis Toro")

    def ask(self, **vals):
        wizard = self.env["sig.person.wizard"].with_user(self.administrator).create({"partner_id": self.marta.id, **vals})
        return wizard, self.env["sig.anonymization"].with_user(self.administrator).browse(wizard.action_simulate_erasing()["res_id"])

    def get_comments(self, recipients):
        return str(recipients.user_input_id.user_input_line_ids.mapped("value_text_box"))

    def test_what_a_person_asks(self):
        """Who asks is erased from each survey that is over, without waiting for its retention; the others stay."""
        wave = self.make_closed([5, 4, 4, 2, 1, 5], comments=["", "Soy Marta", "", "Otra", "", ""])
        results = wave.sudo().results
        mine = wave.sudo().recipient_ids.filtered(lambda recipient: recipient.contact_id == self.marta)
        _wizard, same = self.ask(reason="Vino con su cédula")
        wizard, run = self.ask(reason="Vino con su cédula")
        self.assertEqual((len(mine), len(wizard.recipient_ids)), (1, 1))
        self.assertEqual((run.line_ids.wave_id, run.line_ids.recipient_id, run.line_ids.state), (wave, mine, "pending"))
        self.assertIn(f"- what you answered in “{wave.name}”: its personal data will be erased.", run.answer)
        for state, what in (("running", "skipped"), ("closed", "pending")):
            wave.sudo().state = state
            run.action_refresh()
            self.assertEqual((run.line_ids.state, "under way" in run.answer), (what, what == "skipped"))
        self.env["sig.survey.delivery"].create({"wave_id": wave.id, "user_id": self.director.id, "date_requested": "2026-11-24"})
        printed = wave.sudo()._make_result_documents()
        minutes = self.env["ir.attachment"]._sig_create_for(wave.sudo(), "Acta.pdf", b"x")
        self.company.name = "Otra razón social"
        run.action_confirm()
        self.reload()
        self.assertEqual((run.state, run.line_ids.state, run.line_ids.recipient_id.id), ("done", "done", False))
        self.assertEqual((printed.exists().ids, minutes.exists()), ([], minutes), "they quote what was written")
        same.action_confirm()
        self.assertEqual((same.line_ids.state, same.line_ids.recipient_id.id), ("done", False))
        self.assertEqual((mine.contact_id.id, mine.email), (False, False))
        self.assertNotIn("Soy Marta", self.get_comments(mine))
        others = wave.sudo().recipient_ids - mine
        self.assertTrue(others.filtered("email"))
        self.assertIn("Otra", self.get_comments(others))
        self.assertEqual((wave.sudo().results, wave.anonymized_on), (results, False))
        self.assertEachRaises(UserError, lambda: self.ask(reason="x"), said="Nothing is held")

    def test_what_earlier_versions_left(self):
        wave = self.make_closed([5, 5], comments=["", "Soy Marta"]).sudo()
        mine = wave.recipient_ids.filtered(lambda recipient: recipient.contact_id == self.marta)
        line, note = mine.user_input_id.user_input_line_ids[0], wave.message_post(body="Marta", message_type="comment")
        self.env["sig.anonymizer"]._anonymize_recipients(mine)
        mine.anonymized_on, line.sig_case_id = False, self.make_claim()
        field = self.env["ir.model.fields"]._get(mine._name, "contact_id")
        named = self.env["mail.tracking.value"].create({"mail_message_id": note.id, "field_id": field.id})
        for day, erased in ((False, mine), ("2026-06-30", wave.recipient_ids)):
            wave.anonymized_on = day
            self.env.flush_all()
            load_script(file_path("sig_pqrs/migrations/19.0.2.0.0/post-erased-surveys.py"), "erased").migrate(self.env.cr, "19.0.1.4.0")
            self.reload()
            self.assertEqual(wave.recipient_ids.filtered("anonymized_on"), erased)
            self.assertEqual((bool(note.exists()), bool(line.sig_case_id or named.exists())), (not day, False))

    def make_claim(self):
        claim = self.builder.file({"partner_id": self.marta.id, "type": "datos_reclamo", "document_type": "cc", "document_number": "1"})
        claim.sudo().type_id.write({"duty_years": 0, "retention_confirmed": True})
        self.builder.check_identity(claim)
        return claim

    def test_a_claim_that_is_erased_later(self):
        """What was asked for and is over does not tell any more whose answers were meant, nor why they were left out."""
        self.make_closed([5, 4, 4, 2, 1, 5])
        claim, runs = self.make_claim(), self.env["sig.anonymization"]
        for step in ("action_cancel", "action_confirm"):
            _wizard, run = self.ask(request_id=claim.id)
            run.reason = "Lo pidió"
            run.line_ids.filtered("recipient_id").action_exclude("Marta Rey es del consejo")
            getattr(run, step)()
            runs |= run
        left_out = runs.line_ids.filtered("recipient_id")
        self.assertEqual(len(left_out), 2)
        claim.sudo().write({"state": "closed", "outcome": "answered"})
        self.env["sig.anonymizer"]._anonymize_cases(claim, "Tabla", {"run": 0})
        self.reload()
        self.assertEqual((runs.mapped("state"), left_out.recipient_id.ids), (["cancelled", "done"], []))
        self.assertEqual(left_out.mapped("detail"), [False] * 2)

    def test_a_claim_that_is_erased_with_what_it_asks_for(self):
        """The run still knows whose answer was meant: nobody else's goes."""
        wave = self.make_closed([5, 4, 4, 2, 1, 5], comments=["", "Soy Marta", "", "Otra", "", ""])
        mine = wave.sudo().recipient_ids.filtered(lambda recipient: recipient.contact_id == self.marta)
        claim = self.make_claim()
        claim.sudo().write({"state": "closed", "outcome": "answered"})
        self.make_closed([5, 4, 4, 2, 1, 5], semester="2").sudo().state = "running"
        _wizard, run = self.ask(request_id=claim.id)
        run.reason = "Lo pidió"
        run.action_confirm()
        self.reload()
        self.assertEqual((set(run.line_ids.mapped("state")), run.line_ids.recipient_id.ids), ({"done", "skipped"}, []))
        self.assertTrue(claim.anonymized_on)
        self.assertFalse(mine.email or wave.anonymized_on)
        self.assertTrue((wave.sudo().recipient_ids - mine).filtered("email"))
        answers = self.get_comments(wave.sudo().recipient_ids)
        self.assertEqual(("Otra" in answers, "Soy Marta" in answers), (True, False))

    def test_answers_that_were_handed_over_go(self):
        """The copy is written on who answered, so that of a copy and an erasing at once one starts again."""
        wave = self.make_closed([5, 4, 4, 2, 1, 5])
        mine = wave.sudo().recipient_ids.filtered(lambda recipient: recipient.contact_id == self.marta)
        places, director = [], self.env(user=self.director)
        with freeze_time("2028-01-15 15:00:00"):
            for step in (lambda: None, director["sig.person.wizard"].create({"partner_id": self.marta.id, "reason": "Vino"}).action_export):
                step()
                self.reload()
                self.env.cr.execute("SELECT ctid::text FROM sig_survey_recipient WHERE id = %s", [mine.id])
                places.append(self.env.cr.fetchone())
            export = self.env["sig.person.export"].search([], limit=1, order="id desc")
            run = director["sig.anonymization"].browse(director["sig.anonymization"].action_simulate()["res_id"])
            run.line_ids.action_exclude("Marta Rey es del consejo")
            self.env["sig.anonymizer"]._anonymize_recipients(wave.sudo().recipient_ids - mine)
            self.assertEqual((self.reload(export)[0].is_kept, export.recipient_ids), (True, mine), "what others said is not in it")
            self.env["sig.anonymizer"]._anonymize_waves(wave)
        self.reload()
        self.assertNotEqual(*places)
        self.assertEqual((export.is_kept, export.recipient_ids.ids, run.line_ids.detail), (False, [], False))
