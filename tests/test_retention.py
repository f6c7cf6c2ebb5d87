"""How long personal data are kept, which years are confirmed, and what is held."""
from unittest.mock import patch

from odoo import Command
from odoo.addons.sig_pqrs.models.privacy import anonymization_run
from odoo.exceptions import UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form

from .common import date
from .test_indicator import IndicatorCommon

RECEIVED, ANSWERED = date(2025, 1, 13), date(2025, 1, 20)


class RetentionCommon(IndicatorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kind = cls.env.ref("sig_pqrs.type_queja")
        cls.kind.write({"retention_years": 1, "retention_confirmed": True})

    def make_old(self, received=RECEIVED, answered=ANSWERED, **vals):
        """A case answered long ago, with what a case holds of who asks."""
        case = self.make_answered(received, answered, **{
            "document_type": "cc", "document_number": "79555444", "phone": "3001112233", "site": "Torre 3, apto 201",
            "description": "Soy Ana Ruiz y nadie hizo la ronda", "remedy": "Que Ana Ruiz reciba respuesta",
            "attachment_ids": [Command.create({"name": "cedula-ana.txt", "raw": b"Ana Ruiz 79555444"})], **vals,
        })
        self.builder.rate(case, 4, "Ana Ruiz quedó contenta", self.on(date(2025, 1, 22)))
        return case

    def simulate(self, user=None):
        runs = self.env["sig.anonymization"].with_user(user or self.director)
        # as the button of a list calls it, with no record
        run = runs.browse(call_kw(runs, "action_simulate", [[]], {})["res_id"])
        run.reason = "Tabla de retención"
        return run

    def erase(self):
        run = self.simulate()
        run.action_confirm()
        self.reload()
        return run

    def get_kept_until(self, case):
        return case._get_kept_until("retention")[case]

    def states(self, run):
        self.reload()
        return {line.pqrs_id: line.state for line in run.line_ids}

    def read_database(self, case):
        """All that the database and the file store say of the case, as one text."""
        self.env.flush_all()
        found = []
        parts = ("identity", "assignment", "act", "communication", "request", "commitment", "mail")
        for table, column in (("sig_pqrs", "id"), *((f"sig_pqrs_{part}", "pqrs_id") for part in parts)):
            self.env.cr.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {column} = %s", [case.id])
            found += [text for (text,) in self.env.cr.fetchall()]
        self.env.cr.execute(
            "SELECT to_jsonb(t)::text FROM mail_message t WHERE model LIKE 'sig.pqrs%%' "
            "UNION ALL SELECT to_jsonb(t)::text FROM rating_rating t WHERE res_model = 'sig.pqrs' AND res_id = %s "
            "UNION ALL SELECT to_jsonb(t)::text FROM mail_mail t", [case.id],
        )
        found += [text for (text,) in self.env.cr.fetchall()]
        files = self.env["ir.attachment"].sudo().search([("res_model", "=like", "sig.pqrs%"), ("res_field", "in", (False, "raw"))])
        found += [f"{file.name} {file.raw!r}" for file in files]
        return "\n".join(found)


class TestRetention(RetentionCommon):
    def test_the_years_run_from_the_last_act(self):
        case = self.make_old()
        self.assertEqual(self.get_kept_until(case), date(2026, 1, 22), "a year after the rating")
        self.assertFalse(self.get_kept_until(self.make_case()), "an open case is kept")
        self.kind.retention_years = 0
        self.assertFalse(self.get_kept_until(self.reload(case)[0]))
        self.assertEachRaises(ValidationError, lambda: self.kind.write({"retention_years": -1}))

    def test_list_changes_nothing(self):
        case = self.make_old()
        self.make_case(when=self.on(date(2025, 1, 13)))  # open
        self.make_answered(date(2026, 9, 1), date(2026, 9, 8))  # too young
        self.make_old(type="peticion")  # another retention
        before = self.read_database(case)
        run = self.simulate()
        self.assertEqual((self.states(run), run.pending_count, run.state), ({case: "pending"}, 1, "draft"))
        self.assertEqual(self.read_database(case), before)
        self.assertEqual(self.simulate(), run, "there is one list that waits")

    def test_nothing_is_erased_without_a_reason_and_years_that_the_company_confirmed(self):
        run = self.simulate()
        self.assertEachRaises(UserError, run.action_confirm, said="nothing to erase")
        case = self.make_old()
        run.action_refresh()
        for reason, confirmed, said in (("  ", True, "rule or decision"), ("Tabla", False, "has not confirmed")):
            run.reason, self.kind.retention_confirmed = reason, confirmed
            self.assertEachRaises(UserError, run.action_confirm, said=said)
        self.assertEqual((run.unconfirmed, case.anonymized_on), (self.kind.name, False))
        self.assertFalse(self.env.ref("sig_pqrs.type_peticion").retention_confirmed, "as shipped")

    def test_only_the_sig(self):
        self.make_old()
        run = self.simulate()
        others = self.leader | self.collaborator | self.management | self.interviewer | self.employee | self.portal
        steps = ("action_simulate", "action_confirm", "action_refresh", "action_cancel", "action_retry")
        self.assertDenied(run, others, *(lambda own, step=step: getattr(own, step)() for step in steps), lambda own: own.read(["reason"]))
        self.assertDenied(run.line_ids, others, lambda own: own.action_exclude())
        changes = ({"state": "running"}, {"user_id": self.director.id}, {"line_ids": [Command.clear()]})
        self.assertEachRaises(
            UserError, *(lambda vals=vals: run.write(vals) for vals in changes), run.unlink, run.line_ids.unlink, run.sudo().unlink,
            lambda: run.create({"company_id": self.company.id, "date": "2026-01-01"}),
        )

    def test_left_out(self):
        case = self.make_old()
        run = self.simulate()
        run.line_ids.action_exclude()
        for again in (lambda: None, self.simulate, run.action_refresh, lambda: self.run_cron("sig_pqrs.cron_anonymization_proposal")):
            again()
            self.assertEqual(self.states(run), {case: "excluded"})
        run.line_ids.action_include()
        self.assertEqual(self.states(run), {case: "pending"})
        run.action_cancel()
        self.assertEachRaises(UserError, run.line_ids.action_exclude, run.action_confirm)

    def test_other_companies(self):
        stranger = self.make_stranger()
        case = self.make_old()
        self.assertFalse(self.env["sig.anonymization"]._find_expired(stranger.company_id))
        self.assertDenied(self.simulate(), stranger, lambda own: own.action_confirm())
        self.assertFalse(self.simulate(stranger).line_ids)
        self.assertFalse(case.anonymized_on)

    def test_monthly_proposal(self):
        self.run_cron("sig_pqrs.cron_anonymization_proposal")
        self.assertFalse(self.env["sig.anonymization"].search([]), "an empty list tells nothing")
        case = self.make_old()
        self.run_cron("sig_pqrs.cron_anonymization_proposal")
        self.run_cron("sig_pqrs.cron_anonymization_proposal")
        run = self.env["sig.anonymization"].search([("company_id", "=", self.company.id)])
        self.assertEqual((len(run), run.state, self.states(run)), (1, "draft", {case: "pending"}))
        self.assertEqual((run.activity_ids.user_id, len(run.activity_ids)), (self.director, 1))
        self.assertFalse(case.anonymized_on)

    def test_confirmed_again(self):
        kind = self.kind.with_user(self.administrator)
        for vals in ({"retention_years": 3}, {"duty_years": 2}, {"duty_basis": "Contrato"}, {"retention_years": "4"}):
            kind.retention_confirmed = True
            kind.write(vals)
            self.assertFalse(kind.retention_confirmed, vals)
        kind.write({"retention_years": 6, "retention_confirmed": True})
        self.assertTrue(kind.retention_confirmed, "confirmed with them")
        kind.write({"name": "Queja", "sequence": 3})
        self.assertTrue(kind.retention_confirmed)
        other = self.env.ref("sig_pqrs.type_peticion")
        other.write({"retention_years": 6, "retention_confirmed": True})
        (kind | other).retention_years = 7
        self.assertFalse(kind.retention_confirmed or other.retention_confirmed)
        self.assertFalse(kind.copy({"code": "otra"}).retention_confirmed)
        read = [kind.with_context(retention_seen=[years, 2, "Contrato"]) for years in (6, 7)]
        self.assertEachRaises(UserError, read[0].action_confirm_retention, said="read them")
        read[1].action_confirm_retention()
        self.assertTrue(kind.retention_confirmed)

    def test_it_is_known_who_changed_them(self):
        kind = self.kind.with_user(self.administrator)
        self.env.cr.flush()  # what was changed before is noted
        kind.write({"duty_years": 2})
        self.env.cr.flush()
        message = self.kind.message_ids[:1]
        self.assertEqual(message.author_id, self.administrator.partner_id)
        values = {value.field_id.name: (value.old_value_integer, value.new_value_integer) for value in message.sudo().tracking_value_ids}
        self.assertEqual(values, {"duty_years": (10, 2), "retention_confirmed": (1, 0)})

    def test_the_act_tells_them(self):
        case = self.make_old()
        self.kind.write({"duty_years": 1, "duty_basis": "Contrato 5", "retention_confirmed": True})
        self.erase()
        data = case.sudo().act_ids[-1].data
        self.assertEqual({name: data[name] for name in ("years", "duty_years", "duty")}, {"years": 1, "duty_years": 1, "duty": "Contrato 5"})

    def test_changed_while_it_runs(self):
        case = self.make_old()
        run = self.simulate()
        with patch.object(anonymization_run, "AT_ONCE", 0):
            run.action_confirm()
        self.kind.duty_years = 1
        self.run_cron("sig_pqrs.cron_anonymization")
        self.assertEqual((self.states(run), run.state), ({case: "failed"}, "running"))
        self.assertIn("has not confirmed it again", run.line_ids.detail)
        self.assertFalse(case.anonymized_on)
        self.kind.retention_confirmed = True
        run.action_retry()
        self.run_cron("sig_pqrs.cron_anonymization")
        self.assertEqual((self.states(run), run.state), ({case: "done"}, "done"))

    def test_surveys(self):
        company = self.company
        company.write({"sig_survey_retention_years": 3, "sig_survey_retention_confirmed": True})
        self.assertTrue(company.sig_survey_retention_confirmed)
        company.with_user(self.administrator).sudo().sig_survey_retention_years = 4
        self.assertFalse(company.sig_survey_retention_confirmed)
        note = company.partner_id.message_ids[:1]
        self.assertEqual(note.author_id, self.administrator.partner_id)
        self.assertIn(": 4, to be confirmed", note.body)
        for group in ("base.group_system", "website.group_website_designer"):
            self.administrator.group_ids += self.env.ref(group)
        company.sig_survey_retention_confirmed = True
        Settings = self.env["res.config.settings"].with_user(self.administrator)
        form = Form(Settings)
        company.write({"sig_policy_days": 12, "sig_report_user_ids": [Command.set(self.leader.ids)]})  # in another tab
        form.sig_survey_retention_years = 2
        self.assertFalse(form.sig_survey_retention_confirmed)
        form.sig_survey_retention_confirmed = True
        form.save().execute()
        self.assertEqual((company.sig_survey_retention_years, company.sig_survey_retention_confirmed), (2, True))
        self.assertEqual((company.sig_policy_days, company.sig_report_user_ids), (12, self.leader))
        company.sig_survey_retention_confirmed = False
        form = Form(Settings)
        company.sig_survey_retention_years = 1
        form.sig_survey_retention_confirmed = True
        self.assertEachRaises(UserError, form.save, said="read them")
        first, second = self.env["website"].create([{"name": each, "company_id": company.id} for each in ("Uno", "Dos")])
        first.sig_pqrs_active = True
        form = Form(Settings.with_context(default_website_id=first.id))
        form.website_id = second
        form.sig_pqrs_active = True
        form.save().execute()
        self.assertTrue(second.sig_pqrs_active)

    def test_hold(self):
        case = self.make_old()
        self.reload()
        self.assertEachRaises(UserError, lambda: case.action_hold(" "))
        case.action_hold("Juzgado 3, 2026-00123")
        self.assertIn(f" · {self.director.name}: Juzgado 3, 2026-00123", case.legal_hold_reason)
        self.assertEqual(self.kinds(case)[-1], "hold_placed")
        gone = self.env["ir.attachment"].create({"name": "x", "raw": b"x", "res_model": "sig.pqrs.gone", "res_id": case.id})
        self.assertTrue(gone.unlink(), "of a model that an upgrade removed")
        run = self.simulate()
        self.assertEqual(self.states(run), {case: "held"})
        self.assertIn("A proceeding", run.line_ids.detail)
        self.assertEachRaises(UserError, run.action_confirm, said="nothing to erase")
        case.action_release_hold("Sentencia en firme")
        self.assertEqual(self.kinds(case)[-1], "hold_released")
        self.assertEqual(self.get_kept_until(case), date(2026, 1, 22), "a hold does not make the years begin again")
        self.assertFalse(case.legal_hold_reason)
        self.assertChain(case)
        self.assertEqual(self.states(self.simulate()), {case: "pending"})

    def test_nothing_of_a_held_case_is_deleted(self):
        case = self.make_old()
        case.action_hold("Juzgado 3")
        case.message_post(body="Nota de la directora")
        for records in (case.attachment_ids, case.letter_id, case.message_ids[:1]):
            self.assertEachRaises(UserError, records.sudo().unlink, said="legal hold")
        self.make_case().message_ids[:1].with_env(self.env).unlink()
        self.env["ir.attachment"].create({"name": "x", "raw": b"x"}).unlink()
        self.assertEachRaises(UserError, lambda: case.env["sig.anonymizer"]._anonymize_cases(case, "x", {}), said="proceeding")

    def test_why_is_the_sigs_to_read(self):
        """Who may place it: `test_transition_table`; nobody writes it: `test_security`."""
        case = self.make_old()
        case.action_hold("Juzgado 3")
        self.assertDenied(case, self.leader, lambda own: own.read(["legal_hold_reason"]))
        self.assertTrue(case.with_user(self.leader).legal_hold)
