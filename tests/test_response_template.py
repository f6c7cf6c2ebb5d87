from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from .common import SigCommon


class TestResponseTemplate(SigCommon):
    """Templates: what they may say, to whom they are offered, and how a draft and a letter start from them."""

    languages = ("en_US",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Template = cls.env["sig.response.template"]
        cls.complaint = cls.env.ref("sig_pqrs.type_queja")
        cls.footage = cls.env.ref("sig_pqrs.reason_grabaciones")
        cls.other_company = cls.env["res.company"].create({"name": "Otra empresa"})
        cls.contact.lang = "en_US"

    def make_template(self, body="<p>Texto</p>", user=None, **vals):
        return self.Template.with_user(user or self.administrator).create({"name": "Modelo", "part": "section", "body": body, **vals})

    def use(self, template, assignment, user=None):
        own = assignment.with_user(user or self.collaborator)
        with Form(own) as form:
            form.template_id = template
        return own

    def test_a_client_that_sends_another_case_learns_nothing_of_it(self):
        template = self.make_template('<p><t t-out="object.subject"/>, <t t-out="object.letter_addressee"/></p>')
        own, other = self.make_assignment(), self.make_case(subject="Secreto", restricted=True)
        self.reload()
        sent = {"pqrs_id": other.id, "template_id": template.id}
        told = own.with_user(self.collaborator).onchange(sent, ["template_id"], {"response": {}, "template_id": {}, "pqrs_id": {}})
        self.assertIn(own.pqrs_id.subject, told["value"]["response"])
        self.assertNotIn("Secreto", told["value"]["response"])

    def test_the_closing_names_the_authority_of_the_type(self):
        vigilance, industry = "Superintendencia de Vigilancia", "Superintendencia de Industria y Comercio"
        authorities = {
            **dict.fromkeys(("peticion", "derecho_peticion", "informacion", "queja", "reclamo", "consulta"), vigilance),
            **dict.fromkeys(("datos_consulta", "datos_reclamo", "habeas_consulta", "habeas_reclamo", "consumidor"), industry),
            **dict.fromkeys(("sugerencia", "felicitacion"), None),
        }
        for code, authority in authorities.items():
            self.env.ref(f"sig_pqrs.type_{code}").active = True
            with self.subTest(code):
                case = self.make_case(type=code)
                template, text = case.env["sig.response.template"]._propose(case, "closing")
                self.assertTrue(template)
                for name in (vigilance, industry):
                    self.assertEqual(name in text, name == authority, name)

    def test_the_company_says_which_authority(self):
        kind = self.complaint
        kind.recourse_authority = "Superintendencia de Transporte"
        case = self.make_case(type="queja")
        self.assertIn("You may also go to the Superintendencia de Transporte.", case.env["sig.response.template"]._propose(case, "closing")[1])
        kind.recourse_authority = False
        self.assertNotIn("Superintendencia", case.env["sig.response.template"]._propose(case, "closing")[1])

    def test_text_of_the_case_stays_text(self):
        template = self.make_template('<p><t t-out="object.subject"/></p>')
        for subject, expected in (
            ("{{7*7}}", "<p>{{7*7}}</p>"),
            ('<t t-out="1"/>', "<p>&lt;t t-out=&#34;1&#34;/&gt;</p>"),
            ('<t t-out="object.uuid"/>', "<p>&lt;t t-out=&#34;object.uuid&#34;/&gt;</p>"),
            ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
            ("#{object.uuid} \\1 %s", "<p>#{object.uuid} \\1 %s</p>"),
        ):
            with self.subTest(subject=subject):
                case = self.make_case(subject=subject)
                self.assertEqual(template._render_for(case), expected)
                assignment = self.make_assignment(case)
                self.use(template, assignment)
                self.assertHoldsNone(assignment.response, "<script", "<t ")

    def test_any_other_expression_is_refused_when_saved(self):
        template = self.make_template()
        for body in (
            '<p><t t-out="object.uuid"/></p>', '<p><t t-out="object.document_number"/></p>',
            '<p><t t-out="object.nothing"/></p>', '<p><t t-out="object.env"/></p>', '<p><t t-out="1 +"/></p>',
            '<p><t t-out="user.password"/></p>', '<p><t t-out=" object.name "/></p>',
            '<p><t t-out="object.name" t-if="1"/></p>',
            '<p><t t-foreach="object.act_ids" t-as="act"><t t-out="act.note"/></t></p>',
            '<p><t t-call="web.layout"/></p>', '<p t-att-class="object.uuid">x</p>', "<p>{{ object.name }}</p>",
            "<p>{{ 7 * 7 }}</p>",
            '<p title="#{object.uuid}">x</p>',
        ):
            for user in (self.administrator, self.env.user):
                with self.subTest(body=body):
                    self.assertEachRaises(
                        ValidationError, lambda user=user, body=body: template.with_user(user).write({"body": body}),
                        lambda user=user, body=body: self.make_template(body, user),
                    )
        self.assertFalse(self.administrator.has_group("mail.group_mail_template_editor"))
        self.assertEqual(template.body, "<p>Texto</p>")

    def test_a_translation_is_held_to_the_same(self):
        self.env["res.lang"]._activate_lang("es_CO")
        template = self.make_template('<p>Number <t t-out="object.name"/></p>')
        bad = {"es_CO": '<p>Número <t t-out="object.uuid"/></p>'}
        self.assertEachRaises(ValidationError, lambda: template.update_field_translations("body", bad))
        template.update_field_translations("body", {"es_CO": '<p>Número <t t-out="object.name"/></p>'})
        self.contact.lang = "es_CO"
        case = self.make_case()
        self.assertEqual(template._render_for(case), f"<p>Número {case.name}</p>")

    def test_what_was_written_past_the_guards_is_not_rendered(self):
        template = self.make_template()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sig_response_template SET body = jsonb_build_object('en_US', %s) WHERE id = %s",
            ['<p><t t-out="object.uuid"/></p>', template.id],
        )
        self.env.invalidate_all()
        assignment = self.make_assignment()
        self.assertEachRaises(UserError, lambda: self.use(template, assignment))

    def test_who_writes_them(self):
        template = self.make_template()
        self.assertEqual([template.with_user(user).name for user in (self.collaborator, self.director)], ["Modelo"] * 2)
        self.assertDenied(
            template, (self.director, self.leader, self.collaborator, self.management, self.employee, self.portal),
            lambda own: own.write({"name": "x"}), lambda own: self.make_template(user=own.env.user),
            lambda own: own.unlink(),
        )

    def test_shipped_templates_render_for_every_type(self):
        self.assertGreaterEqual(len(self.Template.search([])), 19)
        for kind in self.env["sig.pqrs.type"].search([]):
            case = self.make_case(type=kind.code, **({"authority_deadline": "2026-12-01 15:00:00"} if kind.due_by_authority else {}))
            for part in ("opening", "section", "closing"):
                fitting = self.Template._get_fitting(case, part)
                self.assertTrue(fitting or (part == "section" and kind.code == "autoridad"), f"{kind.code} {part}")
                for template in fitting:
                    self.assertNotIn("t-out", template._render_for(case))

    def test_those_for_the_reason_and_the_type_come_first(self):
        self.Template.search([]).active = False
        general = self.make_template(sequence=1)
        typed = self.make_template(sequence=2, type_ids=self.complaint.ids)
        reasoned = self.make_template(sequence=3, reason_ids=self.footage.ids)
        self.make_template(sequence=0, type_ids=self.env.ref("sig_pqrs.type_reclamo").ids)
        self.make_template(sequence=0, reason_ids=self.env.ref("sig_pqrs.reason_trato").ids)
        self.make_template(user=self.env.user, sequence=0, company_id=self.other_company.id)
        self.make_template(sequence=0, part="opening")
        case = self.make_case(reason_id=self.footage.id)
        self.assertEqual(list(self.Template._get_fitting(case, "section")), [reasoned, typed, general])
        self.assertEqual(list(self.Template._get_fitting(self.make_case(), "section")), [typed, general])

    def test_draft_starts_from_a_template(self):
        template = self.make_template('<p>Sobre <t t-out="object.name"/></p>', resolution="upheld")
        assignment = self.make_assignment()
        self.use(self.make_template("<p>Otra</p>"), assignment)
        own = self.use(template, assignment)
        self.assertEqual(own.response, f"<p>Sobre {assignment.pqrs_id.name}</p>", "it takes the place of the other one")
        self.assertEqual(own.template_id, template)
        own.response = f"{own.response}<p>Lo mío</p>"
        self.use(self.make_template("<p>Y algo más</p>"), assignment)
        self.assertEqual(own.response, f"<p>Sobre {assignment.pqrs_id.name}</p><p>Lo mío</p><p>Y algo más</p>")

    def test_who_may_use_one(self):
        template = self.make_template()
        assignment = self.make_assignment()
        strangers = (self.other_leader, self.other_collaborator, self.management, self.employee, self.portal)
        self.assertDenied(assignment, strangers, lambda own: own.write({"template_id": template.id}))
        self.builder.draft(assignment)
        self.assertEachRaises(UserError, lambda: assignment.with_user(self.collaborator).write({"template_id": template.id}))

    def test_places_left_to_fill_in(self):
        assignment = self.make_assignment()
        own = assignment.with_user(self.collaborator)
        for text in ("«[fecha]»", "« [fecha] »", "«<b>[fe</b>cha]»", "«[sin cerrar", "&laquo;[fecha]&raquo;"):
            own.response = f"<p>Ocurrió el {text} en la portería</p>"
            with self.subTest(text=text):
                self.assertEachRaises(UserError, own.action_submit, said="places to fill in")
        own.response = "<p>Ocurrió el «lunes» [sic] en la portería</p>"
        own.action_submit()
        assignment.with_user(self.leader).response = "<p>Ocurrió el «[fecha]»</p>"
        self.assertEachRaises(UserError, own.action_submit, said="places to fill in")
        assignment.with_user(self.leader).response = "<p>Ocurrió el lunes</p>"
        self.finish_draft(assignment, write=False)
        case = assignment.pqrs_id.with_user(self.director)
        case.response_closing = "<p>Lo llamará «[nombre]»</p>"
        self.assertEachRaises(UserError, lambda: case.action_send_response(delivery="hand", proof="Recibió Ana"), said="places to fill in")
        self.assertEqual(case.state, "approved")

    def open_send(self, case):
        return Form(self.env["sig.pqrs.send.wizard"].with_user(self.director).with_context(active_model="sig.pqrs", active_id=case.id))

    def test_opening_and_closing_are_proposed(self):
        self.Template.search([]).active = False
        first = self.make_template('<p>Sobre <t t-out="object.name"/></p>', part="opening", sequence=1)
        second = self.make_template("<p>Otra apertura</p>", part="opening", sequence=2)
        self.make_template("<p>Un cierre</p>", part="closing")
        case = self.make_approved()
        with self.open_send(case) as form:
            self.assertEqual((form.opening_template_id, form.opening), (first, f"<p>Sobre {case.name}</p>"))
            self.assertEqual(form.closing, "<p>Un cierre</p>")
            form.opening_template_id = second
            self.assertEqual(form.opening, "<p>Otra apertura</p>", "the text of another template is replaced")
            form.opening = "<p>Otra apertura, con algo mío</p>"
            form.opening_template_id = first
            self.assertIn("algo mío", form.opening, "what a person wrote is not lost")
            self.assertIn(case.name, form.opening)
            form.resolution = "upheld"
        self.assertFalse(case.response_opening, "nothing is written before it is sent")
        with self.assertRaisesRegex(AssertionError, "invisible"):  # the dialog asks for it
            Form(case.with_user(self.director)).response_opening = "<p>Hola</p>"
        case.with_user(self.director).response_opening = "<p>Escrita antes</p>"
        with self.open_send(case) as form:
            self.assertEqual((form.opening, form.opening_template_id.id), ("<p>Escrita antes</p>", False))
            form.resolution = "upheld"

    def test_resolution_is_proposed_from_the_sections(self):
        upheld = self.make_template("<p>Sí</p>", resolution="upheld")
        denied = self.make_template("<p>No</p>", resolution="not_upheld")
        case = self.make_case()
        assignments = self.builder.assign(case, self.operations | self.technology)
        for assignment, template in zip(assignments, (upheld, denied), strict=True):
            self.use(template, assignment, assignment.user_id).action_submit()
            assignment.with_user(assignment.leader_id).action_approve()
            if assignment == assignments[0]:
                self.assertEqual(case._get_proposed_resolution(), "upheld")
        with self.open_send(case) as form:
            self.assertEqual(form.resolution, "partially_upheld")
