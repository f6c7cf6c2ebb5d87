from odoo.tests import HttpCase

from .common import SigCommon, date, freeze_time, moment, real_clock


class MyDayCommon(SigCommon):
    def get_counts(self, user):
        return {key: tile["count"] for key, tile in self.get_tiles(user).items() if tile["count"]}

    def on(self, day, hour=10):
        return moment(self.company, day, hour)


class TestMyDay(MyDayCommon):
    def test_sig(self):
        self.make_case()
        self.make_case().sudo().write({"state": "to_file"})
        self.make_approved()
        failed = self.make_approved()
        failed.with_user(self.director).action_send_response()
        failed.sudo().delivery_id._fail("550 unknown")
        self.make_closed()
        urgent = self.make_case(priority="2", involves_staff=True, involves_incident=True, preserve_evidence=True)
        tiles = self.get_tiles(self.director)
        once = ("unmeasured", "duties", "to_file", "to_notify", "unrated", "unpreserved")
        self.assertEqual({key: tile["count"] for key, tile in tiles.items()}, {**dict.fromkeys(once, 1), "unassigned": 2, "to_send": 2})
        [row] = tiles["duties"]["records"]
        told = [row[name] for name in ("id", "name", "date", "state", "urgent")]
        self.assertEqual(told, [urgent.id, urgent.name, "2026-11-24", "Notify the regulator", True])
        self.assertEqual(tiles["unassigned"]["method"], "action_triage_next")
        for user, can_register in ((self.director, True), (self.leader, False), (self.management, False)):
            self.assertIs(self.env["sig.my.day"].with_user(user).get_my_day()["can_register"], can_register)
        urgent.with_user(self.director).action_immediate_measure("Se avisó a la Policía")
        urgent.with_user(self.director).action_register_evidence("Video en custodia")
        self.assertHoldsNone(self.get_tiles(self.director), "unmeasured", "unpreserved")

    def test_not_filed_yet(self):
        case = self.make_case(when=self.on(date(2026, 10, 1)), priority="2")
        case.sudo().write({"state": "to_file"})
        self.env["sig.pqrs"]._refresh_deadline_state(self.company)
        self.assertEqual(self.get_counts(self.director), {"to_file": 1, "overdue": 1, "unmeasured": 1})
        self.assertEqual(self.get_counts(self.management), {"overdue": 1})
        case.with_user(self.director).action_immediate_measure("Se avisó a la Policía")
        self.assertEqual(self.get_counts(self.director), {"to_file": 1, "overdue": 1})

    def test_terms_to_transfer_and_to_require(self):
        complaint = self.make_case(type="queja")  # five days to transfer: not yet
        soon = self.make_case(type="datos_consulta")
        unfiled = self.make_case(type="datos_consulta")
        unfiled.sudo().write({"state": "to_file"})
        require = self.make_case(when=self.on(date(2026, 11, 11)), type="queja")
        self.builder.assign(self.make_case(type="datos_consulta"), self.operations)
        with freeze_time("2026-11-25 15:00:00"):
            self.env["sig.daily.review"]._refresh_duties(self.company)
            tile = self.get_tiles(self.director)["duties"]
        duties = (soon, "Last day to transfer"), (unfiled, "Last day to transfer"), (require, "Last day to require information")
        told = [(row["id"], row["state"], row["date"]) for row in tile["records"]]
        self.assertEqual(told, [(case.id, duty, "2026-11-26") for case, duty in duties])
        with freeze_time("2026-11-27 15:00:00"):
            rows = self.get_tiles(self.director)["duties"]["records"]
        self.assertEqual([row["id"] for row in rows], [complaint.id], "what lapsed is no duty any more")

    def test_late(self):
        case = self.make_case(when=self.on(date(2026, 10, 1)))
        assignment = self.builder.assign(case, self.operations, when=self.on(date(2026, 10, 2)))
        self.builder.draft(assignment)
        for model in self.env["sig.daily.review"]._get_watched_models():
            self.env[model]._refresh_deadline_state(self.company)
        self.assertEqual(self.get_counts(self.director), {"late_approvals": 1, "overdue": 1})
        self.assertEqual(self.get_counts(self.leader), {"to_approve": 1})
        self.assertEqual(self.get_counts(self.management), {"overdue": 1})
        assignment.with_user(self.leader).action_return("Falta la fecha")
        self.assertEqual(self.get_counts(self.leader), {"process_drafts": 1})
        self.assertEqual(self.get_counts(self.collaborator), {"returned": 1})
        [row] = self.get_tiles(self.collaborator)["returned"]["records"]
        self.assertEqual(row["note"], "Falta la fecha")
        self.builder.draft(assignment)
        self.assertIn("late_approvals", self.get_counts(self.director))
        case.with_user(self.director).action_withdraw("Ya no la necesita")
        self.assertNotIn("late_approvals", self.get_counts(self.director), "nobody can approve it any more")

    def test_each_sees_the_own_work(self):
        self.builder.assign(self.make_case(), self.operations | self.technology)
        submitted = self.make_assignment()
        self.builder.draft(submitted)
        for user, expected in (
            (self.leader, {"to_approve": 1}), (self.deputy, {"to_approve": 1}), (self.collaborator, {"mine": 1}),
            (self.other_leader, {}), (self.other_collaborator, {"mine": 1}), (self.management, {}),
        ):
            self.assertEqual(self.get_counts(user), expected, user.login)
        [row] = self.get_tiles(self.leader)["to_approve"]["records"]
        self.assertEqual((row["id"], row["name"]), (submitted.id, submitted.pqrs_id.name))
        self.assertEqual(row["subject"], submitted.pqrs_id.subject)
        submitted.sudo().submitted_by_id = self.deputy
        self.assertEqual((self.get_counts(self.deputy), self.get_counts(self.leader)), ({}, {"to_approve": 1}), "nobody's own")

    def test_urgent_waits_for_the_process_too(self):
        self.make_assignment(self.make_case(priority="2", preserve_evidence=True))
        self.assertEqual(self.get_counts(self.leader)["unmeasured"], 1)
        self.assertEqual(self.get_counts(self.collaborator), {"unpreserved": 1, "mine": 1})
        [row] = self.get_tiles(self.collaborator)["unpreserved"]["records"]
        self.assertEqual((row["date_text"], row["left"]), ("", ""), "the deadline of the answer is not that of the evidence")
        self.assertFalse(self.get_counts(self.other_leader))

    def test_most_urgent_first(self):
        self.make_case()
        self.make_case(priority="2", involves_staff=True, involves_incident=True)
        late = self.make_case(when=self.on(date(2026, 10, 1)))
        self.env["sig.pqrs"]._refresh_deadline_state(self.company)
        self.assertEqual(list(self.get_tiles(self.director)), ["unmeasured", "duties", "overdue", "unassigned"])
        [row] = self.get_tiles(self.director)["overdue"]["records"]
        self.assertIn(self.client.name, row["about"])
        self.assertRegex(row["left"], r"^\d+ business days late$")
        self.make_assignment(late).with_user(self.leader).action_decline("Es de Tecnología")
        rows = {row["id"]: row["note"] for row in self.get_tiles(self.director)["unassigned"]["records"]}
        self.assertEqual(rows[late.id], "Declined: Es de Tecnología")

    def test_legal_reviewer(self):
        case = self.make_approved(legal_risk=True, legal_reviewer_id=self.other_leader.id)
        case.with_user(self.director).action_request_legal_review()
        self.assertEqual(self.get_counts(self.other_leader), {"legal_review": 1})

    def test_who_reads_alone(self):
        self.make_case()
        day = self.env["sig.my.day"].with_user(self.interviewer).get_my_day()
        self.assertEqual((day["tiles"], day["can_register"]), ([], False))
        others = self.employee | self.portal | self.env.ref("base.public_user")
        self.assertDenied(self.env["sig.my.day"], others, lambda own: own.get_my_day())

    def test_whole_list_is_what_was_counted(self):
        for _number in range(8):
            self.make_case()
        tile = self.get_tiles(self.director)["unassigned"]
        self.assertEqual((tile["count"], len(tile["records"])), (8, 5))
        self.assertEqual(self.env[tile["model"]].with_user(self.director).search_count(tile["domain"]), tile["count"])


@real_clock
class TestMyDayScreen(MyDayCommon, HttpCase):
    def test_screen(self):
        self.reason = self.env.ref("sig_pqrs.reason_trato")
        self.reason.write({"company_id": self.company.id, "process_id": self.operations.id, "user_id": self.collaborator.id})
        for case in self.env["sig.pqrs"].search([("state", "in", ("to_file", "received"))]):
            case.write({"state": "cancelled"})
        case = self.make_case(reason_id=self.reason.id, priority="2")
        self.start_tour("/odoo", "sig_pqrs_my_day", login=self.director.login)
        self.assertEqual(case.state, "assigned")
        self.assertTrue(case.immediate_measure_on)

    def test_tours(self):
        """What My day offers to those who are new: it goes through on what is there, and only opens things."""
        submitted, mine = self.make_assignment(), self.make_assignment()
        self.builder.draft(submitted)
        today = self.company._sig_today()
        access = {"user_id": self.employee.id, "company_id": self.company.id, "reason": "Auditoría", "date_from": today, "date_to": today}
        self.env["sig.audit.access"].with_user(self.director).create(access)
        roles = ("administrator", "director", "leader", "collaborator", "management")
        for role, person in [*((role, getattr(self, role)) for role in roles), ("auditor", self.employee)]:
            self.start_tour("/odoo/pqrs-my-day", f"sig_pqrs_tour_{role}", login=person.login)
        self.assertEqual((submitted + mine).mapped("state"), ["submitted", "pending"])


@real_clock
class TestHome(SigCommon):
    """Where people start after login."""

    def make(self, login, role, **vals):
        return self.builder.make_user(self.env, login, login, role, **vals)

    def test_who_starts_here(self):
        home = self.env.ref("sig_pqrs.action_my_work")
        for role in ("collaborator", "leader", "director", "management"):
            self.assertEqual(self.make(f"home_{role}", role).action_id.id, home.id, role)

    def test_who_does_not(self):
        sig = self.env.ref("sig_pqrs.group_collaborator")
        other = self.env["res.groups"].create(
            {"name": "Otra", "privilege_id": self.env["res.groups.privilege"].create({"name": "Otra"}).id}
        )
        users = [
            self.make("home_employee", None), self.make("home_seller", None, group_ids=[(6, 0, (sig | other).ids)]),
            self.make("home_system", None, group_ids=[(6, 0, (sig | self.env.ref("base.group_system")).ids)]),
            self.make("home_portal", None, group_ids=[(6, 0, self.env.ref("base.group_portal").ids)]),
        ]
        for user in users:
            self.assertFalse(user.action_id, user.login)

    def test_who_loses_the_last_role_has_another_home(self):
        user = self.make("home_lost", "collaborator")
        user.group_ids = self.env.ref("base.group_user")
        self.assertFalse(user.action_id)

    def test_own_choice_stays(self):
        chosen = self.env.ref("base.action_partner_form")
        self.assertEqual(self.make("home_chosen", "director", action_id=chosen.id).action_id.id, chosen.id)
