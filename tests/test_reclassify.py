"""The type of a case changed: what it would move is shown before, and what is lost is told and recorded."""

from .common import SigCommon, date, moment


class TestReclassify(SigCommon):
    def kind(self, code):
        return self.env.ref(f"sig_pqrs.type_{code}")

    def preview(self, case, kind):
        wizard = self.open_step(case, "reclassify")
        wizard.type_id = kind
        return wizard

    def test_preview_of_the_dates(self):
        case = self.make_case(moment(self.company, date(2026, 11, 20)), type="queja")
        wizard = self.preview(case, self.kind("informacion"))
        self.assertEqual(case.date_deadline, date(2026, 12, 14))
        self.assertIn("14/12/2026 → 04/12/2026", wizard.term_preview)
        self.assertNotIn("text-danger", wizard.term_preview)
        wizard.reason = "Pide copias"
        wizard.save().action_confirm()
        self.assertEqual((case.date_deadline, case.sudo().act_ids[-1].data["warnings"]), (date(2026, 12, 4), []))
        self.assertIn("as before", self.preview(case, self.kind("informacion").copy({"code": "otra"})).term_preview)

    def test_term_that_lapsed_already(self):
        """The shorter term is over: allowed, with a warning, and marked in the act."""
        case = self.make_case(moment(self.company, date(2026, 11, 5)), type="queja")
        wizard = self.preview(case, self.kind("informacion"))
        self.assertIn("With the new type the term lapsed already, on 20/11/2026.", wizard.term_preview)
        wizard.reason = "Pide copias"
        wizard.save().action_confirm()
        act = case.sudo().act_ids[-1]
        self.assertEqual(act.data["warnings"], ["lapsed"])
        self.assertIn("lapsed already", act.note)
        self.assertEqual((case.deadline_state, self.get_silence(case)), ("overdue", "happened"))
        self.assertIn("Not answered by 20/11/2026", self.preview(case, self.kind("queja")).term_preview)
        case.action_reclassify(self.kind("queja").id, "Es una queja")
        self.assertEqual(case.sudo().act_ids[-1].data["warnings"], ["silence"])
        self.assertChain(case)

    def test_what_no_longer_counts(self):
        case = self.make_case(moment(self.company, date(2026, 11, 20)), type="queja")
        case.action_extend(5, "Faltan pruebas")
        case.action_request_information("La fecha")
        kind = self.kind("felicitacion")
        self.assertFalse(kind.extension_days or kind.requirement_allowed)
        text = self.preview(case, kind).term_preview
        self.assertHolds(text, "suspended →", "does not stop the term: this type allows none")
        self.assertIn("does not count: this type allows none", text)
        case.action_reclassify(kind.id, "Es un agradecimiento")
        self.assertEqual(case.sudo().act_ids[-1].data["warnings"], ["extension_ignored", "requirement_ignored"])
        self.assertFalse(case.suspended)
        explanation = self.explain(case)
        self.assertHolds(explanation, "does not stop the term: this type allows none", "does not count: this type allows none")
        self.assertNotIn("We need more time", self.see(case.sudo())["story"])

    def test_authority(self):
        case = self.make_case(type="queja")
        wizard = self.preview(case, self.kind("autoridad"))
        self.assertFalse(wizard.term_preview)
        wizard.authority_deadline = "2026-11-30 17:00:00"
        self.assertIn("→ 30/11/2026", wizard.term_preview)
        wizard.type_id, wizard.reason = self.kind("informacion"), "Pide copias"
        wizard.save().action_confirm()
        self.assertFalse(case.authority_deadline, "it was typed for another type")

    def test_extension_shows_its_date_before_it_is_made(self):
        case = self.make_case(moment(self.company, date(2026, 11, 20)), type="queja")
        form = self.open_step(case, "extend")
        form.days = 5
        text = form.term_preview
        self.assertNotIn("suspended", text)
        form.days = case.type_id.extension_days + 1
        self.assertFalse(form.term_preview, "more than the law allows has no date")
        form.days = 5
        form.reason = "Faltan pruebas"
        form.save().action_confirm()
        self.assertIn(f"14/12/2026 → {case.date_deadline:%d/%m/%Y}", text)
        self.assertEqual(case.date_deadline, date(2026, 12, 21))
