"""What an upgrade from 19.0.1.4.0 makes of the types and texts that companies edit, of their codes and of what passes limits."""

import importlib.util
import json

from odoo.tools import file_path

from .common import SigCommon, date, freeze_time


def load(script):
    spec = importlib.util.spec_from_file_location("sig_pqrs_migration", file_path(f"sig_pqrs/migrations/{script}.py"))
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    return migration


class TestUpgrade(SigCommon):
    def migrate(self, script):
        self.env.flush_all()
        load(f"19.0.2.0.0/{script}").migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()

    def test_a_document_with_the_code_of_a_new_one_takes_its_place(self):
        shipped = self.env.ref("sig_pqrs.document_transfer")
        self.env["ir.model.data"].search([("name", "=", "document_transfer")]).unlink()
        shipped.unlink()
        own = self.env["sig.document"].create({"name": "Traslado", "code": "FOR-SIG-PQRS-11", "company_id": False})
        self.migrate("pre-documents")
        self.env.registry.clear_cache()
        self.assertEqual((self.env.ref("sig_pqrs.document_transfer"), own.usage), (own, "transfer"))

    def test_rows_beyond_a_limit(self):
        plan = self.env["sig.action.plan"].with_user(self.director).create({
            "name": "Plan", "process_id": self.operations.id, "user_id": self.leader.id,
        })
        line = plan.line_ids.create({"plan_id": plan.id, "name": "x", "user_id": self.leader.id, "date_due": "2027-01-01"})
        review = self.env["sig.management.review"].with_user(self.director).create({})
        indicator = self.env["sig.indicator"].search([], limit=1)
        wave = self.env["sig.survey.wave"].with_user(self.director).create({"name": "Ola", "date_end": "2026-12-01"})
        constraints = {
            line: ("progress_range", "progress = 120"), review: ("length", "date_from = '2020-01-01', date_to = '2026-06-30'"),
            indicator: ("baseline", "baseline_from = '2026-01-01', baseline_to = NULL"),
            wave: ("year_range", "year = 26"),
        }
        self.env.flush_all()
        for record, (name, values) in constraints.items():
            self.env.cr.execute(f"ALTER TABLE {record._table} DROP CONSTRAINT {record._table}_{name}")
            self.env.cr.execute(f"UPDATE {record._table} SET {values} WHERE id = {record.id}")
        self.migrate("pre-limits")
        self.assertEqual((line.progress, review.date_from, indicator.baseline_from), (100, date(2023, 7, 1), False))
        self.assertEqual(wave.year, 2026)


@freeze_time("2026-11-06 15:00:00")
class TestLawMigration(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.migration = load("19.0.1.5.0/post-law")

    def migrate(self):
        self.env.flush_all()
        self.migration.migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()

    def as_of_before(self, record, field, text):
        """Write a text as the database of before holds it."""
        self.env.flush_all()
        self.env.cr.execute(f"UPDATE {record._table} SET {field} = %s WHERE id = %s", [json.dumps(text), record.id])
        self.env.invalidate_all()

    def test_texts(self):
        for xmlid, field, changes in (
            *((xmlid, "body", changes) for xmlid, changes in self.migration.TEMPLATES.items()),
            *((xmlid, "body_html", changes) for xmlid, changes in self.migration.MAILS.items()),
        ):
            record = self.env.ref(f"sig_pqrs.{xmlid}")
            shipped = record.with_context(lang="en_US")[field]
            own = "<p>Own</p>"
            old = {"en_US": own + changes[0][0], "es_CO": own + changes[-1][0]}
            self.as_of_before(record, field, old)
            self.migrate()
            with self.subTest(xmlid):
                texts = {lang: str(record.with_context(lang=lang)[field]) for lang in old}
                self.assertEqual(texts, {"en_US": own + changes[0][1], "es_CO": own + changes[-1][1]})
                self.assertIn(changes[0][1], str(shipped), "what is shipped now")

    def test_a_refusal_of_footage_that_is_the_company_s_own(self):
        template = self.env.ref("sig_pqrs.template_section_reserve")
        name, text = {"en_US": self.migration.NAMES[0][0]}, {"en_US": "<p>No se entrega</p>"}
        template.resolution = "not_upheld"
        self.as_of_before(template, "name", name)
        self.as_of_before(template, "body", text)
        self.migrate()
        self.assertEqual((template.resolution, template.name), ("not_upheld", name["en_US"]))
        self.as_of_before(template, "body", {"en_US": self.migration.TEMPLATES["template_section_reserve"][0][0]})
        self.migrate()
        self.assertEqual((template.resolution, template.name), ("partially_upheld", self.migration.NAMES[0][1]))

    def test_open_cases_follow(self):
        """An extension that the law does not give, and a notice that is not owed."""
        kind = self.env.ref("sig_pqrs.type_datos_reclamo")
        claim = self.make_case(type="datos_reclamo").with_user(self.director)
        claim.action_request_information("El documento")
        self.builder.tell(claim)
        kind.completion_extension_months = 2
        claim.action_extend_completion("Lo pidió")
        self.assertEqual(claim._get_duty_date("complete"), date(2027, 3, 8))
        theft = self.make_case(involves_staff=True, involves_incident=True)
        self.assertEqual(theft.next_duty, "regulator")
        self.env.flush_all()
        self.env.cr.execute("UPDATE sig_pqrs SET involves_staff = FALSE WHERE id = %s", [theft.id])
        self.env.cr.execute("ALTER TABLE sig_pqrs_act DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE sig_pqrs_act SET data = data || '{\"staff\": false}' WHERE pqrs_id = %s AND kind = 'incident_flagged'",
            [theft.id],
        )
        self.migrate()
        self.assertEqual(claim._get_duty_date("complete"), date(2027, 1, 6))
        self.assertNotEqual(theft.next_duty, "regulator")
        kind = self.env.ref("sig_pqrs.activity_regulator")
        self.assertFalse(theft.sudo().activity_ids.filtered(lambda activity: activity.activity_type_id == kind))
