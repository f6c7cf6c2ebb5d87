"""A guest in somebody's Odoo: what others have works as without us, also while only their modules are loaded."""
import re

from odoo.addons.base.models.ir_rule import IrRule
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.sql_db import Cursor
from odoo.tests import new_test_user
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .common import CaseBuilder, SigCommon, real_clock

MODULE = "sig_pqrs"


@real_clock
class TestHost(SigCommon):
    def get_foreign_models(self):
        return [self.env[name] for name, model in self.env.registry.items() if model._original_module != MODULE and not model._abstract]

    def iter_fields(self, model, domain):
        for condition in domain.iter_conditions():
            current, value = model, condition.value
            for name in condition.field_expr.split("."):
                field = current._fields[name]
                yield field
                if field.relational:
                    current = self.env[field.comodel_name]
            if isinstance(value, Domain):
                yield from self.iter_fields(current, value)

    def test_rules_on_models_of_others_need_nothing_of_ours(self):
        """Modules that load before ours evaluate them as the users that their data name."""
        data = self.env["ir.model.data"].search([("module", "=", MODULE), ("model", "=", "ir.rule")])
        rules = self.env["ir.rule"].browse(data.mapped("res_id"))
        foreign = {model._name: model for model in self.get_foreign_models()}
        rules = rules.filtered(lambda rule: rule.model_id.model in foreign)
        self.assertTrue(rules)
        for user in (self.director, self.leader, self.employee, self.env.ref("base.user_admin")):
            context = IrRule._eval_context(self.env["ir.rule"].with_user(user))
            for rule in rules:
                domain = Domain(safe_eval(rule.domain_force, context))
                for field in self.iter_fields(foreign[rule.model_id.model], domain):
                    self.assertNotEqual(set(field._modules), {MODULE}, f"{rule.name}: {field}")

    def test_columns_in_tables_of_others_need_no_value(self):
        """Modules that load before ours create companies, users and contacts."""
        ours = {
            (model._table, name) for model in self.get_foreign_models()
            for name, field in model._fields.items() if field.store and set(field._modules) == {MODULE}
        }
        self.assertIn(("res_company", "sig_tz"), ours)
        self.env.cr.execute(
            """SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL"""
        )
        self.assertFalse(ours & set(self.env.cr.fetchall()))
        self.env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'res_company'")
        theirs = [name for name, in self.env.cr.fetchall() if name not in ("id", "name") and ("res_company", name) not in ours]
        columns = SQL(", ").join(map(SQL.identifier, theirs))
        self.env.cr.execute(
            SQL("INSERT INTO res_company (name, %s) SELECT 'Antes', %s FROM res_company LIMIT 1 RETURNING id", columns, columns)
        )
        company = self.env["res.company"].browse(self.env.cr.fetchone()[0])
        for name in ("sig_tz", "sig_survey_basis", "sig_policy_days", "sig_low_rating"):
            self.assertEqual(company[name], self.company._fields[name].default(company), name)

    def test_officers_of_surveys_make_questions_of_no_survey_and_none_of_ours(self):
        officer = CaseBuilder.make_user(self.env, "host_officer", "Oficial de encuestas", None)
        officer.group_ids |= self.env.ref("survey.group_survey_manager")
        ours = self.env["survey.survey"].search([("survey_type", "=", "sig_satisfaction")], limit=1)
        Question, Answer = (self.env[name].with_user(officer) for name in ("survey.question", "survey.question.answer"))
        question = Question.create({"title": "¿Qué tal?", "question_type": "simple_choice"})
        answer = Answer.create({"value": "Bien", "sig_value": 4})
        answer.question_id = question
        self.assertEachRaises(
            AccessError, lambda: question.write({"survey_id": ours.id}),
            lambda: answer.write({"question_id": ours.question_ids[0].id}),
        )
        self.reload()
        self.assertFalse(question.survey_id)
        self.assertEqual(answer.question_id, question)

    def test_work_of_others_reads_no_table_of_ours(self):
        """``dev/bench --host`` counts the queries; `dev/core` those of core's tests."""
        host = new_test_user(self.env, "host_user", "base.group_user,base.group_partner_manager")
        firm, other, ana = self.env["res.partner"].create([{"name": name} for name in ("Firma", "Otra firma", "Ana")])
        ana.activity_schedule("mail.mail_activity_data_todo", user_id=host.id)
        self.env.flush_all()
        queries, execute = [], Cursor.execute

        def watched(cr, query, *args, **kwargs):
            queries.append(query.code if isinstance(query, SQL) else str(query))
            return execute(cr, query, *args, **kwargs)

        self.patch(Cursor, "execute", watched)
        mine = ana.with_user(host)
        mine.message_post(body="Hola", message_type="comment")
        mine.parent_id = firm
        mine.write({"parent_id": other.id, "is_company": False})
        mine.activity_ids.action_feedback(feedback="Hecho")
        company = self.env["res.company"].create({"name": "De otros negocios"})
        colleague = new_test_user(self.env, "host_colleague", "base.group_user", company_id=company.id, company_ids=company.ids)
        colleague.with_user(self.env.ref("base.user_admin")).action_archive()
        self.env["mail.thread"].message_process(
            "res.partner", "From: Eva <eva@example.com>\nTo: x@example.com\nSubject: Hola\nMessage-Id: <host@example.com>\n\nHola\n"
        )
        self.env["survey.survey"].create({"title": "De otros", "question_ids": [(0, 0, {"title": "¿Qué tal?"})]})
        self.env.flush_all()
        self.assertTrue(queries)
        self.assertFalse([query for query in queries if re.search(r'(FROM|JOIN|INTO|UPDATE) "?sig_', query)])
