"""The chains of acts are verified every night, what changed is told, and their heads are exported every day."""
import hashlib
import re
from unittest.mock import patch

from odoo.addons.sig_pqrs.models.proof import act_check
from odoo.addons.sig_pqrs.tools import act_chain, evidence_check
from odoo.exceptions import UserError
from odoo.tests import RecordCapturer
from odoo.tools import SQL, mute_logger

from .common import SigCommon, freeze_time

LOGGER = "odoo.addons.sig_pqrs.models.proof.act_check"


class CheckCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Check, cls.Export = cls.env["sig.act.check"], cls.env["sig.act.head.export"]
        cls.env.cr.execute("DELETE FROM sig_act_check")
        cls.env.cr.execute("DELETE FROM sig_act_head_export")

    def alter(self, query, *args):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))
        self.assertTrue(self.env.cr.rowcount)
        self.env.invalidate_all()

    def rewrite(self, case, number=1, **values):
        """A whole chain made again, as who knows the code can: it contradicts itself nowhere."""
        self.alter("UPDATE sig_pqrs_act SET days = 7 WHERE number = %s AND pqrs_id = %s", number, case.id)
        previous = act_chain.GENESIS
        for act in self.env["sig.pqrs.act"]._read_entries(case)[case.id]:
            digest = act_chain.digest(previous, act)
            self.alter(
                "UPDATE sig_pqrs_act SET previous_digest = %s, digest = %s WHERE number = %s AND pqrs_id = %s",
                previous, digest, act["number"], case.id,
            )  # fmt: skip
            previous = digest
        self.alter("UPDATE sig_pqrs SET act_head = %s WHERE id = %s", previous, case.id)

    def alarms(self):
        return self.env["mail.mail"].search([("subject", "like", "ALTERED")], order="id desc")

    def night(self, day="2026-11-25"):
        with freeze_time(f"{day} 07:00:00"):
            self.run_cron("sig_pqrs.cron_act_check")
        self.env.invalidate_all()
        return self.Check.search([("company_id", "=", self.company.id)], limit=1)

    def export(self, day="2026-11-24"):
        """As the daily review does."""
        with freeze_time(f"{day} 12:00:00"):
            self.Export._export_heads(self.company)
        return self.Export.search([("company_id", "=", self.company.id), ("date", "=", day)])


class TestActCheck(CheckCommon):
    def test_everything_is_verified_in_batches(self):
        self.builder.file([{"partner_id": self.contact.id} for _n in range(5)])
        self.make_closed(email_from="ana@example.com")
        with patch.object(act_check, "BATCH", 2):
            check = self.night()
        cases = self.env["sig.pqrs"].search([("company_id", "=", self.company.id)])
        self.assertEqual((check.case_count, check.act_count), (len(cases), sum(cases.sudo().mapped("act_number"))))
        self.assertEqual((str(check.date_done), check.fault_count, check.faults_told), ("2026-11-25 07:00:00", 0, ""))
        self.assertFalse(self.alarms())
        self.assertEqual(self.night(), check, "once a night")
        self.assertNotEqual(self.night("2026-11-26"), check)

    @mute_logger(LOGGER)
    def test_each_alteration_is_found(self):
        case = self.make_case()
        case.action_immediate_measure("Se reforzó el puesto")
        case.action_immediate_measure("Y el otro")
        for query, code in (
            ("UPDATE sig_pqrs_act SET days = 3 WHERE number = 2 AND pqrs_id = %s", "altered"),
            ("UPDATE sig_pqrs_act SET note = NULL WHERE number = 2 AND pqrs_id = %s", "note_missing"),
            ("UPDATE sig_pqrs_act SET digest = 'x' WHERE number = 1 AND pqrs_id = %s", "broken_link"),
            ("DELETE FROM sig_pqrs_act WHERE number = 2 AND pqrs_id = %s", "gap"),
            ("DELETE FROM sig_pqrs_act WHERE number = 3 AND pqrs_id = %s", "truncated"),
            ("DELETE FROM sig_pqrs_act WHERE pqrs_id = %s", "truncated"),
            ("UPDATE sig_pqrs SET act_head = 'x' WHERE id = %s", "witness_mismatch"),
            ("UPDATE sig_pqrs SET uuid = 'x' WHERE id = %s", "altered"),
            ("UPDATE sig_pqrs SET act_number = 0 WHERE id = %s", "beyond_head"),
        ):
            with self.env.cr.savepoint() as savepoint:
                self.alter(query, case.id)
                self.assertIn(code, dict(map(reversed, self.night().sudo().faults[case.name])), query)
                self.assertEqual(case.with_user(self.director).action_verify_acts()["params"]["type"], "danger", query)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertFalse(self.night().fault_count)

    @mute_logger(LOGGER)
    def test_a_chain_made_again_differs_from_the_heads_exported(self):
        """It contradicts itself nowhere: only what was noted before tells it; so is a case that is gone."""
        case, gone = self.make_case(), self.make_case()
        self.alter("UPDATE sig_pqrs SET name = 'ANT 12' WHERE id = %s", case.id)  # as it was imported before, with a blank
        self.assertFalse(self.night().fault_count)
        export = self.export()
        self.rewrite(case)
        self.assertFalse(self.env["sig.pqrs.act"]._verify(case))
        self.assertEqual(self.night("2026-11-26").sudo().faults, {case.name: [[1, "witness_mismatch"]]})
        name = gone.name
        self.alter("UPDATE sig_pqrs SET name = 'otro' WHERE id = %s", gone.id)
        self.assertEqual(self.night("2026-11-27").sudo().faults, {case.name: [[1, "witness_mismatch"]], name: [[1, "truncated"]]})
        self.alter("UPDATE ir_attachment SET store_fname = 'no/existe' WHERE id = %s", export.attachment_id.id)
        check = self.night("2026-11-28")
        self.assertEqual(check.sudo().faults, {"sellos-2026-11-24.txt": [[0, "heads_altered"]]})
        self.assertIn("sellos-2026-11-24.txt: the file of heads was altered", check.faults_told)
        self.alter("DELETE FROM ir_attachment WHERE id = %s", export.attachment_id.id)
        self.assertEqual(self.night("2026-11-29").sudo().faults, check.sudo().faults)

    def test_what_changed_is_told(self):
        good, bad, hidden = self.make_case(), self.make_closed(email_from="ana@example.com"), self.make_case(restricted=True)
        self.night()
        self.alter("UPDATE sig_pqrs_act SET date = '2026-01-01' WHERE kind = 'approved' AND pqrs_id = %s", bad.id)
        with self.assertLogs(LOGGER, "ERROR") as logs:
            check = self.night("2026-11-26")
        self.assertEqual(len(logs.output), 1)
        self.assertIn(bad.name, logs.output[0])
        self.assertEqual(list(check.sudo().faults), [bad.name])
        self.assertRegex(check.faults_told, rf"^{bad.name}: act \d+ \(its content was altered\)$")
        self.assertFalse(good.activity_ids)
        self.assertEqual(set(self.alarms().mapped("email_to")), {self.management.email_formatted, self.director.email_formatted})
        activity = bad.activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref("sig_pqrs.activity_chain"))
        self.assertEqual(activity.user_id, self.director)
        for told in (activity.note, self.alarms()[0].body_html):
            self.assertIn("(its content was altered)", told)
        self.night("2026-11-27")
        self.assertEqual(len(self.alarms()), 2, "once for each reader")
        with mute_logger(LOGGER):
            self.alter("UPDATE sig_pqrs_act SET days = 4 WHERE kind = 'received' AND pqrs_id IN %s", (bad | hidden)._ids)
            check = self.night("2026-11-28").with_user(self.management)
        self.assertEqual(len(self.alarms()), 4, "another alteration is news")
        [mail] = self.alarms()[:2].filtered(lambda mail: mail.email_to == self.management.email_formatted)
        for told in (mail.body_html, check.faults_told):  # of what its link opens, too
            self.assertHolds(told, f"{bad.name}: act 1", "Restricted: 1")
            self.assertNotIn(hidden.name, told)
        self.alter("UPDATE sig_pqrs_act SET days = 0 WHERE kind = 'received' AND pqrs_id IN %s", (bad | hidden)._ids)
        self.alter("UPDATE sig_pqrs_act SET date = recorded_at WHERE kind = 'approved' AND pqrs_id = %s", bad.id)
        self.night("2026-11-29")
        self.assertEqual(len(self.alarms()), 4, "nothing is altered")
        [mail] = self.env["mail.mail"].search([("subject", "like", "hold again"), ("email_to", "=", self.management.email_formatted)])
        self.assertHolds(mail.body_html, f"{bad.name}: the acts hold again", "Restricted: 1: the acts hold again")

    def test_one_that_cannot_be_read_hides_no_other(self):
        bad, good = self.make_case(), self.make_case()
        self.alter("UPDATE sig_pqrs_act SET days = 9 WHERE pqrs_id = %s", good.id)
        with self.breaks_on(bad, "sig.pqrs.act", "_verify"):
            check = self.night()
        self.assertEqual(check.sudo().faults, {bad.name: [[0, "unreadable"]], good.name: [[1, "altered"]]})
        self.assertIn(f"{bad.name}: the acts cannot be read", check.faults_told)

    def test_button(self):
        case = self.make_case()
        self.assertEqual(case.with_user(self.director).action_verify_acts()["params"]["type"], "success")
        cron = self.env.ref("sig_pqrs.cron_act_check")
        check = self.night()
        with RecordCapturer(self.env["ir.cron.trigger"].sudo(), [("cron_id", "=", cron.id)]) as triggers:
            for _time in range(2):
                self.Check.with_user(self.director).with_company(self.company).action_check_now()
        self.assertTrue(triggers.records)
        with freeze_time("2026-11-25 09:00:00"):
            self.run_cron("sig_pqrs.cron_act_check")
        [again] = self.Check.search([("company_id", "=", self.company.id), ("id", ">", check.id)])
        self.assertTrue(again.date_done)
        self.assertDenied(self.Check, (self.management, self.leader, self.collaborator), lambda own: own.action_check_now())

    def test_readers(self):
        self.make_case()
        check = self.night()
        others = self.leader | self.collaborator | self.employee | self.portal
        self.assertDenied(self.Check, others, lambda own: own.search([]))
        changes = (lambda own, name=name: own.write({name: False}) for name in ("fault_count", "faults"))
        self.assertDenied(check, self.director | self.administrator | self.management, *changes)


class TestActHeadExport(CheckCommon):
    def test_file_of_a_day(self):
        case = self.make_closed(email_from="ana@example.com")
        export = self.export()
        content = export.attachment_id.raw
        self.assertEqual(hashlib.sha256(content).hexdigest(), export.digest)
        heads = evidence_check.read_heads(content.decode())
        self.assertEqual(heads[case.name], [(case.sudo().act_number, case.sudo().act_head)])
        cases = self.env["sig.pqrs"].search([("company_id", "=", self.company.id)])
        counted = len(cases), sum(cases.sudo().mapped("act_number")), len(cases)
        self.assertEqual((export.case_count, export.act_count, export.head_count), counted)
        self.assertFalse(self.env["mail.mail"].search([("attachment_ids", "in", export.attachment_id.ids)]))

    def test_what_moved_and_chained(self):
        """What moved while the file before was made is in the next one at the latest."""
        first, second = self.make_case(), self.make_case()
        one, two = self.export(), self.export("2026-11-25")
        second.action_immediate_measure("Se reforzó el puesto")
        three, four, five = (self.export(f"2026-11-{day}") for day in (28, 29, 30))
        for export, expected in ((two, first), (three, second), (four, second), (five, None)):
            heads = evidence_check.read_heads(export.attachment_id.raw.decode())
            self.assertEqual(first.name in heads, expected == first, export.date)
            self.assertEqual(second.name in heads, bool(expected), export.date)
        for export, before in ((two, one), (three, two), (four, three), (five, four)):
            self.assertIn(before.digest, export.attachment_id.raw.decode())
        with freeze_time("2026-11-30 18:00:00"):
            self.Export._export_heads(self.company)
        self.assertEqual(self.Export.search([("company_id", "=", self.company.id)], limit=1), five, "once a day")

    def test_the_digest_of_the_sig_tells_it(self):
        self.make_assignment(self.make_case(partner_id=self.contact.id))
        self.make_case()
        self.watch("2026-12-30 12:00:00", digests=True)
        export = self.export("2026-12-30")
        mails = self.env["mail.mail"].search([("subject", "like", "Your PQRS of today")])
        told = mails.filtered(lambda mail: export.digest in mail.body_html)
        self.assertEqual(told.mapped("email_to"), [self.director.email_formatted])
        self.assertIn(self.company.name, told.body_html)
        self.assertGreater(len(mails), 1)

    def test_each_mail_to_the_petitioner_prints_the_head(self):
        case = self.make_case(email_from="ana@example.com")
        self.run_cron("sig_pqrs.cron_notices")
        head = case.sudo().act_ids.sorted("number")[0]
        case.with_user(self.director).action_write_to_client("Lo revisamos hoy")
        mails = self.env["mail.mail"].search([("mail_message_id.res_id", "=", case.id), ("model", "=", "sig.pqrs")])
        self.assertEqual(len(mails), 2)
        digests = case.sudo().act_ids.mapped("digest")
        self.assertIn(head.digest, mails.sorted("id")[0].body_html)
        for mail in mails:
            printed = re.findall(r"SHA-256 ([0-9a-f]{64})", mail.body_html)
            self.assertTrue(printed and set(printed) <= set(digests), mail.subject)

    def test_register(self):
        self.assertFalse(self.export("2026-11-23"), "of nothing")
        self.make_case()
        export = self.export()
        self.assertEachRaises(UserError, export.unlink, said="is not deleted")
        self.assertEqual(export.with_user(self.management).attachment_id.raw, export.attachment_id.raw)
        self.assertDenied(export, (self.director, self.management, self.administrator), lambda own: own.write({"digest": "x"}))
        self.assertDenied(export, (self.leader, self.collaborator, self.employee, self.portal), lambda own: own.read(["digest"]))
