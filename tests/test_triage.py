from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import Form

from .common import SigCommon, date, freeze_time

STAFF_INCIDENT = {"involves_staff": True, "involves_incident": True}


class TriageCommon(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("sig_pqrs.reason_trato")
        cls.reason.write({
            "company_id": cls.company.id, "process_id": cls.operations.id, "user_id": cls.collaborator.id,
            "instruction": "Oír al guarda", "priority": "1",
        })
        cls.life = cls.env["sig.pqrs.reason"].create({"name": "Amenaza", "priority": "2"})
        cls.calm = cls.env["sig.pqrs.reason"].create({"name": "Otro asunto"})

    def get_mails(self, text):
        return self.env["mail.mail"].search([("subject", "like", text)])

    def open(self, case, user=None):
        action = case.with_user(user or self.director).action_open_triage()
        return Form(self.env[action["res_model"]].with_user(user or self.director).with_context(**action["context"]))


@freeze_time("2026-11-25 03:30:00")  # half past ten at night
class TestUrgent(TriageCommon):
    """Danger to life or integrity: told at once, at any hour, once to each person."""

    SUBJECT = "URGENT – danger to life"

    def get_told(self, case):
        return self.activities(case, "sig_pqrs.activity_urgent").user_id

    def test_filed_urgent(self):
        with patch.object(type(self.env["ir.cron"]), "_trigger", autospec=True) as trigger:
            case = self.make_case(priority="2")
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        self.assertIn(queue, [call.args[0] for call in trigger.call_args_list])
        self.assertEqual(self.get_told(case), self.director)
        self.assertEqual(self.activities(case, "sig_pqrs.activity_urgent").date_deadline, date(2026, 11, 24))
        mail = self.get_mails(self.SUBJECT)
        self.assertEqual((mail.email_to, mail.state), (self.director.email_formatted, "outgoing"))
        self.assertIn(case.name, mail.subject)
        self.assertNotIn("Ana Ruiz", mail.body_html, "the mail names nobody")

    def test_restricted_where_who_acts_has_another_company_too(self):
        case = self.make_case(restricted=True)
        both = [self.company.id, self.env["res.company"].create({"name": "Otra"}).id]
        case.sudo().with_context(allowed_company_ids=both).write({"priority": "2"})
        self.assertEqual(self.get_told(case), self.director, "who works in the first alone")

    def test_becomes_urgent_once(self):
        case = self.as_director(self.make_assignment().pqrs_id)
        self.assertFalse(self.get_mails(self.SUBJECT))
        case.reason_id = self.life
        self.assertEqual(self.get_told(case), self.director | self.leader | self.collaborator)
        case.write({"priority": "2", "site": "Torre 1"})
        self.assertEqual((len(self.get_mails(self.SUBJECT)), len(self.activities(case, "sig_pqrs.activity_urgent"))), (3, 3))
        self.builder.assign(case, self.technology)
        self.assertEqual(len(self.get_mails(self.SUBJECT)), 5, "who gets it later is told, too")
        case.assignment_ids[0].with_user(self.leader).action_decline("No es nuestro")
        self.assertEqual(self.get_told(case), self.director | self.other_leader | self.other_collaborator)
        case.assignment_ids.filtered("is_current").with_user(self.other_leader).action_decline("Ni de Tecnología")
        self.assertNotIn("Assign the case", self.activities(case).mapped("summary"), "who declined asks for it")

    def test_lowered(self):
        case = self.as_director(self.make_assignment(self.make_case(priority="2")).pqrs_id)
        self.assertEqual(len(self.activities(case, "sig_pqrs.activity_urgent")), 3)
        case.priority = "1"
        self.assertFalse(self.activities(case, "sig_pqrs.activity_urgent"), "nobody is waited for")
        case.action_withdraw("Lo resolvió")
        case.reason_id = self.life
        self.assertEqual(case.priority, "1", "of what ended, the reason is a figure")
        case.sudo().priority = "2"
        self.assertFalse(self.activities(case, "sig_pqrs.activity_urgent"))

    def test_second_danger_after_a_measure(self):
        case = self.as_director(self.make_assignment(self.make_case(priority="2")).pqrs_id)
        mails = len(self.get_mails(self.SUBJECT))
        case.action_immediate_measure("Se reforzó el puesto")
        case.priority = "0"
        self.assertFalse(case.immediate_measure_on)
        case.reason_id = self.life
        self.assertEqual(self.get_told(case), self.director | self.leader | self.collaborator)
        self.assertEqual(len(self.get_mails(self.SUBJECT)), 2 * mails)
        self.assertFalse(case.immediate_measure_on, "the measure was of the first danger")
        self.assertEqual(self.kinds(case).count("immediate_measure"), 1)
        self.operations.leader_id = self.other_leader  # the former one may no longer open it
        told = self.director | self.other_leader | self.collaborator
        self.assertEqual(self.get_told(case), told)
        self.make_absence(substitute=self.other_collaborator, start="2026-11-25", end="2026-11-26")
        self.watch("2026-11-25 12:00:00")
        self.assertEqual(self.get_told(case), told | self.other_collaborator)
        self.activities(case, "sig_pqrs.activity_urgent")[0].action_feedback()
        self.watch("2026-11-26 12:00:00")
        self.assertEqual(len(self.get_told(case)), 3, "who said that it is done is told by changes alone, not each day")

    def test_restricted_case_is_told_to_who_may_see_it(self):
        case = self.make_case(priority="2", restricted=True)
        self.builder.assign(case, self.operations)
        told = self.get_told(case)
        self.assertIn(self.director, told)
        self.assertEqual(told, told.filtered(lambda user: case.with_user(user).has_access("read")))

    def test_no_failure_stops_the_filing(self):
        broken = patch.object(type(self.env["sig.staff.notice"]), "_mail", side_effect=ValueError("no mail"))
        with broken, self.assertLogs("odoo.addons.sig_pqrs", "ERROR"):
            case = self.make_case(priority="2")
        self.assertTrue(case.name)
        self.assertFalse(self.get_told(case), "they are told by the next write")
        case.sudo().write({"priority": "2"})
        self.assertEqual(self.get_told(case), self.director)


class TestTriage(TriageCommon):
    def test_reason_raises_and_never_lowers(self):
        case = self.as_director(self.make_case())
        case.reason_id = self.reason
        self.assertEqual(case.priority, "1")
        case.reason_id = self.calm
        self.assertEqual(case.priority, "1")
        case.write({"priority": "0"})
        case.write({"site": "Torre 2", "reason_id": self.calm.id})
        self.assertEqual(case.priority, "0", "what a person set stays")
        case.write({"reason_id": self.reason.id, "priority": "0"})
        self.assertEqual(case.priority, "0", "said with the reason, it is the last word")

    def test_reason_proposes_the_type_of_a_new_case(self):
        complaint, claim = self.env.ref("sig_pqrs.type_queja"), self.env.ref("sig_pqrs.type_reclamo")
        self.reason.type_id = complaint
        for chosen, proposed in ((None, complaint), (claim, claim)):  # what the SIG chose stays
            form = Form(self.env["sig.pqrs"].with_user(self.director), view="sig_pqrs.pqrs_view_form")
            if chosen:
                form.type_id = chosen
            form.reason_id = self.reason
            self.assertEqual(form.type_id, proposed)
        case = self.as_director(self.make_case(type_id=claim.id))
        case.reason_id = self.reason
        self.assertEqual(case.type_id, claim, "another type is an act")

    def test_flag_asks_for_the_notice_today(self):
        """Decreto 356 de 1994, art. 74, num. 28: an incident in which staff is involved."""
        case = self.as_director(self.make_case())
        case.involves_incident = True
        self.assertEqual((case.priority, self.kinds(case)), ("1", ["received"]), "no staff is involved")
        self.assertNotEqual(case.next_duty, "regulator")
        case.involves_staff = True
        self.assertEqual((case.next_duty, case.next_duty_date), ("regulator", date(2026, 11, 24)))
        self.assertEqual(self.kinds(case), ["received", "incident_flagged"])
        self.assertEqual(self.activities(case, "sig_pqrs.activity_regulator").user_id, self.director)
        case.severity = "high"
        self.assertEqual(self.kinds(case).count("incident_flagged"), 1, "once")
        self.builder.assign(case, self.operations)
        self.assertTrue(self.activities(case, "sig_pqrs.activity_regulator"), "assigning it does not settle it")
        case.action_register_regulator_notice("Radicado 2026-77, por la sede electrónica")
        self.assertNotEqual(case.next_duty, "regulator")
        self.assertFalse(self.activities(case, "sig_pqrs.activity_regulator"))
        self.assertIn("2026-77", case.act_ids[-1].note)
        self.assertChain(case)

    def test_flag_that_was_wrong(self):
        """Nothing is owed any more; nor of a case that goes on in another, but of one that was answered."""
        wrong, cancelled, answered = (
            self.as_director(make(**STAFF_INCIDENT, priority="2", preserve_evidence=True))
            for make in (self.make_case, self.make_case, self.make_approved)
        )
        wrong.write({"involves_staff": False, "preserve_evidence": False})
        self.assertEqual(self.kinds(wrong), ["received", "incident_flagged", "incident_unflagged"])
        cancelled.action_cancel("duplicate", "Repetida", answered.id)
        self.assertFalse(cancelled.next_duty or cancelled.sudo().activity_ids.filtered(lambda activity: activity.user_id))
        self.builder.send(answered)
        self.assertEqual((answered.state, answered.next_duty), ("closed", "regulator"))
        self.assertTrue(self.activities(answered, "sig_pqrs.activity_regulator"))
        answered.action_register_regulator_notice("Radicado 5")
        for case in (wrong, answered):
            self.assertNotEqual(case.next_duty, "regulator")
            self.assertFalse(self.activities(case, "sig_pqrs.activity_regulator"))

    def test_the_type_says_who_is_told(self):
        kind = self.env.ref("sig_pqrs.type_queja")
        case = self.as_director(self.make_case(type="queja", **STAFF_INCIDENT))
        self.assertEqual(case.next_duty, "regulator")
        self.assertIn("Vigilancia", str(case.warnings))
        kind.with_user(self.administrator).regulator_notice = False
        self.assertNotEqual(case.next_duty, "regulator")
        self.assertNotEqual(self.make_case(type="queja", **STAFF_INCIDENT).next_duty, "regulator")
        case.action_reclassify(self.env.ref("sig_pqrs.type_reclamo").id, "Reclama")
        self.assertEqual(case.next_duty, "regulator", "its new type tells of them")

    def test_evidence_goes_to_the_responsible(self):
        case = self.as_director(self.make_case(preserve_evidence=True))
        activity = self.activities(case, "sig_pqrs.activity_evidence")
        self.assertEqual((activity.user_id, activity.date_deadline), (self.director, date(2026, 11, 25)))
        self.builder.assign(case, self.operations | self.technology)
        self.assertEqual(self.activities(case, "sig_pqrs.activity_evidence").user_id, self.collaborator)
        assignment = case.assignment_ids.filtered(lambda assignment: assignment.process_id == self.operations)
        assignment.with_user(self.leader).action_reassign(self.deputy.id)
        self.assertEqual(self.activities(case, "sig_pqrs.activity_evidence").user_id, self.deputy)
        assignment.with_user(self.leader).action_decline("Es de Tecnología")
        self.assertEqual(self.activities(case, "sig_pqrs.activity_evidence").user_id, self.other_collaborator)
        case.with_user(self.other_collaborator).action_register_evidence("Video de la cámara 4, en el servidor")
        self.assertFalse(self.activities(case, "sig_pqrs.activity_evidence"))
        self.assertIn("evidence_preserved", self.kinds(case))
        case.action_register_evidence("Minuta del puesto 2")
        self.assertEqual(self.kinds(case).count("evidence_preserved"), 2, "each piece may be recorded apart")
        self.assertFalse(self.activities(case, "sig_pqrs.activity_evidence"))
        for asked, keeper in ((False, self.env["res.users"]), (True, self.other_collaborator), (False, self.env["res.users"])):
            case.preserve_evidence = asked
            self.assertEqual(self.activities(case, "sig_pqrs.activity_evidence").user_id, keeper, "other evidence is asked for anew")

    def test_reason_known_one_click_assigns(self):
        case = self.make_case(reason_id=self.reason.id)
        with self.open(case) as form:
            self.assertEqual((form.type_id, form.reason_id, form.client_id), (case.type_id, self.reason, self.client))
            self.as_director(case).write({"preserve_evidence": True, "site": "Torre 9"})  # in another tab
        form.record.action_assign()
        self.assertEqual((case.preserve_evidence, case.site), (True, "Torre 9"))
        assignment = case.assignment_ids
        self.assertEqual((case.state, assignment.process_id, assignment.user_id), ("assigned", self.operations, self.collaborator))
        self.assertEqual(assignment.instruction, "Oír al guarda")

    def test_danger_told_meanwhile_stays(self):
        case = self.make_case()
        with self.open(case) as form:
            form.reason_id = self.reason
            self.as_director(case).priority = "2"  # in another tab
        form.record.action_assign()
        self.assertEqual((case.priority, case.reason_id), ("2", self.reason))

    def test_not_assigned_twice_from_a_list(self):
        cases = self.make_case() | self.make_case()
        dialog = self.env["sig.pqrs.assign.wizard"].with_user(self.director).with_context(active_ids=cases.ids).create({})
        dialog.line_ids.process_id = self.operations
        self.as_director(cases[0]).action_assign([{"process_id": self.technology.id}])
        self.assertEachRaises(UserError, dialog.action_assign, said=cases[0].name)
        self.assertEqual((cases[0].process_ids, cases[1].state), (self.technology, "received"))

    def test_cases_of_one_reason_are_assigned_as_it_says(self):
        cases = self.make_case(reason_id=self.reason.id) | self.make_case(reason_id=self.reason.id)

        def propose(records):
            dialog = self.env["sig.pqrs.assign.wizard"].with_user(self.director).with_context(active_ids=records.ids)
            return dialog.create({}).line_ids.process_id

        self.assertEqual(propose(cases), self.operations)
        self.assertFalse(propose(cases | self.make_case(reason_id=self.calm.id)))

    def test_reason_proposes_as_soon_as_it_is_chosen(self):
        case = self.make_case()
        with self.open(case) as form:
            form.reason_id = self.reason
            self.assertEqual(form.priority, "1")
            with form.line_ids.edit(0) as line:
                self.assertEqual((line.process_id, line.user_id), (self.operations, self.collaborator))
            with form.line_ids.new() as line:
                line.process_id = self.technology
            form.reason_id = self.calm
            self.assertEqual(len(form.line_ids), 1, "what the SIG chose stays, what the reason proposed goes")
            form.line_ids.remove(0)
            form.reason_id = self.reason
            with form.line_ids.edit(0) as line:
                line.process_id = self.technology
            form.reason_id = self.calm
            self.assertEqual(len(form.line_ids), 1, "also where they changed what was proposed")
            form.severity, form.site, form.priority = "medium", "Torre 3", "0"
        form.record.action_assign()
        self.assertEqual((case.reason_id, case.severity, case.site), (self.calm, "medium", "Torre 3"))
        self.assertEqual(case.priority, "0", "the screen has the last word")
        self.assertEqual(case.assignment_ids.process_id, self.technology)

    def test_flags_and_type(self):
        case = self.make_case(email_from="ana@example.com")
        with self.open(case) as form:
            form.reason_id = self.reason
            form.type_id, form.authority_deadline = self.env.ref("sig_pqrs.type_autoridad"), "2026-12-01 21:30:00"
            form.attachment_ids.add(self.env["ir.attachment"].with_user(self.director).create({"name": "a.pdf", "raw": b"%PDF"}))
            form.type_id = self.env.ref("sig_pqrs.type_informacion")
            form.reclassify_reason = "Pide una grabación"
            form.involves_staff = form.involves_incident = True
            form.preserve_evidence = True
        form.record.action_assign()
        self.assertEqual(self.kinds(case), ["received", "reclassified", "incident_flagged", "assigned"])
        self.assertEqual((case.next_duty, case.date_deadline), ("regulator", date(2026, 12, 9)))
        self.assertEqual(self.activities(case, "sig_pqrs.activity_evidence").user_id, self.collaborator)
        self.assertFalse(case.authority_deadline or case.attachment_ids, "they were of another type")

    def test_file_and_assign_in_one_go(self):
        """Or nothing of it, where something is missing."""
        case = self.make_unfiled()
        with self.open(case) as form:
            form.reason_id = self.reason
        before = self.kinds(case)
        with self.undone():
            form.record.type_id = self.env.ref("sig_pqrs.type_reclamo")
            self.assertEachRaises(UserError, form.record.action_assign)
            self.assertEqual((case.state, self.kinds(case), case.reason_id.id), ("to_file", before, False))
        form.record.action_assign()
        self.assertEqual(self.kinds(case), ["received", "filed", "assigned"])
        self.assertTrue(case.acknowledgement_pending)

    def test_not_a_pqrs(self):
        case = self.make_unfiled()
        action = self.open(case).save().action_discard()
        wizard = Form(self.env[action["res_model"]].with_user(self.director).with_context(**action["context"]))
        wizard.reason = "Es publicidad"
        self.as_director(case).write(STAFF_INCIDENT)
        self.assertEachRaises(UserError, wizard.save().action_confirm, said="the authorities must be told")
        self.as_director(case).involves_staff = False
        wizard.save().action_confirm()
        self.assertEqual((case.state, case.outcome), ("cancelled", "spam"))
        with self.open_step(case, "reopen") as wizard:
            wizard.reason = "Sí lo es"
            self.assertEqual((wizard.unfiled, wizard.mail_to), (True, ""), "no mail is shown, as none leaves")
            self.assertTrue(self.open_step(case, "write_to_client").mail_to)
        wizard.record.action_confirm()
        self.assertEqual((case.state, len(case.communication_ids)), ("to_file", 0), "it was not filed yet")
        case.sudo()._record("cancelled", "No es")
        case.sudo().write({"state": "cancelled", "outcome": "spam"})
        self.as_director(case).action_reopen("Sí lo es", "resume")
        self.assertEqual(case.state, "received", "acts of before 19.0.2.0.0 do not say whether it was filed")

    def test_next_by_urgency_until_none_is_left(self):
        self.env["sig.pqrs"].search([("state", "in", ("to_file", "received"))]).write({"state": "cancelled"})
        late = self.make_case(when=None)
        soon = self.make_case(type="informacion")
        stranger = self.make_unfiled(type_id=self.env.ref("sig_pqrs.type_informacion").id)
        urgent = self.make_case(when=None, priority="2")
        order = []
        action = self.env["sig.pqrs"].with_user(self.director).action_triage_next()
        while action["type"] == "ir.actions.act_window":
            form = Form(self.env["sig.pqrs.triage.wizard"].with_user(self.director).with_context(**action["context"]))
            form.reason_id = self.reason
            wizard = form.save()
            order.append(wizard.pqrs_id.id)
            action = wizard.action_assign_and_next()
        self.assertEqual(order, [urgent.id, soon.id, stranger.id, late.id])
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("Nothing is left", action["params"]["message"])

    def test_somebody_else_triaged_it_meanwhile(self):
        case = self.make_case()
        with self.open(case) as form:
            form.reason_id = self.reason
        self.builder.assign(case, self.technology)
        before = self.kinds(case)
        self.assertEachRaises(UserError, form.record.action_assign, lambda: self.open(case), said="taken up already")
        self.assertEqual((self.kinds(case), case.reason_id.id), (before, False))

    def test_proposal_that_cannot_be_taken_up(self):
        case = self.make_case(reason_id=self.reason.id)
        self.collaborator.active = False
        with self.open(case) as form, form.line_ids.edit(0) as line:
            self.assertEqual(line.user_id, self.leader)
        form.record.action_assign()
        self.assertEqual(case.assignment_ids.user_id, self.leader)
        for change in ({"leader_id": False}, {"active": False}):
            self.operations.write(change)
            case = self.make_case(reason_id=self.reason.id)
            form = self.open(case)
            with form.line_ids.edit(0) as line:
                self.assertFalse(line.process_id)
                line.process_id = self.technology
            form.save().action_assign()
            self.assertEqual(case.assignment_ids.process_id, self.technology)
            self.operations.leader_id = self.leader

    def test_duplicates_of_the_same_petitioner(self):
        old = self.make_case(when=None)
        self.env.cr.execute("UPDATE sig_pqrs SET date_received = '2026-08-01' WHERE id = %s", [old.id])
        old.invalidate_recordset()
        same = self.make_case(subject="La misma persona")
        mail = self.make_case(partner_id=False, partner_name="A. Ruiz", email_from='"Ana" <ANA@example.com>')
        document = self.make_case(partner_id=False, partner_name="Ana", document_number="52123456")
        self.make_case(partner_id=False, partner_name="Otra", email_from="otra@example.com")
        case = self.make_case(document_number="52123456")
        found = self.open(case).save()
        self.assertEqual(found.duplicate_ids, document | mail | same | old, "newest first")
        self.assertEqual(found.action_open_case()["target"], "new")

    def test_duplicates_under_reserve_of_identity(self):
        reserved = self.make_case(identity_reserved=True, client_id=self.client.id)
        case = self.make_case()
        self.assertFalse(reserved.sudo().email_key)
        for one, other in ((case, reserved), (reserved, case)):
            self.assertEqual(self.open(one).save().duplicate_ids, other)
        self.assertEqual(self.open(reserved).petitioner, "Ana Ruiz")

    def test_nobody_known_has_no_duplicates(self):
        for make in (self.make_anonymous, lambda: self.make_case(partner_id=False, partner_name="Vecino")):
            make()
            self.assertFalse(self.open(make()).save().duplicate_ids)

    def test_only_the_sig_triages(self):
        case = self.make_assignment().pqrs_id
        fresh = self.make_case()
        others = self.leader | self.collaborator | self.management | self.employee | self.portal
        for record in (case, fresh):
            self.assertDenied(record, others, lambda own: own.action_open_triage(), error=UserError)
        self.assertDenied(self.env["sig.pqrs.triage.wizard"], others, lambda own: own.create({"pqrs_id": fresh.id}))
        self.assertEqual(fresh.state, "received")
