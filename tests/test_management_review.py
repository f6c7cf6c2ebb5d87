from unittest.mock import patch

from psycopg2.errors import CheckViolation

from odoo.addons.base.models import ir_cron
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import date, freeze_time
from .test_indicator import IndicatorCommon

REPORT = "sig_pqrs.report_management_review"
LOGGER = "odoo.addons.sig_pqrs.models.mixin.record_mixin"


class ReviewCommon(IndicatorCommon):
    def make_review(self, **vals):
        return self.env["sig.management.review"].with_user(self.director).create({
            "date_from": "2026-01-01", "date_to": "2026-06-30", "date": "2026-07-15",
            "participants": "Gerente General\nDirectora SIG", "conclusion": "Conveniente, adecuado y eficaz.", **vals,
        })

    def add_decision(self, review, **vals):
        return self.env["sig.management.decision"].with_user(self.management).create({
            "review_id": review.id, "name": "Contratar un analista de respuestas", "kind": "resources",
            "user_id": self.leader.id, "date_due": "2026-09-30", **vals,
        })

    def close(self, review):
        review.action_hold()
        review.action_close()
        return review


@freeze_time("2026-07-20 15:00:00")
class TestManagementReview(ReviewCommon):
    def test_prepared_in_two_clicks(self):
        review = Form(self.env["sig.management.review"].with_user(self.director)).save()
        self.assertEqual((review.date_from, review.date_to), (date(2026, 1, 1), date(2026, 6, 30)))
        self.assertEqual((review.name, review.presented_by_id), ("Management review – 2026, semester 1", self.director))
        clauses = set(review.section_ids.mapped("clause"))
        for letter in ("a", "b", "c.1", "c.3", "c.6", "c.7", "d", "e", "f"):
            self.assertIn(f"9.3.2 {letter}", clauses)
        report = Form(self.env["sig.management.review"].with_user(self.director).with_context(default_kind="report")).save()
        self.assertEqual((report.date_from, report.date_to), (date(2026, 6, 1), date(2026, 6, 30)))
        self.assertRegex(report.name, r"^SIG management report – \w+ (de )?2026$")
        self.assertNotIn("audits", report.section_ids.mapped("code"))

    def test_a_figure_has_the_light_of_its_indicator(self):
        """By the decimals that people read: what is written as the goal meets it. What should be zero is near to nothing."""
        light = self.env["sig.indicator"]._get_light
        for value, told in ((94.996, "met"), (94.994, "near"), (89.996, "near"), (89.994, "missed")):
            self.assertEqual(light(value, "higher", 95, 90), told, value)
        self.assertEqual([light(value, "lower", 0, 2) for value in (0, 1)], ["met", "missed"])

    def test_life(self):
        review = self.make_review(date=False)
        managed = review.with_user(self.management)
        self.assertEqual(managed.allowed_transitions, ["hold"])
        self.assertEachRaises(UserError, review.action_hold)
        managed.date = "2026-07-15"
        managed.section_ids[0].analysis = "Se cumplieron."
        self.assertEqual(self.add_decision(review).allowed_transitions, [], "nobody carries out what is not decided yet")
        managed.action_hold()
        managed.action_close()
        self.assertEqual((review.state, review.closed_by_id, review.allowed_transitions), ("closed", self.management, []))

    def test_what_is_missing_is_told_at_once(self):
        review = self.make_review(date="2030-01-01", participants=" ", presented_by_id=False, date_to="2026-12-31")
        said = "that this date has come.*the participants.*who presented it"
        self.assertRegex(review.missing, said)
        self.assertEachRaises(UserError, review.action_hold, said=f"still lacks: .*{said}")
        review.write({"date": "2026-07-15", "participants": "x", "date_to": "2026-06-30", "conclusion": False})
        review.presented_by_id = self.director
        self.assertFalse(review.missing)
        review.action_hold()
        self.assertEqual(review.missing, "the conclusion")
        review.conclusion = "Sigue siendo eficaz."
        self.assertFalse(review.missing)
        review.write({"date": False, "participants": " "})
        self.assertEachRaises(UserError, review.action_close, said="the date on which it was held, the participants")

    def test_closed_for_good(self):
        review = self.make_review()
        decision = self.add_decision(review)
        section = review.section_ids[0]
        review.action_hold()
        forged = {"label": "Vencidas", "value": "Inventado", "change": {"verdict": "better", "sign": "▼", "text": "x"}, "causes": []}
        review.with_context(sig_pages={"pqrs": {"cards": [forged], "tables": []}}).action_close()
        self.assertNotIn("Inventado", str(review.content))
        people = self.administrator | self.director | self.management
        self.assertDenied(
            review, people, lambda own: own.write({"conclusion": "Otra"}), lambda own: own.write({"state": "held"}),
            lambda own: own.write({"section_ids": [Command.update(section.id, {"analysis": "Otro"})]}),
            lambda own: own.unlink(), lambda own: own.action_close(), error=UserError,
        )
        self.assertDenied(
            section, people, lambda own: own.write({"analysis": "Otro"}), lambda own: own.write({"figures": {}}),
            lambda own: own.unlink(), lambda own: own.create({"review_id": review.id, "name": "Otro"}), error=UserError,
        )
        vals = {"review_id": review.id, "name": "Otra", "user_id": self.leader.id, "date_due": "2027-01-01"}
        self.assertDenied(
            decision, people, lambda own: own.write({"date_due": "2027-01-01"}), lambda own: own.unlink(), lambda own: own.create(vals),
            error=UserError,
        )

    def test_who_reads(self):
        review = self.make_review()
        decision = self.add_decision(review, user_id=self.collaborator.id)
        stranger = self.make_stranger()

        def assertReaders(record, *expected):
            people = (self.leader, self.collaborator, self.employee, self.portal, self.interviewer, stranger)
            self.assertEqual([user for user in people if record.with_user(user).has_access("read")], list(expected))

        assertReaders(review)
        assertReaders(decision)  # it is not decided yet
        self.close(review)
        assertReaders(review, self.leader)
        assertReaders(review.section_ids, self.leader)
        assertReaders(decision, self.leader, self.collaborator)
        self.assertFalse(review.with_user(self.leader).has_access("write"))

    def test_top_management_writes_reviews_only(self):
        review = self.make_review().with_user(self.management)
        changes = ({"name": "Otro"}, {"date_from": "2025-01-01"}, {"kind": "report"})
        self.assertEachRaises(AccessError, lambda: review.create({}), *(lambda vals=vals: review.write(vals) for vals in changes))
        review.write({"act_number": "7", "conclusion": "Eficaz."})
        section = review.section_ids[0]
        self.assertEachRaises(UserError, lambda: section.write({"code": "other"}), section.with_user(self.director).unlink)
        added = section.create({"review_id": review.id, "name": "Cambios normativos", "analysis": "Ley 2578."})
        self.assertEqual(added.title, "Cambios normativos")
        added.with_user(self.director).unlink()

    def test_bad_input(self):
        review = self.make_review(date_to="2026-07-20", date="2026-07-20")
        self.assertEachRaises(
            ValidationError, lambda: self.make_review(presented_by_id=self.portal.id),
            lambda: self.add_decision(review, user_id=self.employee.id), lambda: self.add_decision(review, user_id=self.interviewer.id),
        )
        with mute_logger("odoo.sql_db"):
            self.assertEachRaises(CheckViolation, *(
                lambda first=first: self.make_review(date_from=first, date_to="2026-06-30") for first in ("2026-07-01", "2023-01-01")
            ))
        self.assertEachRaises(UserError, self.make_review(date="2026-07-21").action_hold)  # tomorrow
        review.action_hold()  # in the last days of its period
        review.conclusion = "Sigue siendo eficaz."
        self.assertEachRaises(UserError, review.action_close, said="its period is over")

    def test_file_of_another(self):
        """A file that belongs to something else stays there: the readers of the review get a copy."""
        review = self.make_review()
        section = review.section_ids.filtered(lambda section: section.code == "audits")
        new = self.env["ir.attachment"].with_user(self.director).create({"name": "auditoria.pdf", "raw": b"x"})
        section.with_user(self.director).attachment_ids = new
        self.assertEqual((new.res_model, new.res_id), (section._name, section.id))
        foreign = self.env["ir.attachment"].create({
            "name": "cedula.pdf", "raw": b"x", "res_model": "sig.pqrs", "res_id": self.make_case().id,
        })
        section.with_user(self.director).attachment_ids = foreign
        copy = section.attachment_ids
        self.assertEqual((copy.res_model, copy.res_id, copy.name, copy.raw), (section._name, section.id, "cedula.pdf", b"x"))
        self.assertEqual(foreign.res_model, "sig.pqrs")

    def test_decision_to_plan(self):
        review = self.make_review()
        decision = self.add_decision(review)
        self.close(review)
        self.assertDenied(decision, self.leader, lambda own: own.action_make_plan())
        own = decision.with_user(self.director)
        plan = self.env["sig.action.plan"].browse(own.action_make_plan()["res_id"])
        self.assertEqual((plan.user_id, decision.plan_id, decision.state), (self.leader, plan, "planned"))
        self.assertEachRaises(UserError, own.action_make_plan)
        self.assertEachRaises(UserError, plan.with_user(self.director).unlink, said="is cancelled, with a reason")
        plan.with_user(self.director).action_cancel("Se hará de otro modo")
        self.assertEqual((decision.state, decision.activity_ids.user_id), ("open", decision.user_id), "it waits again")
        plan.state = "closed"
        self.assertEqual(decision.state, "done")
        other = self.add_decision(self.make_review())
        other.review_id.action_hold()
        self.leader.active = False  # as superuser
        other.with_user(self.director).action_make_plan()
        self.assertEqual(other.plan_id.user_id, self.director)

    def test_in_the_day_of_who_carries_it_out(self):
        review = self.make_review()
        decision, _other = self.add_decision(review), self.add_decision(review, user_id=self.director.id)
        self.assertNotIn("decisions", self.get_tiles(self.leader))
        review.action_hold()
        self.assertEqual([row["id"] for row in self.get_tiles(self.leader)["decisions"]["records"]], decision.ids)
        for day, told in (("2026-09-29", False), ("2026-09-30", True)):
            with freeze_time(f"{day} 12:00:00"):
                self.run_cron("sig_pqrs.cron_watch")
            for user in self.leader | self.director:
                digests = self.env["mail.mail"].search([("email_to", "=", user.email_formatted)]).mapped("body_html")
                self.assertEqual(any(decision.name in body for body in digests), told, f"{user.name}, {day}")
        self.management.group_ids |= self.env.ref("sig_pqrs.group_sig_director")
        self.assertEqual([self.get_tiles(user)["decisions"]["count"] for user in (self.director, self.management)], [2, 2])
        with freeze_time("2026-06-25 15:00:00"):
            decision.with_user(self.leader).action_carry_out("Ingresó")
        review.action_close()
        later = self.make_review(date_from="2026-07-01", date_to="2026-12-31").section_ids[0]
        self.assertIn(decision, later._get_input_decisions(date(2026, 7, 1), date(2026, 12, 31)))

    def test_what_was_held_is_kept(self):
        """Its title and its period are mended until it is closed."""
        review = self.make_review()
        planned, free = (self.add_decision(review).with_user(self.director) for _number in range(2))
        review.action_hold()
        self.assertEachRaises(UserError, review.with_user(self.administrator).unlink, review.unlink, said="is not deleted")
        review.with_user(self.director).write({"name": "Revisión del semestre", "date_from": "2026-02-01"})
        planned.action_make_plan()
        self.assertEachRaises(UserError, planned.unlink, said="is kept")
        free.unlink()
        self.make_review().unlink()

    def test_decision_carried_out(self):
        review = self.make_review()
        done, dropped = self.add_decision(review), self.add_decision(review, date_due="2026-07-19")
        own_of_top = self.add_decision(review, user_id=self.management.id)
        self.close(review)
        self.assertEqual((own_of_top.activity_ids.user_id, self.get_tiles(self.management)["decisions"]["count"]), (self.management, 3))
        self.assertEqual((done.is_overdue, dropped.is_overdue), (False, True))
        self.assertEqual(self.env["sig.management.decision"].search([("is_overdue", "=", True)]), dropped)
        self.assertDenied(done, self.collaborator, lambda own: own.action_carry_out("Listo"))
        own = done.with_user(self.leader)
        self.assertEachRaises(UserError, *(lambda nothing=nothing: own.action_carry_out(nothing) for nothing in ("", " ", 3, False)))
        self.take_step(done, "carry_out", self.leader, reason="Ingresó el 1 de septiembre")
        self.take_step(own_of_top, "carry_out", self.management, reason="Se contrató")
        self.assertEqual((done.state, done.result, done.date_done), ("done", "Ingresó el 1 de septiembre", date(2026, 7, 20)))
        dropped.with_user(self.management).action_give_up("Se contrató un tercero")
        self.assertEqual((dropped.state, dropped.is_overdue), ("dropped", False))

    def test_refusals_say_why(self):
        """Of what is closed or held, and of what comes with the review: said in words, and nothing changes."""
        review = self.make_review()
        decision, section = self.add_decision(review), review.section_ids[0]
        other = self.make_review(date_from="2025-01-01", date_to="2025-06-30")
        vals = {"review_id": self.make_review(kind="report", date_from="2026-06-01").id, "code": "audits"}
        self.assertEachRaises(UserError, lambda: section.create(vals), said="come with the review")
        self.assertEachRaises(UserError, lambda: decision.write({"review_id": other.id}), said="stays in its review")
        review.action_hold()
        self.assertEachRaises(
            UserError, lambda: review.write({"kind": "report"}),
            lambda: other.write({"company_id": self.env["res.company"].create({"name": "Otra"}).id}), said="are not changed",
        )
        self.assertEqual(decision.review_id, review)

    def test_printed_as_it_was_closed(self):
        review = self.make_review()
        action = review.action_print()
        self.assertEqual((action["type"], action["context"]["active_ids"]), ("ir.actions.report", review.ids))
        self.assertDenied(review, self.leader, lambda own: own.action_print())
        self.close(review)
        action = review.with_user(self.leader).action_print()
        self.assertEqual((action["type"], action["url"]), ("ir.actions.act_url", f"/web/content/{review.sudo().pdf_id.id}?download=true"))
        self.assertTrue(review.sudo().pdf_id.with_user(self.leader).has_access("read"))

    def test_file_of_the_same_name(self):
        review = self.close(self.make_review())
        forged = self.env["ir.attachment"].create(
            {"name": review.pdf_id.name, "raw": b"otro", "res_model": review._name, "res_id": review.id}
        )
        self.assertGreater(forged.id, review.pdf_id.id)
        report = self.env["ir.actions.report"].sudo()._get_report(REPORT)
        for user in (self.director, self.management, self.leader):
            self.assertEqual(report.retrieve_attachment(review.with_user(user)), review.pdf_id)
        self.assertDenied(review, self.collaborator, report.retrieve_attachment)
        self.assertFalse(report.retrieve_attachment(self.make_review(date_from="2025-01-01", date_to="2025-06-30")))

    def test_printed_again_it_says_so(self):
        review = self.close(self.make_review())
        self.assertNotIn(b"COPY", review.pdf_id.raw)
        page, _kind = self.env["ir.actions.report"].with_user(self.director)._render_qweb_html(REPORT, review.ids)
        self.assertHolds(page, b"COPY", review.pdf_digest.encode())


@freeze_time("2026-07-08 15:00:00")
class TestManagementMailing(ReviewCommon):
    def prepare(self):
        before = self.env["mail.mail"].sudo().search([])
        self.env["sig.management.review"]._mail_monthly_report(self.company)
        self.mails = (self.env["mail.mail"].sudo().search([]) - before).filtered("attachment_ids")
        return self.env["sig.management.review"].search([("kind", "=", "report"), ("company_id", "=", self.company.id)])

    def test_setting(self):
        self.assertFalse(self.prepare(), "the company did not ask for it")
        self.company.sig_report_monthly = True
        with freeze_time("2026-07-02 15:00:00"):
            self.assertFalse(self.prepare(), "not before its day")
        [report] = self.prepare()
        self.assertEqual((report.date_from, report.date_to), (date(2026, 6, 1), date(2026, 6, 30)))
        self.assertEqual((bool(report.date_mailed), report.presented_by_id), (True, self.director))
        self.assertEqual(set(self.mails.mapped("email_to")), {self.management.email_formatted})
        self.assertEachRaises(UserError, report.with_user(self.director).unlink, said="was sent to its readers")
        self.assertEqual((self.prepare(), self.mails.ids), (report, []), "once a month")
        stranger = {"sig_report_user_ids": [Command.set(self.portal.ids)]}
        self.assertEachRaises(ValidationError, lambda: self.company.write(stranger))

    def test_sent(self):
        self.company.write({"sig_report_monthly": True, "sig_report_user_ids": [Command.set((self.management | self.leader).ids)]})
        self.prepare()
        self.assertEqual((len(self.mails), len(self.mails.attachment_ids)), (2, 1))
        linked = {mail.email_to: "/mail/view" in mail.body_html for mail in self.mails}
        self.assertEqual(linked, {self.management.email_formatted: True, self.leader.email_formatted: False}, "not to who may not open it")

    def test_failures(self):
        """Without engine or readers the SIG is told, once; the next day it is tried again."""
        self.company.sig_report_monthly = True
        review, error = self.env.registry["sig.management.review"], UserError("Unable to find Wkhtmltopdf")
        with patch.object(review, "_render_pdf", side_effect=error), mute_logger(LOGGER):
            self.prepare().activity_ids.summary = "Llamar a la gerencia"
            self.prepare().activity_ids.automated = False  # somebody's own hides no failure
            self.prepare()
            [report] = self.prepare()
        self.assertEqual((report.date_mailed, self.mails.ids), (False, []))
        activity = report.activity_ids.filtered("automated")
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("Wkhtmltopdf", activity.note)
        self.assertEqual((self.prepare(), len(self.mails)), (report, 1))
        self.assertEqual((activity.exists().ids, len(report.activity_ids)), ([], 1), "what was sent after all is not to do")
        self.env.ref("sig_pqrs.group_top_management").sudo().user_ids = [Command.clear()]
        self.assertEachRaises(UserError, report.with_user(self.director).action_send_report, said="Nobody is named")

    def test_printed_when_the_review_is_over(self):
        """A PDF engine that hangs ends the worker: nothing of the daily review may be lost with it. A review that took
        all the time of its job leaves out no report.
        """
        self.company.write({"sig_report_monthly": True, "sig_watched_on": False, "sig_watch_hour": 6})
        found = []

        def render(report):
            found.append(report.company_id.sig_watched_on)
            return b"%PDF-", "pdf"

        with patch.object(self.env.registry["sig.management.review"], "_render_pdf", render), patch.object(ir_cron, "MIN_TIME_PER_JOB", 0):
            for _hour in range(2):
                self.run_cron("sig_pqrs.cron_watch")
        self.assertEqual(found, [date(2026, 7, 8)])
        self.assertTrue(self.env["sig.management.review"].search([("kind", "=", "report"), ("company_id", "=", self.company.id)]).date_mailed)

    def test_who_sends(self):
        report = self.make_review(kind="report")
        self.assertDenied(report, self.management, lambda own: own.action_send_report())
        report.with_user(self.director).action_send_report()
        self.assertTrue(report.date_mailed)

    def test_close(self):
        review = self.make_review(date="2026-07-08")
        review.action_hold()
        self.assertTriedAgain("sig.management.review", "_render_pdf", review.action_close)

    def test_what_could_not_be_printed(self):
        """Closed where nothing could print, it is stored as it was frozen by who prints it first."""
        review = self.make_review(date="2026-07-08")
        with patch.object(self.registry["sig.management.review"], "_store_pdf", lambda records: None):
            self.close(review)
        digest = review.content_digest
        self.assertIn(f"/web/content/{review.pdf_id.id or ''}", review.with_user(self.management).action_print()["url"])
        self.assertEqual((bool(review.pdf_id), review.is_intact, review.content_digest), (True, True, digest))
