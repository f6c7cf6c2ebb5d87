from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command, Domain


class ResUsers(models.Model):
    _inherit = "res.users"

    sig_signature_image = fields.Image(
        "Signature on letters",
        max_width=600,
        max_height=240,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Printed over your name on the letters that you sign and send.",
    )

    sig_digested_on = fields.Date(readonly=True, copy=False, groups=fields.NO_ACCESS, prefetch="sig_pqrs")

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "sig_signature_image"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "sig_signature_image"]

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._sig_propose_home()
        return users

    @api.model
    @tools.ormcache(cache="groups")
    def _sig_get_role_ids(self):
        """Ids of the groups that are roles of the SIG. Without queries: the host makes users, too."""
        names = ("privilege_sig", *(f"privilege_sig_{name}" for name in ("reader", "audit", "survey")))
        found = [self.env.ref(f"sig_pqrs.{name}", raise_if_not_found=False) for name in names]
        return frozenset(self.env["res.groups.privilege"].union(*filter(None, found)).sudo().group_ids._ids)

    def _sig_filter_staff(self):
        """Who has a role, or had one: work may still wait for them. Reads no table of ours."""
        staff = Domain("sig_digested_on", "!=", False) | Domain("all_group_ids", "in", self._sig_get_role_ids())
        users = self.sudo().with_context(active_test=False)
        return users.search(Domain("id", "in", self.ids) & staff, order="id").with_env(self.env)

    def _sig_filter_people(self):
        return self.filtered(lambda user: user._is_internal() and user.id != SUPERUSER_ID)

    def _sig_filter_active(self, role, company):
        """Active users of the company, or of any where it is empty, with the role. Without queries, once cached."""
        able = self.sudo().filtered(lambda user: user.active and user.has_group(f"sig_pqrs.group_{role}"))
        return able.filtered(lambda user: {*company.ids} <= {*user._get_company_ids()})

    def _sig_filter_able(self, roles, company):
        """Those with one of several roles: see `_sig_filter_active`."""
        return self.browse().union(*(self._sig_filter_active(role, company) for role in roles))

    def _sig_propose_home(self):
        roles = self._sig_get_role_ids()
        users = self.sudo().filtered(lambda user: not roles.isdisjoint(user.group_ids._ids))
        home = users and self.env.ref("sig_pqrs.action_my_work", raise_if_not_found=False)
        if not home:  # the addon is being installed
            return
        privileges = self.env["res.groups"].browse(roles).sudo().privilege_id
        common = self._default_groups().privilege_id | self.env.ref("base.group_partner_manager").privilege_id
        for user in users:
            in_charge = user.has_group("base.group_erp_manager")
            others = user.group_ids.privilege_id - privileges - common
            if not (others or in_charge or user.share or user.action_id):
                user.action_id = home.id

    def write(self, vals):
        if not (vals.get("active", True) or self._sig_is_step()):
            self.filtered("active")._sig_filter_staff()._check_nothing_pending()
        if "company_ids" in vals and not self._sig_is_step():
            kept = {"company_ids": vals["company_ids"]}  # not written yet: who leaves themselves can hand over there
            leaving = self.grouped(lambda user: user.company_ids - user.new(kept, user).company_ids._origin)
            for left in filter(None, leaving):
                leaving[left]._sig_filter_staff()._check_nothing_pending(left)
        staff = self._sig_filter_staff() if self._sig_may_take_roles(vals) else self.browse()
        result = super().write(vals)
        staff._sig_remember_former()
        return result

    def action_archive(self):
        self.filtered("active")._sig_filter_staff()._check_nothing_pending()  # core deletes their activities first
        return super().action_archive()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_pending(self):
        self._sig_filter_staff()._check_nothing_pending()

    @api.model
    def _sig_may_take_roles(self, vals):
        """Without queries, as core takes groups of no role from the users that it makes."""
        commands = [each if isinstance(each, list | tuple) else (Command.SET,) for each in vals.get("group_ids") or ()]
        if any(each[0] not in (Command.LINK, Command.UNLINK) for each in commands):
            return True
        taken = self.env["res.groups"].sudo().browse(each[1] for each in commands if each[0] == Command.UNLINK)
        return not self._sig_get_role_ids().isdisjoint(taken.all_implied_ids._ids)

    def _sig_remember_former(self):
        """Of staff, those who have no role any more: Mi día is not their home, and they count as who had a digest."""
        if lost := self - self._sig_filter_staff():
            lost.sudo().sig_digested_on = self.env.company._sig_today()
        roles, home = self._sig_get_role_ids(), self and self.env.ref("sig_pqrs.action_my_work")
        former = self.sudo().filtered(lambda user: roles.isdisjoint(user.all_group_ids._ids))
        former.filtered(lambda user: user.action_id.id == home.id).action_id = False

    def _check_nothing_pending(self, left=None):
        """Refuse that people leave companies, or are archived, while something waits for them there."""
        blocking, places = self.env["sig.handover"]._get_blocking(self, left) if self else ({}, left)
        if not (blocking and self.has_access("write")):  # else core refuses it
            return
        labels, companies = self.env["sig.handover.wizard.line"]._get_choices("kind"), places or self.company_ids
        worked_in = companies.browse(self.env.user._get_company_ids())
        message = self.env._(
            "Something still waits for these users in %(companies)s. Give it to somebody else first.\n%(pending)s",
            companies=", ".join(companies.mapped("name")),
            pending="\n".join(f"{user.name}: {', '.join(map(labels.get, kinds))}" for user, kinds in blocking.items()),
        )
        if not (companies & worked_in and self.env.user.has_group("sig_pqrs.group_sig_director")):
            self._refuse_without_role(message, companies)
        shown = {
            "default_user_id": next(iter(blocking)).id,
            "default_archive_user": not (left or companies - worked_in),
            "allowed_company_ids": ((self.env.companies | companies) & worked_in).ids,
        }
        action, button = self.env.ref("sig_pqrs.action_handover_wizard"), self.env._("Hand over what is pending")
        raise RedirectWarning(message, action.id, button, shown)

    def _refuse_without_role(self, message, companies):
        able = self.env.ref("sig_pqrs.group_administrator").sudo().all_user_ids.filtered("active") - self
        if names := ", ".join(able.filtered(lambda user: user.company_ids & companies).mapped("name")):
            args = {"message": message, "names": names}
            raise UserError(self.env._("%(message)s\n\nAn administrator of the SIG hands it over: %(names)s.", **args))
        text = self.env._("%s\n\nGive the role of administrator of the SIG to who follows: they hand it over.", message)
        raise RedirectWarning(text, self.env.ref("base.action_res_users").id, self.env._("Open the users"))

    def _sig_has_all_companies(self):
        self.ensure_one()
        companies = self.sudo().company_ids
        others = Domain("id", "not in", companies.ids)
        return self.has_group("base.group_system") or not companies.search_count(others, limit=1)

    def _sig_get_invitation_days(self):
        parameters = self.env["ir.config_parameter"].sudo()
        return max(1, int(parameters.get_param("auth_signup.signup.validity.hours", 144)) // 24)
