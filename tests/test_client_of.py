"""A current client is one of a company, not of all that share the database."""
from pathlib import Path
from runpy import run_path

from odoo.tools.safe_eval import safe_eval

from .common import CaseBuilder
from .test_survey_wave import SurveyCommon


class TestClientOfACompany(SurveyCommon):
    def test_each_company_has_its_clients(self):
        other = self.env["res.company"].create({"name": "Otra"})
        director = CaseBuilder.make_user(self.env, "client_director", "Directora de otra", "director", other)
        theirs = self.clients[0]
        theirs.with_company(other).sig_is_client = True
        self.clients[1].sig_is_client = False
        waves = {
            user: self.env["sig.survey.wave"].with_user(user).create({"year": 2026, "semester": "1", "date_start": "2026-06-01"})
            for user in (self.director, director)
        }
        self.assertEqual(waves[self.director]._get_population(), self.clients[0] | self.clients[2])
        self.assertEqual(waves[director]._get_population(), theirs)
        # whoever works in both meanwhile
        self.director.company_ids |= other
        wave = waves[director].with_user(self.director).with_context(allowed_company_ids=(self.company | other).ids)
        self.assertEqual(wave._get_population(), theirs)

    def test_who_was_a_client_of_all(self):
        """The upgrade gives each to the companies that have to do with them, and nobody to one that has nothing."""
        empty, other, used = self.env["res.company"].create([{"name": name} for name in ("Nueva", "Otra", "Con PQRS")])
        kind = self.env.ref("sig_pqrs.type_queja").id
        for company in (other, used):
            self.env["sig.pqrs"].sudo().create({
                "type_id": kind, "subject": "Ruido", "channel": "phone", "company_id": company.id,
                "client_id": self.clients[0].id if company == other else False,
            })
        self.env.flush_all()
        self.env.cr.execute("ALTER TABLE res_partner ADD COLUMN sig_client boolean")
        self.env.cr.execute("UPDATE res_partner SET sig_client = TRUE WHERE id IN %s", [self.clients[:2]._ids])
        path = Path(__file__).parents[1] / "migrations/19.0.1.5.0/post-client.py"
        run_path(path)["migrate"](self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        companies = self.env["res.company"].search([])

        def get_companies(client):
            return companies.filtered(lambda company: client.with_company(company).sig_is_client)

        self.assertEqual(get_companies(self.clients[0]), other)
        self.assertIn(used, get_companies(self.clients[1]))
        self.assertNotIn(empty, get_companies(self.clients[1]))

    def test_who_is_invited_to_hera(self):
        other = self.env["res.company"].create({"name": "Otra"})
        director = CaseBuilder.make_user(self.env, "client_director", "Directora de otra", "director", other)
        self.clients[0].with_company(other).sig_is_client = True
        for name in ("action_hera_users", "action_survey_partner"):
            domain = safe_eval(self.env.ref(f"sig_pqrs.{name}").domain)
            of = {user: self.env["res.partner"].with_user(user).search(domain) & self.clients for user in (self.director, director)}
            self.assertEqual(of, {self.director: self.clients, director: self.clients[0]}, name)
