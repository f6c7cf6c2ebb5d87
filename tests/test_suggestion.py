"""The reason of a petition is suggested in triage, by the words of earlier ones; what is taken and changed is counted."""

from odoo.tests import Form

from .test_triage import TriageCommon

THEFTS = ("Hurto de una bicicleta en el parqueadero", "Se robaron la bicicleta del sótano", "Robo de una moto en el parqueadero")
CAMERAS = ("La cámara del lobby no graba", "Daño de la cámara y del monitor", "El monitor de la cámara se apaga")


class TestSuggestion(TriageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.theft, cls.camera = cls.env["sig.pqrs.reason"].create([
            {"name": "Hurtos", "company_id": cls.company.id, "process_id": cls.operations.id, "priority": "1"},
            {"name": "Cámaras", "company_id": cls.company.id, "process_id": cls.technology.id},
        ])
        asked = [(cls.theft, subject) for subject in THEFTS] + [(cls.camera, subject) for subject in CAMERAS]
        cls.builder.assign(
            cls.builder.file(
                [{"subject": subject, "description": False, "reason_id": reason.id} for reason, subject in asked] * 34
            ),
            cls.operations,
        )

    def make_theft(self, **vals):
        return self.make_case(subject="Hurto de bicicletas", description="Desapareció del parqueadero", **vals)

    def count(self, case):
        return self.env["sig.reason.suggestion"].with_user(self.director).search([("pqrs_id", "=", case.id)])

    def test_likely_reason_is_one_click(self):
        case = self.make_theft()
        form = self.open(case)
        self.assertFalse(form.reason_id, "nothing is chosen by itself")
        self.assertEqual(form.suggestion_ids[:][0], self.theft)
        self.assertIn("PQRS-", form.suggestion_note, "the cases behind")
        form.suggested_id = self.theft
        self.assertEqual((form.suggested_id, form.reason_id, form.priority), (self.theft, self.theft, "1"))
        self.assertEqual(form.line_ids._records[0]["process_id"], self.operations.id, "as if chosen by hand")
        form.save().action_assign()
        self.assertEqual(case.reason_id, self.theft)
        self.assertEqual(self.count(case).mapped("result"), ["taken"])

    def test_changed_is_counted(self):
        other, different = self.make_case(subject="Robo en el lobby", description=False), self.make_theft()
        second = self.open(other).suggestion_ids[:][1]
        for case, reason in ((other, second), (different, self.calm)):
            form = self.open(case)
            form.reason_id = reason
            with form.line_ids.edit(0) as line:
                line.process_id = self.operations
            form.save().action_assign()
        self.assertEqual(self.count(other).result, "other")
        self.assertNotIn(self.director, self.count(other).create_uid | self.count(other).write_uid, "by month, not by person")
        self.assertEqual((self.count(different).result, self.count(different).reason_id), ("changed", self.calm))
        self.assertFalse(self.count(other).has_access("write"))
        self.assertDenied(self.count(other), self.leader | self.collaborator | self.employee | self.portal, lambda own: own.read())

    def test_what_was_shown_is_counted(self):
        """Whatever else is likely by then: it is guessed once."""
        case = self.make_theft()
        form = self.open(case)
        form.suggested_id = self.theft
        self.env["sig.pqrs"].search([("reason_id", "=", self.camera.id)]).reason_id = False
        form.save().action_assign()
        self.assertEqual(self.count(case).result, "taken")

    def test_sure_enough_is_chosen(self):
        self.company.sig_suggestion_confidence = 50
        form = self.open(self.make_theft())
        self.assertEqual((form.reason_id, form.priority), (self.theft, "1"))
        unknown = self.open(self.make_case(subject="Zzyx", description=False))
        self.assertFalse(unknown.reason_id)

    def test_nothing_is_learnt_of_few(self):
        self.env["sig.pqrs"].search([("reason_id", "=", self.camera.id)]).reason_id = False
        self.assertFalse(self.open(self.make_theft()).suggestion_ids[:])

    def test_what_a_person_chose_is_not_questioned(self):
        self.company.sig_suggestion_confidence = 50
        case = self.make_theft(reason_id=self.camera.id)
        form = self.open(case)
        self.assertEqual((form.reason_id, form.suggestion_ids[:]), (self.camera, self.env["sig.pqrs.reason"]))
        form.save().action_assign()
        self.assertFalse(self.count(case))

    def test_nothing_of_the_restricted_is_learnt(self):
        learnt = self.env["sig.pqrs"].search([("reason_id", "in", (self.theft | self.camera).ids)])
        self.assertIn(self.theft, self.open(self.make_theft()).suggestion_ids[:])
        learnt[:5].restricted = True
        self.assertFalse(self.open(self.make_theft()).suggestion_ids[:], "199 are left")

    def test_unlikely_is_not_suggested(self):
        self.assertFalse(self.open(self.make_case(subject="Felicitaciones por el aniversario", description=False)).suggestion_ids[:])
        self.theft.active = False
        self.assertNotIn(self.theft, self.open(self.make_theft()).suggestion_ids[:])


class TestTemplateUse(TriageCommon):
    def test_template_is_counted_when_its_answer_is_given(self):
        template = self.env["sig.response.template"].create({"name": "Excusas", "part": "section", "body": "<p>Lo sentimos.</p>"})
        case = self.make_case()
        assignment = self.builder.assign(case, self.operations)
        with Form(assignment.with_user(assignment.user_id)) as form:
            form.template_id = template
        self.builder.draft(assignment)
        self.builder.approve(assignment)
        seen = template.with_user(self.director)
        self.assertEqual(seen.use_count, 0, "it is a draft yet")
        self.builder.send(case)
        seen.invalidate_recordset()
        self.assertEqual((seen.use_count, seen.rated_count), (1, 0))
        self.builder.rate(case, 5)
        seen.invalidate_recordset()
        self.assertEqual((seen.rated_count, seen.well_rated_count), (1, 1))
