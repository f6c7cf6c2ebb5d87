"""What an upgrade from 19.0.1.4.0 makes of the types and texts that companies edit."""

import importlib.util
import json

from odoo.tools import file_path

from .common import SigCommon, date, freeze_time


@freeze_time("2026-11-06 15:00:00")
class TestLawMigration(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = file_path("sig_pqrs/migrations/19.0.1.5.0/post-law.py")
        spec = importlib.util.spec_from_file_location("sig_pqrs_post_law", path)
        cls.migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cls.migration)

    def migrate(self):
        self.env.flush_all()
        self.migration.migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()

    def as_of_before(self, record, field, text):
        """Write a text as the database of before holds it."""
        self.env.flush_all()
        self.env.cr.execute(f"UPDATE {record._table} SET {field} = %s WHERE id = %s", [json.dumps(text), record.id])
        self.env.invalidate_all()

    def test_types(self):
        kinds = self.env["sig.pqrs.type"].with_context(active_test=False)
        shipped = kinds.search([("company_id", "=", False)])
        names = ("completion_extension_months", "recourse_authority", "regulator_notice")
        expected = {kind: [kind[name] for name in names] for kind in shipped}
        own = kinds.create({"name": "Propia", "code": "propia", "requirement_allowed": True, "completion_months": 2})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sig_pqrs_type SET completion_extension_months = NULL, recourse_authority = NULL, regulator_notice = NULL"
        )
        self.migrate()
        for kind, values in expected.items():
            with self.subTest(kind.code):
                self.assertEqual([kind[name] for name in names], values)
        self.assertEqual(own.completion_extension_months, 2, "as it was")
        self.assertIn("Vigilancia", own.recourse_authority)
        self.assertIn("demás autoridades", own.with_context(lang="es_CO").regulator_notice)

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
