"""Companies of one database: walls that are checked model by model, so that a new one has them too."""
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged

from ..tools import periods
from .common import SigCommon, brief_refusals, date

#: models of ours without a company of their own, and why nobody reads a foreign one
WITHOUT = {
    "sig.document.revision",  # by the rule of its document
    "sig.pqrs.request",  # by the rule of its case
    "sig.pqrs.submission",  # nobody reads it: digests that are forgotten soon
    "sig.rate.limit",  # nobody reads it: counters of an hour
}
#: links to what is of a company that core does not check, and why that opens nothing
UNCHECKED = {
    ("sig.pqrs.act", "pqrs_id"),  # appended by one door alone, with the company of its case
    ("sig.pqrs.mail", "pqrs_id"),  # a mail to the box of one company may answer a case of another; the SIG of each reads its own
}


def get_tables(env):
    """Models of ours that are stored for good."""
    return [
        env[name] for name, model in sorted(env.registry.items())
        if name.startswith("sig.") and not model._abstract and not model._transient
    ]


@tagged("post_install", "-at_install")
class TestWalls(TransactionCase):
    def test_every_model_is_of_a_company(self):
        self.assertEqual({model._name for model in get_tables(self.env) if "company_id" not in model._fields}, WITHOUT)

    def test_every_model_has_a_rule_for_everybody(self):
        """A rule without groups holds for all, whatever other rules give."""
        rules = self.env["ir.rule"].search([("groups", "=", False)]).grouped("model_id")
        missing = []
        for model in get_tables(self.env):
            own = rules.get(self.env["ir.model"]._get(model._name), ())
            walls = [rule for rule in own if "company_ids" in rule.domain_force and rule.active]
            if "company_id" in model._fields and not walls:
                missing.append(model._name)
        self.assertFalse(missing)

    def test_every_model_checks_companies(self):
        missing = [model._name for model in get_tables(self.env) if "company_id" in model._fields and not model._check_company_auto]
        self.assertFalse(missing)

    def test_every_link_stays_in_its_company(self):
        """Stored links to what is of a company are checked when they are written."""
        missing = set()
        for model in get_tables(self.env):
            for name, field in model._fields.items() if "company_id" in model._fields else ():
                if field.type not in ("many2one", "many2many") or not field.store or field.related or field.compute:
                    continue
                if (model._fields["company_id"].related or "").startswith(f"{name}."):
                    continue  # it gives the company
                comodel = self.env[field.comodel_name]
                if name != "company_id" and comodel._name.startswith("sig.") and "company_id" in comodel._fields and not field.check_company:
                    missing.add((model._name, name))
        self.assertEqual(missing, UNCHECKED)


class TestForeignCompany(SigCommon):
    """Records of every kind of one company, and the people of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls.builder.send(cls.builder.answer(cls.builder.file({
            "partner_id": cls.contact.id, "document_type": "cc", "document_number": "79555444",
        }), cls.operations))
        cls.builder.rate(case, 1, "Mal")
        reserved = cls.builder.file({"partner_id": cls.contact.id, "identity_reserved": True})
        cls.builder.assign(reserved, cls.operations)
        cls.builder.promise(reserved.assignment_ids, "Reponer la lámpara", "2026-12-01")
        case._notify_client("new_date", "Prueba")
        case.write({"restricted": True})
        cls.env["sig.evidence.pack"].with_user(cls.director)._request(reserved)
        Wizard = cls.env["sig.person.wizard"]
        asked = {"partner_id": cls.contact.id, "reason": "Vino"}
        Wizard.with_user(cls.director).create(asked).action_export()
        Wizard.with_user(cls.administrator).create(asked).action_simulate_erasing()
        cls.env["sig.indicator"].search([], limit=1)._measure(cls.company, periods.containing(date(2026, 10, 1), "month"))
        cls.env["sig.audit.access"].with_user(cls.director).create({
            "user_id": cls.employee.id, "company_id": cls.company.id, "date_from": "2026-11-24", "date_to": "2026-11-30", "reason": "Auditoría",
        })
        cls.env["sig.response.template"].create({"name": "x", "body": "<p>x</p>", "company_id": cls.company.id})
        cls.env["sig.pqrs.reason"].create({"name": "x", "company_id": cls.company.id})
        cls.env.ref("sig_pqrs.privacy_notice_1").copy({"company_id": cls.company.id})
        other = cls.env["res.company"].create({"name": "Otra", "country_id": cls.env.ref("base.co").id})
        cls.strangers = [
            cls.builder.make_user(cls.env, f"otra_{role}", f"{role} de otra", role, other, lang="en_US")
            for role in ("administrator", "director", "leader", "collaborator", "management", "interviewer", "auditor")
        ]
        cls.other = other

    def test_nobody_of_another_company_reads_anything(self):
        self.startPatcher(brief_refusals(self.registry))
        both = (self.company | self.other).ids
        seen = set()
        for model in get_tables(self.env):
            records = "company_id" in model._fields and model.sudo().with_context(active_test=False).search([("company_id", "=", self.company.id)], limit=3)
            if not records:
                continue
            seen.add(model._name)
            for user in self.strangers:
                own = model.with_user(user).with_context(active_test=False)
                if not own.has_access("read"):
                    continue
                with self.subTest(model._name, user=user.login):
                    self.assertFalse(own.search(Domain("id", "in", records.ids)))
                    foreign = own.browse(records.ids)
                    outside = own.with_context(allowed_company_ids=both)
                    self.assertDenied(foreign, user, lambda own: own.read(["id", "display_name"]))
                    self.assertDenied(outside, user, lambda own: own.search([]))
                    self.assertDenied(foreign, user, lambda own: own.export_data(["id"]), error=UserError)
                    names = own.name_search("", limit=None)
                    self.assertFalse({id_ for id_, _name in names} & {*records.ids})
        self.assertGreater(len(seen), 15, seen)
