from odoo.exceptions import UserError
from odoo.tests import Form

from .common import SigCommon, date


class TestWizards(SigCommon):

    def open(self, model, record, **context):
        return Form(self.env[model].with_user(self.director).with_context(
            active_model=record._name, active_id=record.ids[0], active_ids=record.ids, **context
        ))

    def test_client_follows_the_petitioner(self):
        """Until it is another one that was chosen for a petitioner of no company."""
        Partner = self.env["res.partner"]
        roble, textiles = Partner.create([{"name": name, "is_company": True} for name in ("El Roble", "Textiles")])
        ana, mateo = Partner.create([{"name": "Ana", "parent_id": roble.id}, {"name": "Mateo", "parent_id": textiles.id}])
        neighbour = Partner.create({"name": "Vecina"})
        with Form(self.env["sig.pqrs"].with_user(self.director)) as form:
            form.subject = "Ruido"
            form.type_id = self.env.ref("sig_pqrs.type_queja")
            form.partner_id = ana
            self.assertEqual(form.client_id, roble)
            form.partner_id = mateo
            self.assertEqual(form.client_id, textiles)
            form.client_id = roble
            form.partner_id = neighbour
            self.assertEqual(form.client_id, roble)
            case = form.save()
        case.with_user(self.director).partner_id = mateo
        self.assertEqual(case.client_id, textiles)
        case.with_user(self.director).write({"partner_id": ana.id, "client_id": textiles.id})
        self.assertEqual(case.client_id, textiles, "who says both means both")
        with Form(case.with_user(self.director)) as form:
            form.partner_id = neighbour
        self.assertEqual(case.client_id, textiles, "it was not that of who asked before")

    def test_what_is_of_a_contact_goes_with_them(self):
        """And who has the case stays in sight while it is edited."""
        ana, neighbour = self.env["res.partner"].create(
            [{"name": "Ana", "email": "ana@example.com", "phone": "3001"}, {"name": "Vecina"}]
        )
        case = self.make_assignment(self.make_case(partner_id=ana.id)).pqrs_id
        marked = {"preserve_evidence": True}, ["preserve_evidence"], {"preserve_evidence": {}, "parts": {}, "warnings": {}}
        self.assertNotEqual(case.with_user(self.director).onchange(*marked)["value"].get("parts"), [])
        with Form(case.with_user(self.director)) as form:
            form.partner_id = neighbour
            self.assertEqual((form.partner_name, form.email_from, form.phone), ("Vecina", False, False))
        form = Form(self.env["sig.pqrs"].with_user(self.director))
        form.partner_id, form.partner_id = ana, neighbour
        self.assertEqual((form.partner_name, form.email_from, form.phone), ("Vecina", False, False), "before it is saved, too")
        form.email_from = "vecina@example.com"
        form.client_id = ana
        self.assertEqual(form.email_from, "vecina@example.com")

    def test_assign_several_processes_and_cases(self):
        cases = self.make_case() | self.make_case()
        with self.open("sig.pqrs.assign.wizard", cases) as form:
            with form.line_ids.edit(0) as line:
                line.process_id = self.operations
                self.assertEqual(line.user_id, self.leader)
            with form.line_ids.new() as line:
                line.process_id = self.technology
        form.record.action_assign()
        self.assertEqual((cases.mapped("state"), len(cases.assignment_ids)), (["assigned", "assigned"], 4))

    def test_send(self):
        case = self.make_approved()
        with self.open("sig.pqrs.send.wizard", case) as form:
            self.assertEqual(form.delivery, "email")
            form.resolution = "upheld"
            form.opening = "<p>Gracias por escribirnos</p>"
        self.assertIn("tomamos las medidas", form.record.sections)
        self.assertNotIn("We commit to", form.record.sections)
        action = form.record.action_preview()
        self.assertEqual((action["report_name"], case.state), ("sig_pqrs.report_response_letter", "approved"))
        letter = self.env["ir.actions.report"]._render_qweb_html(action["report_name"], case.ids)[0].decode()
        self.assertIn("Gracias por escribirnos", letter, "it is seen before it leaves")
        with self.undone():
            self.as_director(case.assignment_ids).action_return("Falta la fecha")
            self.builder.draft(case.assignment_ids, "<p>Negamos lo que pide</p>")
            self.builder.approve(case.assignment_ids)
            self.assertEachRaises(UserError, form.record.action_send, said="the answer changed")
        for theirs in ({"response_closing": "<p>Otra cosa</p>"}, {"response_opening": "<p>Hola</p>"}, {"resolution": "not_upheld"}):
            with self.undone():
                self.as_director(case).write(theirs)
                self.assertEachRaises(UserError, form.record.action_preview, form.record.action_send, said="the answer changed")
                self.assertEqual([case[name] for name in theirs], [*theirs.values()], "what somebody else wrote stays")
        form.delivery = "letter"
        form.save().action_send()
        self.assertEqual((case.delivery_state, case.resolution), ("pending", "upheld"))
        self.assertIn("Gracias por escribirnos", case.response)
        with self.open("sig.pqrs.send.wizard", case) as form:
            form.delivery = "email"
        form.record.action_preview()
        form.record.action_send()
        self.assertEqual((case.delivery_id.medium, case.delivery_state), ("email", "pending"), "the letter did not leave")

    def test_steps_of_a_case(self):
        case = self.make_case()
        self.take_step(case, "immediate_measure", reason="Se reforzó el puesto")
        self.take_step(case, "reclassify", type_id=self.env.ref("sig_pqrs.type_reclamo"), reason="Es un reclamo")
        self.take_step(case, "request_information", reason="La fecha")
        self.take_step(case, "extend_completion", reason="Lo pidió")
        self.take_step(case, "register_completion", date="2026-11-24")
        self.take_step(case, "extend", reason="Faltan registros")
        self.assertEqual(case.date_deadline, date(2027, 1, 8), "the days proposed are those the law allows")
        self.take_step(case, "withdraw", reason="Lo resolvió")
        self.take_step(case, "reopen", reason="Se arrepintió")
        self.take_step(case, "transfer", recipient="Policía Nacional", reason="Es de su competencia")
        self.assertEqual(self.kinds(case), [
            "received", "immediate_measure", "reclassified", "requirement", "completion_extension", "message_sent",
            "completion", "extension", "withdrawn", "reopened", "transfer",
        ])
        self.assertEqual((case.state, case.outcome), ("closed", "transferred"))

    def test_what_a_step_asks_for(self):
        case = self.make_case()
        for step in ("extend", "immediate_measure", "withdraw"):
            with self.subTest(step):
                form = self.open_step(case, step)
                with self.assertRaisesRegex(AssertionError, "reason is a required field"):
                    form.save()
                form.reason = "Se reforzó el puesto"
                form.save()
        rating = self.open_step(case, "register_rating")
        rating.rate = "5"
        rating.save()
        form = self.open_step(case, "register_completion")
        form.save()
        with self.assertRaisesRegex(AssertionError, "reason"):
            form.reason = "No se pide"
