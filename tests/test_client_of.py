"""A current client is one of a company, not of all that share the database."""
from odoo.tools.safe_eval import safe_eval

from .common import CaseBuilder, real_clock
from .test_survey_wave import SurveyCommon


@real_clock
class TestClientOfACompany(SurveyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create({"name": "Otra"})
        cls.other_director = CaseBuilder.make_user(cls.env, "client_director", "Directora de otra", "director", cls.other)
        cls.clients[0].with_company(cls.other).sig_is_client = True

    def test_each_company_has_its_clients(self):
        director, theirs = self.other_director, self.clients[0]
        self.clients[1].sig_is_client = False
        waves = {
            user: self.env["sig.survey.wave"].with_user(user).create({"year": 2026, "semester": "1", "date_start": "2026-06-01"})
            for user in (self.director, director)
        }
        self.assertEqual(waves[self.director]._get_population(), self.clients[0] | self.clients[2])
        self.assertEqual(waves[director]._get_population(), theirs)
        # whoever works in both meanwhile
        self.director.company_ids |= self.other
        wave = waves[director].with_user(self.director).with_context(allowed_company_ids=(self.company | self.other).ids)
        self.assertEqual(wave._get_population(), theirs)

    def test_who_is_invited_to_hera(self):
        director = self.other_director
        for name in ("action_hera_users", "action_survey_partner"):
            domain = safe_eval(self.env.ref(f"sig_pqrs.{name}").domain)
            of = {user: self.env["res.partner"].with_user(user).search(domain) & self.clients for user in (self.director, director)}
            self.assertEqual(of, {self.director: self.clients, director: self.clients[0]}, name)
