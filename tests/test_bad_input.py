from contextlib import suppress
from functools import partial

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.modules.module import load_script
from odoo.tools import file_path, mute_logger

from .common import CaseBuilder, SigCommon, date, freeze_time


class TestBadInput(SigCommon):
    """What cannot be gets a clear message, changes nothing and loses nothing."""

    def refused(self, method, *args, **kwargs):
        record = method.__self__
        case = record.sudo() if record._name == "sig.pqrs" else record.sudo().pqrs_id
        before = (self.kinds(case), case.state, case.date_deadline, case.delivery_state, record.sudo().state)
        with self.assertRaises(UserError, msg=(method.__name__, args, kwargs)), self.env.cr.savepoint():
            method(*args, **kwargs)
        self.env.invalidate_all()
        self.assertEqual(before, (self.kinds(case), case.state, case.date_deadline, case.delivery_state, record.sudo().state))

    def test_fields_that_do_not_exist(self):
        case = self.make_case()
        erasing = self.env["sig.anonymization"].sudo().create({"company_id": self.company.id, "date": "2026-01-01"})
        steps = (partial(record.with_user(self.administrator).write, {"asunto": "x"}) for record in (case, erasing))
        self.assertEachRaises(UserError, *steps, said="“asunto”")

    def test_forms_that_are_empty(self):
        for user in (self.administrator, self.director, self.management):
            for name in sorted(self.env.registry):
                model = self.env[name].with_user(user)
                if not name.startswith("sig.") or model._abstract or not model.has_access("create"):
                    continue
                spec = {fname: {} for fname, field in model._fields.items() if model._has_field_access(field, "read")}
                with self.subTest(name, user=user.login), self.env.cr.savepoint(), suppress(UserError):
                    model.onchange({}, [], spec)

    def test_names_that_are_looked_for(self):
        case = self.make_closed()
        assignment = case.sudo().assignment_ids
        other = self.make_assignment(process=self.technology)
        Assignment = self.env["sig.pqrs.assignment"].with_user(self.director)
        for text, found in ((case.name, assignment), ("Tecnología", other), ("nada así", Assignment)):
            ids = [id_ for id_, _name in Assignment.name_search(text, [("id", "in", (assignment | other).ids)])]
            self.assertEqual(ids, found.ids)

    def test_filing(self):
        kind = self.env.ref("sig_pqrs.type_queja")
        Pqrs = self.env["sig.pqrs"].with_user(self.director)
        number = self.env["sig.pqrs"].search_count([])
        for label, vals in {
            "empty subject": {"subject": "  "}, "long subject": {"subject": "x" * 501},
            "future receipt": {"date_received": "2026-11-25 15:00:00"}, "no moment": {"date_received": "hoy"},
            "facts after the receipt": {"incident_date": "2026-11-25"}, "no type": {"type_id": False},
            "unknown type": {"type_id": 999999},
            "archived type": {"type_id": self.env.ref("sig_pqrs.type_consumidor").id},
            "authority without date": {"type_id": self.env.ref("sig_pqrs.type_autoridad").id},
            "before the calendar": {"date_received": "1950-01-01 15:00:00"},
            "anonymous with a name": {"anonymous": True, "partner_name": "Ana"},
            "anonymous where the law asks who": {"anonymous": True, "type_id": self.env.ref("sig_pqrs.type_peticion").id},
            "channel of the website": {"channel": "web"}, "mail that is none": {"email_from": "no es correo"},
        }.items():
            with self.subTest(label), self.assertRaises(UserError), self.env.cr.savepoint():
                Pqrs.create({"subject": "Ruido", "type_id": kind.id, "channel": "phone", **vals})
        # As core tells it of any required field.
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            Pqrs.create({"subject": False, "type_id": kind.id, "channel": "phone"})
        self.assertEqual(self.env["sig.pqrs"].search_count([]), number)

    def test_receipt_some_minutes_ahead_of_our_clock(self):
        self.assertEqual(str(self.make_case(date_received="2026-11-24 15:20:00").date_received), "2026-11-24 15:00:00")

    def test_long_ago_and_far_ahead(self):
        self.assertEqual(self.make_case(date_received="1991-07-08 15:00:00").deadline_state, "overdue")
        with freeze_time("2099-06-01 15:00:00"):
            self.assertTrue(self.make_case().date_deadline)
        with freeze_time("2099-12-30 15:00:00"):
            self.assertEachRaises(UserError, self.make_case)

    def test_assignment(self):
        case = self.make_case()
        assign = case.with_user(self.director).action_assign
        for value in {
            "nothing": [], "not a list": {"process_id": self.operations.id}, "no process": [{}],
            "unknown process": [{"process_id": 999999}], "a code": [{"process_id": "OPE"}], "twice the same": [{"process_id": self.operations.id}] * 2,
            "unknown user": [{"process_id": self.operations.id, "user_id": 999999}],
            "user without role": [{"process_id": self.operations.id, "user_id": self.employee.id}],
            "client as responsible": [{"process_id": self.operations.id, "user_id": self.portal.id}],
            "after the deadline": [{"process_id": self.operations.id, "date_due": "2027-01-30"}],
            "no date": [{"process_id": self.operations.id, "date_due": "mañana"}],
        }.values():
            self.refused(assign, value)
        with freeze_time("2027-01-29 15:00:00"):  # of an overdue case, today
            days = [[{"process_id": self.operations.id, "date_due": f"2027-01-{day}"}] for day in (28, 30, 29)]
            self.assertEachRaises(UserError, *(partial(assign, day) for day in days[:2]), said=case.name)
            self.assertTrue(assign(days[2]))
        suspended = self.make_case().with_user(self.director)
        suspended.action_request_information("La fecha")
        wrong_year = partial(suspended.action_assign, [{"process_id": self.operations.id, "date_due": "2036-12-10"}])
        self.assertEachRaises(UserError, wrong_year, said="from today to")
        for chosen, due in ((24, 24), (28, 30)):  # today, and a Saturday
            draft = self.make_assignment(date_due=f"2026-11-{chosen}")
            shown = draft.date_due
            draft.with_user(self.leader).action_reassign(self.deputy.id)
            self.assertEqual((shown, draft.date_due), (date(2026, 11, due),) * 2, "it does not move by itself")

    def test_empty_answer(self):
        assignment = self.make_assignment()
        for text in (False, "", "<p><br></p>", "<p>   </p>", "<p>&nbsp;</p>"):
            assignment.with_user(self.collaborator).write({"response": text})
            self.refused(assignment.with_user(self.collaborator).action_submit)

    def test_reasons_are_not_empty(self):
        case = self.make_case()
        assignment = self.make_assignment(case)
        self.builder.draft(assignment)
        for method, args in (
            (case.with_user(self.director).action_extend, (5,)),
            (case.with_user(self.director).action_request_information, ()),
            (case.with_user(self.director).action_withdraw, ()),
            (case.with_user(self.director).action_immediate_measure, ()),
            (assignment.with_user(self.leader).action_return, ()),
            (assignment.with_user(self.leader).action_decline, ()),
            (assignment.with_user(self.director).action_remove, ()),
        ):
            for reason in ("", "   ", False, None, 5):
                self.refused(method, *args, reason)

    def test_extension(self):
        case = self.make_case()
        director = case.with_user(self.director)
        for days in (0, -1, 16, "5", 2.5, True, None):
            self.refused(director.action_extend, days, "Faltan registros")
        director.action_extend(15, "Faltan registros")
        self.assertEqual(case.date_deadline, date(2027, 1, 8))
        self.refused(director.action_extend, 1, "Otra vez")
        with freeze_time("2027-01-12 15:00:00"):
            other = self.make_case(date_received="2026-12-01 15:00:00")
            self.refused(other.with_user(self.director).action_extend, 5, "Tarde")

    def test_completion(self):
        case = self.make_case()
        director = case.with_user(self.director)
        self.refused(director.action_register_completion)
        director.action_request_information("La fecha")
        for day in ("2026-11-23", "2026-11-25", "2020-01-01", "ayer"):
            self.refused(director.action_register_completion, date=day)
        director.action_extend_completion("Lo pidió el cliente")
        self.refused(director.action_extend_completion, "Otra vez")
        other = self.builder.receive(self.make_case(), "ajeno")
        for message_id in (other.id, other.id + 1000):
            self.refused(director.action_register_completion, message_id=message_id)
        director.action_register_completion(date="2026-11-24T14:00:00Z")
        self.assertFalse(case.suspended)

    def test_reclassification(self):
        case = self.make_case()
        director = case.with_user(self.director)
        without_date, archived = (self.env.ref(f"sig_pqrs.type_{code}").id for code in ("autoridad", "consumidor"))
        for type_id in (case.type_id.id, 999999, False, archived, without_date, "queja"):
            self.refused(director.action_reclassify, type_id, "Era otra cosa")

    def test_strangers_without_a_real_mail_are_not_one_petitioner(self):
        first = self.make_case(partner_id=False, partner_name="Uno")
        second = self.make_case(partner_id=False, partner_name="Dos")
        (first | second).sudo().write({"email_from": "no tiene"})
        self.refused(second.with_user(self.director).action_cancel, "duplicate", "Repetida", first.id)

    def test_drafts_follow_the_suspension_and_the_shorter_term(self):
        with freeze_time("2026-09-01 15:00:00"):
            case = self.make_case()
            assignment = self.make_assignment(case)
            self.assertEqual(assignment.date_due, date(2026, 9, 11))
            self.builder.draft(assignment)
            approved = self.make_assignment(case, self.technology)
            self.finish_draft(approved)
        with freeze_time("2026-09-08 15:00:00"):
            case.with_user(self.director).action_request_information("La fecha")
            same_day = self.make_assignment(date_due="2026-09-18")
            self.as_director(same_day.pqrs_id).action_request_information("La fecha")
        with freeze_time("2026-09-28 15:00:00"):
            case.with_user(self.director).action_register_completion()
            self.assertEqual(assignment.date_due, date(2026, 10, 1), "three of its eight days were left")
            self.as_director(same_day.pqrs_id).action_register_completion()
            self.assertEqual(same_day.date_due, date(2026, 10, 8), "all of the days until the date that the SIG chose")
            self.assertEqual(self.activities(assignment, "sig_pqrs.activity_approve").date_deadline, date(2026, 10, 1))
            approved.sudo().write({"internal_days": 0, "date_due": date(2036, 9, 11)})  # as it was before 19.0.2.0.0
            load_script(file_path("sig_pqrs/migrations/19.0.2.0.0/post-chosen-dates.py"), "chosen_dates").migrate(self.env.cr, "")
            self.assertEqual(approved.internal_days, 365)
            approved.sudo().internal_days = 8
            self.as_director(approved).action_return("Falta la fecha")
            self.assertEqual(approved.date_due, date(2026, 10, 1))
        late = self.make_case()
        drafts = self.builder.assign(late, self.operations | self.technology, date_due="2026-12-15")
        submitted = drafts.filtered(lambda draft: draft.process_id == self.technology)
        self.builder.draft(submitted)
        late.with_user(self.director).action_reclassify(self.env.ref("sig_pqrs.type_informacion").id, "Pide copias")
        submitted.with_user(self.other_leader).action_reassign(self.other_leader.id)
        self.assertEqual([late.date_deadline, *drafts.mapped("date_due")], [date(2026, 12, 9)] * 3)

    def test_reassign_outside_the_process(self):
        assignment = self.make_assignment()
        self.deputy.group_ids = self.env.ref("base.group_user")
        for user_id in (self.other_collaborator.id, self.deputy.id, 999999, False):
            self.refused(assignment.with_user(self.leader).action_reassign, user_id)
        self.builder.draft(assignment)
        assignment.with_user(self.leader).action_return("Falta la fecha")
        assignment.with_user(self.leader).action_reassign(self.leader.id)
        self.assertEqual((assignment.state, assignment.return_reason), ("returned", "Falta la fecha"), "whoever goes on reads why")

    def test_company_without_country_or_director(self):
        company = self.env["res.company"].create({"name": "Sin país"})
        self.assertEqual(company._sig_calendar().add(date(2026, 11, 24), 15), date(2026, 12, 16))
        self.assertFalse(company.sig_director_id)
        director = self.builder.make_user(self.env, "sig_alone", "Sola", "director", company=company)
        case = CaseBuilder(self.env, director, company).file({"subject": "Ruido"})
        self.assertEqual(company._sig_get_director(), director)
        director.active = False
        case.sudo()._notify_director("Nobody is there")
        self.assertFalse(case.sudo().activity_ids)
