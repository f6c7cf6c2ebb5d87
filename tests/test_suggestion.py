"""The reason of a petition is suggested in triage, by the words of earlier ones."""


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
        petitions = [{"subject": subject, "description": False, "reason_id": reason.id} for reason, subject in asked]
        cls.builder.assign(cls.builder.file(petitions * 34), cls.operations)

    def make_theft(self, **vals):
        return self.make_case(subject="Hurto de bicicletas", description="Desapareció del parqueadero", **vals)

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

    def test_what_a_person_chose_is_not_questioned(self):
        form = self.open(self.make_theft(reason_id=self.camera.id))
        self.assertEqual((form.reason_id, form.suggestion_ids[:]), (self.camera, self.env["sig.pqrs.reason"]))

    def test_nothing_of_the_restricted_is_learnt(self):
        learnt = self.env["sig.pqrs"].search([("reason_id", "in", (self.theft | self.camera).ids)])
        self.assertIn(self.theft, self.open(self.make_theft()).suggestion_ids[:])
        learnt[:5].restricted = True
        self.assertFalse(self.open(self.make_theft()).suggestion_ids[:], "199 are left")
