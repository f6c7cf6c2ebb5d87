
from .common import freeze_time, real_clock
from .test_client_steps import ClientCommon


@real_clock
class TestCasePanel(ClientCommon):
    """What the form of a case says first, to each of its readers."""

    def warn(self, case, user):
        return case.with_user(user).with_context(lang="en_US").warnings

    def rows(self, case, user):
        return case.with_user(user).with_context(lang="en_US").parts

    def test_most_urgent_first(self):
        case = self.make_case(priority="2", preserve_evidence=True)
        warnings = self.warn(case, self.director)
        self.assertEqual([warning["level"] for warning in warnings[:2]], ["danger", "warning"])
        self.assertIn("Danger to life", warnings[0]["text"])
        self.assertEqual(warnings[0]["buttons"], [["Immediate measure", {"step": "immediate_measure"}]])
        case.with_user(self.director).action_immediate_measure("Se relevó al guarda")
        self.assertNotIn("Danger", self.warn(case, self.director)[0]["text"])
        self.assertFalse(self.warn(case, self.management), "what others preserve is no business of theirs")

    def test_a_chance_that_passes_is_told_when_it_is_near(self):
        with freeze_time("2026-11-03 15:00:00"):
            case = self.make_case()
            duty = case.next_duty_date
            self.assertTrue(duty)
            self.assertFalse(self.warn(case, self.director), "a new complaint calls for nothing but its triage")
        with freeze_time(f"{duty} 15:00:00"):
            case.invalidate_recordset()
            self.assertIn("Last day", self.warn(case, self.director)[0]["text"])

    def test_what_waits_for_the_sig_is_told_to_it_alone(self):
        case = self.make_closed(partner_id=self.portal.partner_id.id)
        self.client_step(self.as_client(case), "write", "No me sirve la respuesta")
        warning = self.warn(case, self.director)[0]
        self.assertIn("No me sirve", warning["quote"])
        self.assertEqual(
            [button for _label, button in warning["buttons"]],
            [{"step": "reopen"}, {"method": "action_new_case_from_message"}, {"step": "thank"}],
        )
        for user in (self.leader, self.collaborator, self.management):
            self.assertNotIn("No me sirve", str(self.warn(case, user)), user.login)
        case = self.make_assignment(self.make_case(partner_id=False, partner_name="Sin correo")).pqrs_id
        case.with_user(self.director).action_extend(5, "Faltan registros")
        self.assertHolds(str(self.warn(case, self.director)), "not been told of the extension", "To notify")
        self.assertFalse(self.warn(case, self.collaborator))

    def test_who_has_it(self):
        case = self.make_case()
        (row,) = self.rows(case, self.director)
        self.assertEqual((row["title"], row["state"], row["user"]), ("SIG", "To assign", self.director.name))
        assignment = self.make_assignment(case)
        (row,) = self.rows(case, self.director)
        self.assertEqual((row["id"], row["user"], row["primary"]), (assignment.id, self.collaborator.name, False))
        self.assertTrue(row["since"] and row["due"])
        (row,) = self.rows(case, self.collaborator)
        self.assertEqual((row["button"], row["primary"]), ("Write the draft", True))
        self.builder.draft(assignment)
        (row,) = self.rows(case, self.leader)
        self.assertEqual((row["state"], row["user"], row["button"]), ("To approve", self.leader.name, "Review and approve"))
        assignment.with_user(self.leader).action_return("Falta la fecha")
        (row,) = self.rows(case, self.collaborator)
        self.assertEqual((row["state"], row["note"]), ("Returned", "Falta la fecha"))

    def test_each_draft_tells_its_own_reason(self):
        declined = self.make_assignment()
        declined.with_user(self.leader).action_decline("Es de Tecnología")
        again = self.make_assignment(declined.pqrs_id)
        self.builder.draft(again)
        again.with_user(self.leader).action_return("Falta la fecha")
        rows = {row["state"]: row for row in self.rows(declined.pqrs_id, self.director) if "id" in row}
        self.assertEqual({state: row["note"] for state, row in rows.items()}, {"Declined": "Es de Tecnología", "Returned": "Falta la fecha"})
        self.assertFalse(rows["Declined"]["due"])

    def test_beside_the_draft(self):
        earlier = self.make_closed(subject="Turno sin cubrir")
        self.make_closed(subject="De otro proceso", processes=self.technology)
        assignment = self.make_assignment(self.make_case(remedy="Que se cubra", attachment_ids=[(0, 0, {"name": "foto.txt", "raw": b"x"})]))
        brief = assignment.with_user(self.leader).brief
        self.assertEqual([answer["name"] for answer in brief["earlier"]], [f"{earlier.name} · Turno sin cubrir"])
        self.assertEqual([file["name"] for file in brief["files"]], ["foto.txt"])
        self.assertIn("Que se cubra", str(brief["texts"]))
        self.assertEqual(len(assignment.with_user(self.director).brief["earlier"]), 2, "the SIG reads both")
        self.assertFalse(assignment.with_user(self.leader).return_reason)
        self.builder.draft(assignment)
        assignment.with_user(self.leader).action_return("Falta la fecha")
        self.assertEqual(assignment.with_user(self.collaborator).return_reason, "Falta la fecha")

    def test_other_answers_do_not_tell_who_asks(self):
        self.make_closed()
        case = self.make_case(identity_reserved=True)
        self.assertFalse(self.make_assignment(case).with_user(self.leader).brief["earlier"])

    def test_a_letter_that_came_back_is_no_answer(self):
        case = self.make_approved(response_medium="letter")
        case.with_user(self.director).action_send_response(delivery="letter")
        self.reload()
        notify = [["Record the notification", {"method": "action_open_notify"}]]
        self.assertEqual(self.warn(case, self.director)[0]["buttons"], notify)
        self.assertFalse(self.warn(case, self.leader)[0]["buttons"])
        case.delivery_id.with_user(self.director).action_register_delivery("letter", reference="Guía 123")
        case.with_user(self.director).delivery_id.action_register_return("No vive allí")
        self.reload()
        self.assertIn("No vive allí", str(self.warn(case, self.director)))
        for user in (self.leader, self.collaborator, self.management):
            self.assertIn("was not notified", str(self.warn(case, user)))
            self.assertNotIn("No vive allí", str(self.warn(case, user)))
        self.assertNotIn("another round", str(self.warn(case, self.director)))
        self.assertFalse(self.make_assignment().with_user(self.leader).brief["earlier"])

    def test_a_claim_is_marked_whatever_else_is_due_before(self):
        with freeze_time("2026-11-03 15:00:00"):
            case = self.make_case(type="datos_reclamo", involves_staff=True, involves_incident=True)
            self.assertEqual(case.next_duty, "regulator")
            marked = [warning for warning in self.warn(case, self.director) if "mark" in warning["text"].lower()]
            self.assertEqual([warning["buttons"][0][1] for warning in marked], [{"method": "action_mark_claim"}])
