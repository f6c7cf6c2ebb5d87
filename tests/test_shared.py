"""What all companies share is changed by who has all of them; a company changes a copy of its own."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.safe_eval import safe_eval

from .common import CaseBuilder, SigCommon, date, real_clock

SHARED = (
    "sig.pqrs.type", "sig.pqrs.reason", "sig.response.template", "sig.survey.dimension", "sig.document",
    "sig.indicator", "sig.privacy.notice", "sig.synonym",
)


@real_clock
class TestShared(SigCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Otra empresa", "country_id": cls.env.ref("base.co").id})
        cls.other_director = CaseBuilder.make_user(cls.env, "shared_other", "Directora de otra", "director", cls.other)
        cls.everywhere = CaseBuilder.make_user(
            cls.env, "shared_everywhere", "Administradora de todas", "administrator",
            company_ids=[Command.set((cls.company | cls.other).ids)],
        )
        cls.type = cls.env["sig.pqrs.type"].search([("code", "=", "queja"), ("company_id", "=", False)])
        cls.other_builder = CaseBuilder(cls.env, cls.other_director, cls.other)

    def give_process(self, record):
        """As the web client offers processes."""
        record = record.with_user(self.everywhere)
        domain = safe_eval(record.fields_get(["process_id"])["process_id"]["domain"], {"company_id": False})
        record.process_id = self.operations & self.operations.with_user(self.everywhere).search(domain)

    def copy_as(self, record, user=None):
        action = record.with_user(user or self.administrator).action_copy_to_company()
        return self.env[record._name].browse(action["res_id"])

    def test_who_has_one_company_of_two_writes_nothing_shared(self):
        models = {model._name for model in self.env.registry.values() if "is_foreign" in model._fields and not model._abstract}
        self.assertEqual(models, set(SHARED))
        for name in SHARED:
            shared = self.env[name].search([("company_id", "=", False)], limit=1)
            record = (shared.copy() if name == "sig.privacy.notice" else shared).with_user(self.administrator)  # a draft
            field = "remarks" if name == "sig.privacy.notice" else "name"
            steps = (
                lambda record=record, field=field: record.write({field: "x"}),
                lambda record=record, field=field: record.update_field_translations(field, {"en_US": "x"}),
                lambda record=record: record.unlink(),
                lambda record=record: record.create({
                    name: value
                    for name, value in {**record.copy_data()[0], "company_id": False, "code": "SHARED", "usage": False}.items()
                    if name in record._fields
                }),
            )
            with self.subTest(name=name):
                self.assertEachRaises(AccessError, *steps)
                self.assertTrue(record.is_foreign)
                self.assertFalse(record.with_user(self.everywhere).is_foreign)
                self.assertTrue(record.with_user(self.everywhere).has_access("write"))

    def test_nothing_is_shared_afterwards(self):
        own = self.copy_as(self.type).with_user(self.administrator)
        self.assertEqual(own.company_id, self.company)
        own.term_days = 9
        self.assertEachRaises(AccessError, lambda: own.write({"company_id": False}))
        own.with_user(self.everywhere).company_id = self.company

    def test_nothing_is_given_to_another_company(self):
        """A holiday of theirs would move their legal terms."""
        foreign = self.other_builder.file({"partner_id": self.contact.id}).sudo()
        before = foreign.date_deadline
        process = self.env["sig.process"].create({"name": "Compras", "code": "COM", "company_id": self.company.id})
        day = self.env["sig.nonworking.day"].create({"date": "2026-12-09", "name": "Día cívico", "company_id": self.company.id})
        plan = self.env["sig.action.plan"].create({"name": "Plan", "company_id": self.company.id, "user_id": self.everywhere.id})
        for record, user in ((process, self.administrator), (day, self.administrator), (plan, self.director)):
            self.assertDenied(record, user, lambda own: own.write({"company_id": self.other.id}))
        self.reload(foreign)
        self.assertEqual(foreign.date_deadline, before)
        everywhere = day.with_user(self.everywhere).with_context(allowed_company_ids=(self.company | self.other).ids)
        everywhere.company_id = self.other

    def test_made_by_hand_it_is_of_the_company(self):
        reason = self.env["sig.pqrs.reason"].with_user(self.administrator).create({"name": "Propio"})
        self.assertEqual(reason.company_id, self.company)
        self.assertFalse(reason.with_user(self.everywhere).create({"name": "De todas"}).company_id)

    def test_a_term_moves_the_cases_of_its_company(self):
        case, foreign = self.make_case(), self.other_builder.file({"partner_id": self.contact.id})
        before = foreign.sudo().date_deadline
        wizard = self.env["sig.calendar.wizard"].with_user(self.administrator).create({"change": "type", "type_id": self.type.id})
        self.assertEachRaises(AccessError, lambda: self.type.with_user(self.administrator).write({"term_days": 5}), wizard.action_preview)
        own = self.copy_as(self.type)
        self.assertEqual((own.code, own.term_days, own.origin_id), (self.type.code, self.type.term_days, self.type))
        self.assertEqual(case.sudo().type_id, own)
        moved = case.sudo().date_deadline
        own.with_user(self.administrator).term_days = 5
        self.reload()
        self.assertLess(case.sudo().date_deadline, moved)
        self.assertEqual((foreign.sudo().type_id, foreign.sudo().date_deadline), (self.type, before))
        self.assertEqual(self.copy_as(self.type), own)  # once

    def test_new_cases_are_of_the_own_type(self):
        own = self.copy_as(self.type)
        self.assertEqual(self.make_case(type_id=self.type.id).sudo().type_id, own)
        self.assertEqual(self.other_builder.file({"type_id": self.type.id}).sudo().type_id, self.type)
        Intake, Type = self.env["sig.pqrs.intake"], self.env["sig.pqrs.type"]
        self.assertEqual([kind in Intake._get_public_types(self.company) for kind in (own, self.type)], [True, False])
        self.assertIn(self.type, Intake._get_public_types(self.other))
        self.assertEqual([Type._get_fallback(each, "queja") for each in (self.company, self.other)], [own, self.type])
        offered = [id_ for id_, _name in Type.with_user(self.director).name_search("", [("code", "=", "queja")])]
        self.assertEqual(offered, own.ids)
        case = self.make_case(type="peticion")
        both = self.other_builder.file({"type": "peticion"}) | self.make_case(type="peticion")
        both = both.with_user(self.everywhere).with_context(allowed_company_ids=(self.company | self.other).ids)
        orders = (both, both[1] | both[0])
        self.assertEachRaises(UserError, *(lambda cases=cases: cases.action_reclassify(self.type.id, "Son quejas.") for cases in orders), said="another company")
        self.as_director(case).action_reclassify(self.type.id, "Es una queja.")
        self.assertEqual(case.sudo().type_id, own)

    def test_a_reason_of_the_company(self):
        reason = self.env["sig.pqrs.reason"].create({"name": "Ronda"})
        case, foreign = self.make_case(reason_id=reason.id), self.other_builder.file({"reason_id": reason.id})
        own = self.copy_as(reason)
        self.assertEqual((case.sudo().reason_id, foreign.sudo().reason_id), (own, reason))
        self.give_process(reason)
        self.assertEqual([bool(reason._get_proposal(each.sudo())) for each in (case, foreign)], [True, False])
        foreign = self.copy_as(reason.with_company(self.other), self.everywhere)
        self.assertFalse(foreign.process_id)
        self.assertEachRaises(UserError, lambda: foreign.write({"process_id": self.operations.id}), said="another company")
        self.assertEqual(self.make_case(reason_id=reason.id).sudo().reason_id, own)
        rows = [
            self.env["sig.finding"]._get_repetition_row(self.company, ["client_id", "reason_id"], [self.client, one], case.sudo())
            for one in (reason, own)
        ]
        self.assertEqual(rows[0]["key"], rows[1]["key"], "what was found stays the same")

    def test_a_goal_of_the_company(self):
        indicator = self.env["sig.indicator"].search([("has_target", "=", True), ("company_id", "=", False), ("frequency", "=", "month")], limit=1)
        Measure = self.env["sig.indicator.measure"]
        measures = {company: Measure.create({
            "indicator_id": indicator.id, "company_id": company.id, "date_from": date(2026, 9, 1), "date_to": date(2026, 9, 30),
        }) for company in (self.company, self.other)}
        own = self.copy_as(indicator)
        own.with_user(self.administrator).write({"target": own.target - 1, "alert_target": own.target - 1})
        self.assertEqual((measures[self.company].indicator_id, measures[self.other].indicator_id), (own, indicator))
        self.assertIn(own, indicator._get_for(self.company))
        self.assertNotIn(indicator, indicator._get_for(self.company))
        self.assertIn(indicator, indicator._get_for(self.other))
        self.give_process(indicator)
        self.assertNotIn(indicator, indicator._get_for(self.other), "it is only of a process of another")

    def test_texts_and_documents_of_the_company(self):
        case, foreign = self.make_case(), self.other_builder.file({})
        template = self.env["sig.response.template"].create({
            "name": "Carta", "part": "opening", "sequence": -5, "body": "<p>Hola</p>", "type_ids": [Command.set(self.type.ids)],
        })
        self.copy_as(self.type)
        self.assertIn(template, template._get_fitting(case.sudo(), "opening"))
        own = self.copy_as(template)
        self.assertIn(own, template._get_fitting(case.sudo(), "opening"))
        self.assertNotIn(template, template._get_fitting(case.sudo(), "opening"))
        self.assertIn(template, template._get_fitting(foreign.sudo(), "opening"))
        document = self.env["sig.document"]._get_for("response", self.company)
        own = self.copy_as(document)
        own.with_user(self.administrator).code = "PROPIO-1"
        self.assertEqual((document._get_for("response", self.company), document._get_for("response", self.other)), (own, document))

    def test_a_questionnaire_of_the_company(self):
        survey = self.env["survey.survey"].search([
            ("survey_type", "=", "sig_satisfaction"), ("sig_company_id", "=", False), ("sig_frozen", "=", False),
        ], limit=1)
        question = survey.question_ids.filtered("sig_dimension_id")[0]
        own_dimension = self.copy_as(question.sig_dimension_id)
        ours = survey.with_user(self.director)
        self.assertTrue(ours.sig_is_foreign)
        vals = {"title": "Otra", "survey_type": "sig_satisfaction"}
        self.assertEachRaises(
            AccessError, lambda: ours.write({"title": "x"}), ours.unlink, lambda: ours.write({"sig_company_id": self.other.id}),
            lambda: ours.create({**vals, "sig_company_id": self.other.id, "user_id": False}),
            lambda: question.with_user(self.director).write({"title": "x"}),
            lambda: question.with_user(self.director).unlink(),
            lambda: question.suggested_answer_ids[:1].with_user(self.director).write({"sig_value": 1}),
            lambda: question.create({"title": "x", "survey_id": survey.id}).with_user(self.director).check_access("create"),
        )
        self.assertFalse(survey.with_user(self.everywhere).sig_is_foreign)
        question.with_user(self.everywhere).title = "¿Cómo lo ve?"
        own = ours.copy()
        self.assertEqual(own.sig_company_id, self.company)
        own.question_ids[0].title = "¿Y usted?"
        self.assertIn(own_dimension, own.sudo()._sig_freeze(self.company).question_ids.sig_dimension_id)
        self.assertEqual(self.env["sig.survey.wave"].with_user(self.director)._get_default_survey(), own)
        self.assertEqual(ours.create(vals).sig_company_id, self.company)
        self.assertEachRaises(AccessError, lambda: own.write({"sig_company_id": False}))
        own.with_user(self.everywhere).sig_company_id = False  # of all, by who has all of them

    def test_handing_over_leaves_what_is_shared(self):
        both = [Command.set((self.company | self.other).ids)]
        collaborator = CaseBuilder.make_user(self.env, "shared_hand", "Colaboradora", "collaborator", company_ids=both)
        reason = self.env["sig.pqrs.reason"].create({"name": "De todas", "user_id": collaborator.id})
        pending = self.env["sig.handover"].with_user(self.director)._get_pending(collaborator, self.company)
        self.assertNotIn("reason", pending)
        self.assertEqual(reason.user_id, collaborator)
