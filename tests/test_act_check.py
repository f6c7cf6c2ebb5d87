"""The chains of acts are verified every night, what does not hold is told, and the heads leave the house every day."""
import hashlib
import re
from unittest.mock import patch

from odoo.addons.sig_pqrs.models.case import act_check, act_witness
from odoo.addons.sig_pqrs.tools import act_chain, evidence_check
from odoo.addons.sig_pqrs.tools.verify_evidence import MESSAGES
from odoo.exceptions import AccessError, UserError
from odoo.tests import RecordCapturer, tagged
from odoo.tools import SQL, mute_logger

from .common import SigCommon, freeze_time

LOGGER = "odoo.addons.sig_pqrs.models.case.act_check"


class CheckCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Check = cls.env["sig.act.check"]
        cls.env.cr.execute("DELETE FROM sig_act_check")

    def alter(self, query, *args):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))
        self.assertTrue(self.env.cr.rowcount)
        self.env.invalidate_all()

    def check_of(self, case):
        self.env.invalidate_all()
        return self.Check.search([("pqrs_id", "=", case.id)])

    def alarms(self):
        return self.env["mail.mail"].search([("subject", "like", "ALTERED")])

    def night(self, day="2026-11-25"):
        with freeze_time(f"{day} 07:00:00"):
            self.run_cron("sig_pqrs.cron_act_check")
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestActCheck(CheckCommon):
    def test_everything_is_verified(self):
        cases = self.builder.file([{"partner_id": self.contact.id} for _n in range(5)])
        closed = self.make_closed(email_from="ana@example.com")
        with patch.object(act_check, "BATCH", 2):
            self.night()
        for case in cases | closed:
            check = self.check_of(case)
            self.assertEqual((check.number, check.digest), (case.sudo().act_number, case.sudo().act_head))
            self.assertFalse(check.faults)
            self.assertEqual(str(check.whole_on), "2026-11-25 07:00:00")
        self.assertFalse(self.alarms())

    def test_what_moved_is_verified_from_where_it_was_left(self):
        case = self.make_case()
        self.night()
        case.action_immediate_measure("Se reforzó el puesto")
        with freeze_time("2026-11-25 08:00:00"), patch.object(type(self.Check), "_get_stale", lambda self, _limit: (self.env["sig.pqrs"], 0)):
            read = []
            original = type(self.env["sig.pqrs.act"])._read_entries

            def spy(model, cases, since=None):
                found = original(model, cases, since)
                read.append({id_: len(acts) for id_, acts in found.items()})
                return found

            with patch.object(self.registry["sig.pqrs.act"], "_read_entries", spy):
                self.run_cron("sig_pqrs.cron_act_check")
        self.assertEqual(read, [{case.id: 2}], "the last one verified, and the new one")
        check = self.check_of(case)
        self.assertEqual((check.number, check.faults), (2, False))
        self.assertEqual(str(check.whole_on), "2026-11-25 07:00:00")

    @mute_logger(LOGGER)
    def test_new_acts_that_do_not_follow(self):
        """What the partial verification alone has to tell."""
        case = self.make_case()
        self.Check._check(case)
        case.action_immediate_measure("Se reforzó el puesto")
        case.action_immediate_measure("Y el otro")
        for query, code in (
            ("UPDATE sig_pqrs_act SET days = 3 WHERE number = 2 AND pqrs_id = %s", "altered"),
            ("UPDATE sig_pqrs_act SET note = NULL WHERE number = 2 AND pqrs_id = %s", "note_missing"),
            ("UPDATE sig_pqrs_act SET digest = 'x' WHERE number = 1 AND pqrs_id = %s", "witness_mismatch"),
            ("DELETE FROM sig_pqrs_act WHERE number = 2 AND pqrs_id = %s", "gap"),
            ("DELETE FROM sig_pqrs_act WHERE number = 3 AND pqrs_id = %s", "truncated"),
            ("DELETE FROM sig_pqrs_act WHERE pqrs_id = %s", "truncated"),
            ("UPDATE sig_pqrs SET act_number = 2 WHERE id = %s", "witness_mismatch"),
            ("UPDATE sig_pqrs SET act_number = 0 WHERE id = %s", "beyond_head"),
        ):
            with self.env.cr.savepoint() as savepoint:
                self.alter(query, case.id)
                found = self.Check._check(case, whole=False)
                self.assertIn(code, {fault for _number, fault in found[case.sudo()]}, query)
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(self.Check._check(case, whole=False), {})

    def test_an_alteration_is_told_once(self):
        good, bad = self.make_case(), self.make_closed(email_from="ana@example.com")
        self.night()
        self.alter("UPDATE sig_pqrs_act SET date = '2026-01-01' WHERE kind = 'approved' AND pqrs_id = %s", bad.id)
        with self.assertLogs(LOGGER, "ERROR") as logs:
            self.night("2026-11-26")
        self.assertIn(bad.name, logs.output[0])
        self.assertEqual(len(logs.output), 1)
        self.assertRegex(self.check_of(bad).faults, r"^\d+ \(altered\)$")
        self.assertRegex(self.check_of(bad).faults_told, r"^act \d+ \(its content was altered\)$")
        self.assertFalse(self.check_of(good).faults)
        self.assertEqual(set(self.alarms().mapped("email_to")), {self.management.email_formatted, self.director.email_formatted})
        self.assertIn(bad.name, self.alarms()[0].body_html)
        activity = bad.activity_ids.filtered(lambda activity: activity.activity_type_id == self.env.ref("sig_pqrs.activity_chain"))
        self.assertEqual(activity.user_id, self.director)
        for told in (activity.note, self.alarms()[0].body_html):
            self.assertIn("(its content was altered)", told)
        self.night("2026-11-27")
        self.assertEqual(len(self.alarms()), 2, "once for each reader")
        with mute_logger(LOGGER):
            self.alter("UPDATE sig_pqrs_act SET days = 4 WHERE kind = 'received' AND pqrs_id = %s", bad.id)
            self.night("2026-11-28")
        self.assertEqual(len(self.alarms()), 4, "another alteration is news")

    @mute_logger(LOGGER, "odoo.addons.sig_pqrs.models.case.pqrs_watch")
    def test_one_that_cannot_be_read_hides_no_other(self):
        bad, good = self.make_case(), self.make_case()
        self.alter("UPDATE sig_pqrs_act SET days = 9 WHERE pqrs_id = %s", good.id)
        original = type(self.Check)._find_faults

        def find(model, case, *args):
            if case == bad.sudo():
                raise ValueError("ilegible")
            return original(model, case, *args)

        with patch.object(self.registry["sig.act.check"], "_find_faults", find):
            self.night()
        self.assertEqual(self.check_of(bad).faults, "0 (unreadable)")
        self.assertEqual(self.check_of(bad).faults_told, "the acts cannot be read")
        self.assertEqual(self.check_of(good).faults, "1 (altered)")

    def test_every_fault_has_its_words(self):
        """What the verification may find is said in the words of who reads it, and never as a code."""
        codes = set(re.findall(r"``(\w+)``", act_chain.verify.__doc__.partition(":return:")[2]))
        codes = (codes | {"beyond_head", "unreadable"}) & set(MESSAGES["es"])
        self.assertGreaterEqual(len(codes), 8)
        names = self.Check._get_fault_names()
        self.assertFalse(codes - set(names))
        self.assertEqual(self.Check._say([(2, "gap"), (7, "altered")]).count("; "), 1)
        self.env["res.lang"]._activate_lang("es_CO")
        spanish = self.Check.with_context(lang="es_CO")
        told = spanish._say_stored("2 (altered), 3 (gap)")
        self.assertEqual(told, "actuación 2 (su contenido fue alterado); actuación 3 (falta la anterior)")

    def test_a_night_has_an_end(self):
        cases = self.builder.file([{"partner_id": self.contact.id} for _n in range(6)])
        self.night()
        with patch.object(act_check, "MAX_A_NIGHT", 4), patch.object(act_check, "BATCH", 3):
            self.night("2026-11-26")
        renewed = self.Check.search([("whole_on", "=", "2026-11-26 07:00:00")])
        self.assertEqual(len(renewed), 4)
        self.night("2026-11-27")
        self.assertFalse(self.Check.search([("whole_on", "<", "2026-11-27 07:00:00"), ("pqrs_id", "in", cases.ids)]))

    def test_queries_do_not_grow(self):
        counts = []
        for number in (3, 30):
            cases = self.builder.file([{"partner_id": self.contact.id} for _n in range(number)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(self.Check._check(cases))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_button(self):
        case = self.make_case()
        self.assertEqual(case.with_user(self.director).action_verify_acts()["params"]["type"], "success")
        self.assertEqual(self.check_of(case).number, 1)
        with self.capture_triggers("sig_pqrs.cron_act_check") as triggers:
            self.Check.with_user(self.director).action_check_now()
        self.assertTrue(triggers.records)
        for user in (self.management, self.leader, self.collaborator):
            with self.assertRaises(AccessError):
                self.Check.with_user(user).action_check_now()

    def capture_triggers(self, cron):
        return RecordCapturer(self.env["ir.cron.trigger"].sudo(), [("cron_id", "=", self.env.ref(cron).id)])

    def test_readers(self):
        self.Check._check(self.make_case())
        self.assertTrue(self.Check.with_user(self.director).search([]))
        for user in (self.leader, self.collaborator, self.management, self.employee, self.portal):
            with self.assertRaises(AccessError):
                self.Check.with_user(user).search([])
        for user in (self.director, self.administrator):
            with self.assertRaises(AccessError):
                self.Check.with_user(user).search([])[:1].write({"faults": False})


@tagged("post_install", "-at_install")
@freeze_time("2026-11-24 15:00:00")
class TestActWitness(CheckCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([("id", "!=", cls.company.id)]).write({"sig_watch_hour": 23})
        cls.management.lang = "en_US"

    def watch(self, day="2026-11-24"):
        super().watch(f"{day} 12:00:00")
        return self.env["sig.act.witness"].search([("company_id", "=", self.company.id), ("date", "=", day)])

    def mails(self):
        return self.env["mail.mail"].search([("subject", "like", "Heads of the PQRS")])

    def test_daily_mail(self):
        self.watch("2026-11-23")
        case = self.make_closed(email_from="ana@example.com")
        before = len(self.mails())
        witness = self.watch()
        [mail] = self.mails()[: len(self.mails()) - before]
        self.assertEqual(mail.email_to, self.management.email_formatted)
        self.assertEqual(mail.attachment_ids, witness.attachment_id)
        self.assertEqual(witness.user_ids, self.management)
        content = witness.attachment_id.raw
        self.assertEqual(hashlib.sha256(content).hexdigest(), witness.digest)
        self.assertIn(witness.digest, mail.body_html)
        heads = evidence_check.read_heads(content.decode())
        self.assertEqual(heads[case.name], [(case.sudo().act_number, case.sudo().act_head)])
        self.assertEqual((witness.case_count, witness.act_count), (
            self.env["sig.pqrs"].search_count([("company_id", "=", self.company.id)]),
            sum(self.env["sig.pqrs"].search([("company_id", "=", self.company.id)]).mapped("act_number")),
        ))  # fmt: skip
        self.assertIn("All acts verified up to today hold.", mail.body_html)

    def test_only_what_moved_and_chained(self):
        first, second = self.make_case(), self.make_case()
        one = self.watch()
        second.action_immediate_measure("Se reforzó el puesto")
        two = self.watch("2026-11-25")
        heads = evidence_check.read_heads(two.attachment_id.raw.decode())
        self.assertEqual(list(heads), [second.name])
        self.assertNotIn(first.name, heads)
        self.assertIn(one.digest, two.attachment_id.raw.decode())
        three = self.watch("2026-11-26")
        self.assertEqual(three.head_count, 0)
        self.assertEqual(len(self.mails()), 3, "one a day, also when nothing moved")

    def test_business_days_once(self):
        self.make_case()
        self.assertTrue(self.watch("2026-11-27"))
        self.assertFalse(self.watch("2026-11-28"), "a Saturday")
        self.watch("2026-11-30")
        with freeze_time("2026-11-30 18:00:00"):
            self.assertFalse(self.env["sig.act.witness"]._mail_heads(self.company))
        self.assertFalse(self.watch("2026-12-08"), "a holiday")

    def test_without_management_the_sig_gets_it(self):
        self.env.ref("sig_pqrs.group_top_management").user_ids = False
        self.assertEqual(self.watch().user_ids, self.director)

    def test_faults_are_said(self):
        case = self.make_case()
        self.alter("UPDATE sig_pqrs_act SET days = 9 WHERE pqrs_id = %s", case.id)
        with mute_logger(LOGGER):
            self.Check._check(case)
        witness = self.watch()
        self.assertEqual(witness.fault_count, 1)
        self.assertIn("cases whose acts do not hold: 1", self.mails()[0].body_html)

    def test_many_heads_go_in_turns(self):
        cases = self.builder.file([{"partner_id": self.contact.id} for _n in range(5)])
        self.watch("2026-11-20")
        for case in cases:
            case.action_immediate_measure("Se reforzó el puesto")
        with patch.object(act_witness, "MAX_HEADS", 3):
            one, two = self.watch(), self.watch("2026-11-25")
        self.assertEqual((one.head_count, two.head_count), (3, 2))

    def test_register(self):
        witness = self.watch()
        refused = "stays known"
        with self.assertRaisesRegex(UserError, refused):
            witness.unlink()
        self.assertTrue(witness.with_user(self.management).read(["digest"]))
        self.assertEqual(witness.with_user(self.management).attachment_id.raw, witness.attachment_id.raw)
        for user in (self.director, self.management, self.administrator):
            with self.assertRaises(AccessError):
                witness.with_user(user).write({"digest": "x"})
        for user in (self.leader, self.collaborator, self.employee, self.portal):
            with self.assertRaises(AccessError):
                witness.with_user(user).read(["digest"])
