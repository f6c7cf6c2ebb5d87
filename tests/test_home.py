"""Where people start after login."""

from odoo.addons.sig_pqrs.demo.builder import CaseBuilder

from .common import SigCommon, real_clock


@real_clock
class TestHome(SigCommon):
    def make(self, login, role, **vals):
        return CaseBuilder.make_user(self.env, login, login, role, **vals)

    def test_who_starts_here(self):
        home = self.env.ref("sig_pqrs.action_my_work")
        for role in ("collaborator", "leader", "director", "management"):
            self.assertEqual(self.make(f"home_{role}", role).action_id.id, home.id, role)

    def test_who_does_not(self):
        sig = self.env.ref("sig_pqrs.group_collaborator")
        other = self.env["res.groups"].create(
            {"name": "Otra", "privilege_id": self.env["res.groups.privilege"].create({"name": "Otra"}).id}
        )
        users = [
            self.make("home_employee", None), self.make("home_seller", None, group_ids=[(6, 0, (sig | other).ids)]),
            self.make("home_system", None, group_ids=[(6, 0, (sig | self.env.ref("base.group_system")).ids)]),
            self.make("home_portal", None, group_ids=[(6, 0, self.env.ref("base.group_portal").ids)]),
        ]
        for user in users:
            self.assertFalse(user.action_id, user.login)

    def test_own_choice_stays(self):
        chosen = self.env.ref("base.action_partner_form")
        user = self.make("home_chosen", "director", action_id=chosen.id)
        self.assertEqual(user.action_id.id, chosen.id)
