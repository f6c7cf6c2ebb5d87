"""A confirmed figure that turns out to be wrong: it is corrected in the open, by the SIG, and goes to QVO again."""

from io import BytesIO

import openpyxl

from odoo.exceptions import UserError

from .common import date, freeze_time
from .test_finding import ImprovementCommon

REASON = "Se reabrió la PQRS: la respuesta no era de fondo."


@freeze_time("2026-11-03 15:00:00")
class TestIndicatorCorrection(ImprovementCommon):
    def confirm(self, measure):
        measure = measure.with_user(self.director)
        if measure.needs_analysis:
            measure.analysis = "Vacante del analista"
        measure.action_confirm()
        return measure

    def make_wrong(self):
        """A figure of 100 % that was registered, and of which a case was reopened since."""
        self.make_answered(date(2026, 9, 23), date(2026, 10, 1))
        case = self.make_answered(date(2026, 9, 21), date(2026, 10, 2))
        measure = self.confirm(self.measure("on_time", date(2026, 10, 1)))
        measure.action_register("QVO, acta 31")
        self.assertFalse(measure.today_text, "nothing changed")
        case.with_user(self.director).action_reopen("Faltaba una parte", "correction")
        self.env["sig.pqrs"]._refresh_deadline_state(self.company)
        self.reload()
        return measure

    def test_shown(self):
        """A confirmed figure says when it is not what today's data would make; that alone changes nothing."""
        measure = self.make_wrong()
        self.assertEqual((measure.value, measure.state), (100, "registered"))
        self.assertEqual(measure.today_text.replace(",", "."), "50.0\u00a0% (1 of 2)")
        month = self.env["sig.indicator.month.wizard"].with_user(self.director).create({"date": "2026-10-01"})
        self.assertGreaterEqual(month.differing_count, 1)
        self.assertRegex(month.display_name, r"^oct\w+ 2026", "the title of the page")

    def test_corrected(self):
        measure = self.make_wrong()
        records = measure._get_record_ids("hits")
        self.get_indicator("on_time").write({"target": 40, "alert_target": 30})
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        self.assertEqual(measure.target, 95, "that which it was confirmed with")
        self.assertEqual((measure.numerator, measure.denominator, measure.value), (1, 2, 50))
        self.assertEqual((measure.status, measure.state, bool(measure.correction_ids)), ("missed", "confirmed", True))
        self.assertFalse(measure.today_text or measure.date_registered or measure.registration_evidence)
        [old] = measure.correction_ids
        self.assertEqual((old.value, old.value_text.replace(",", "."), old.state, old.reason), (100, "100.0\u00a0%", "registered", REASON))
        self.assertEqual((old.user_id, old.registered_by_id, old.registration_evidence), (self.director, self.director, "QVO, acta 31"))
        self.assertEqual(sorted(old.sudo().records["hits"]), sorted(records), "its cases stay too")
        self.assertTrue([message for message in measure.message_ids if REASON in message.body])
        self.assertEqual(self.get_findings("missed", process_id=False).measure_ids & measure, measure, "it is judged again")
        self.assertEachRaises(UserError, lambda: measure.action_correct(REASON), said="nothing to correct")

    def test_registered_again(self):
        measure = self.make_wrong()
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        rows = list(openpyxl.load_workbook(BytesIO(measure._write_register()))["Indicadores"].iter_rows(values_only=True))
        cells = dict(zip(rows[0], rows[1], strict=True))
        self.assertEqual((cells["Resultado"], cells["Resultado anterior"]), (50, 100))
        self.assertIn(cells["Corregida"], ("corrected", "Corregida"), "in Spanish where it is installed")
        self.assertEqual(cells["Motivo de la corrección"], REASON)
        with freeze_time("2026-11-26 15:00:00"):
            late = self.env["sig.indicator.measure"].search(measure._get_unregistered_domain(self.company))
        self.assertIn(measure, late, "the corrected figure is not in QVO yet")
        measure.action_register("QVO, acta 32")
        self.assertEqual((measure.state, measure.registration_evidence), ("registered", "QVO, acta 32"))
        other = self.confirm(self.measure("received", date(2026, 10, 1)))
        rows = list(openpyxl.load_workbook(BytesIO(other._write_register()))["Indicadores"].iter_rows(values_only=True))
        self.assertIsNone(dict(zip(rows[0], rows[1], strict=True))["Corregida"])

    def test_refused(self):
        draft = self.measure("received", date(2026, 10, 1)).with_user(self.director)
        measure = self.make_wrong()
        self.assertEachRaises(
            UserError, lambda: draft.action_correct(REASON), *(lambda bad=bad: measure.action_correct(bad) for bad in ("", "  ", None, 5))
        )
        self.assertEachRaises(UserError, lambda: measure.action_correct(REASON), said="write the analysis first")
        action = (draft | measure).with_context(default_step="correct").action_open_step()
        dialog = self.env[action["res_model"]].with_user(self.director).with_context(**action["context"])
        self.assertEachRaises(UserError, dialog.create({"reason": REASON}).action_confirm, said="one figure at a time")
        self.assertEqual((measure.value, measure.state, bool(measure.correction_ids)), (100, "registered", False))
        self.get_indicator("on_time").unit = "count"  # another formula
        self.assertFalse(measure.today_text, "figures of another formula do not compare")
        self.assertEachRaises(UserError, lambda: measure.action_correct(REASON, analysis="x"), said="formula")

    def test_nobody_changes_a_correction(self):
        measure = self.make_wrong()
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        correction, people = measure.correction_ids, self.director | self.administrator
        self.assertDenied(
            correction, people, lambda own: own.write({"reason": "Otra"}), lambda own: own.unlink(),
            lambda own: own.create({"measure_id": measure.id, "reason": "x"}), error=UserError,
        )
        self.assertDenied(measure, people, lambda own: own.write({"correction_ids": [(5,)]}), error=UserError)
        self.assertEachRaises(UserError, lambda: correction.sudo().write({"value": 1}), correction.sudo().unlink)

    def test_roles(self):
        measure = self.make_wrong()
        own = self.confirm(self.get_measure("on_time", date(2026, 10, 1), self.operations))
        measure.action_correct(REASON, analysis="Una respuesta no era de fondo.")
        others = self.leader | self.management | self.collaborator | self.employee | self.portal
        for one in (measure, own):
            self.assertDenied(one, others, lambda own: own.action_correct(REASON, analysis="x"))
        Correction = self.env["sig.indicator.correction"]
        self.assertFalse(Correction.with_user(self.leader).search([]), "of the company, not of a process")
        self.assertEqual(Correction.with_user(self.management).search([]), measure.correction_ids)
        self.assertDenied(Correction, self.collaborator, lambda own: own.search([]))
