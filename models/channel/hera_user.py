from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

INVITATION = "sig_pqrs.mail_hera_invitation"


class HeraUser(models.Model):
    """The users of HERA, which the SIG gives to clients and revokes (procedure 6)."""

    _inherit = "res.partner"

    sig_is_client = fields.Boolean(
        "Current client",
        company_dependent=True,
        help="Of the company in which one works: its contacts are invited to HERA and surveyed.",
        prefetch="sig_pqrs",
    )
    sig_hera_state = fields.Selection(
        [("none", "No HERA user"), ("invited", "Invited"), ("active", "Uses HERA")],
        "HERA",
        compute="_compute_sig_hera_state",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
    )
    sig_hera_colleagues = fields.Boolean(
        "Sees the requests of the whole company",
        compute="_compute_sig_hera_colleagues",
        inverse="_inverse_sig_hera_colleagues",
        search="_search_sig_hera_colleagues",
        compute_sudo=True,
        groups="sig_pqrs.group_sig_director",
        help="In HERA, also those of the other contacts of the company, to read; never those about personal data.",
    )
    sig_hera_colleagues_of = fields.Integer(company_dependent=True, groups=fields.NO_ACCESS, prefetch="sig_pqrs")

    @api.depends("user_ids", "user_ids.active", "user_ids.login_date", "user_ids.company_ids")
    @api.depends_context("company")
    def _compute_sig_hera_state(self):
        for partner in self:
            users = partner._sig_get_hera_users(self.env.company)
            given = "active" if any(users.mapped("login_date")) else "invited"
            partner.sig_hera_state = given if users else "none"

    @api.depends("sig_hera_colleagues_of", "commercial_partner_id")
    @api.depends_context("company")
    def _compute_sig_hera_colleagues(self):
        """A contact who moves to another company does not read its cases until the SIG allows it again."""
        for partner in self:
            partner.sig_hera_colleagues = partner.commercial_partner_id.id == (partner.sig_hera_colleagues_of or None)

    def _inverse_sig_hera_colleagues(self):
        for partner in self.sudo():
            partner.sig_hera_colleagues_of = partner.sig_hera_colleagues and partner.commercial_partner_id.id

    def _search_sig_hera_colleagues(self, operator, _value):
        if operator != "in":
            return NotImplemented
        allowed = self.sudo().with_context(active_test=False).search([("sig_hera_colleagues_of", ">", 0)])
        return Domain("id", "in", allowed.filtered("sig_hera_colleagues").ids)

    def _sig_get_hera_users(self, company):
        users = self.sudo().user_ids
        return users.filtered(lambda user: user.active and user._is_portal() and company in user.company_ids)

    def _sig_proves_address(self):
        """Whether our people wrote the email of the contact, or gave it the user of that name: users of the portal
        change their own email, and that of addresses of their company.
        """
        partner = self.sudo().with_context(active_test=False)
        if users := partner.user_ids:
            given = users.filtered(lambda user: not user.create_uid.share)
            return partner.email_normalized in given.mapped(lambda user: tools.email_normalize(user.login))
        outsiders = partner.search(
            [("commercial_partner_id", "=", partner.commercial_partner_id.id), ("user_ids.share", "=", True)], limit=1
        )
        return not outsiders or (partner.type == "contact" and not partner.create_uid.share)

    def _get_login_date(self):
        """Signed in the links that choose a password: one opens nothing once the address to which it went changed."""
        date = super()._get_login_date()
        return [date, self.email_normalized] if any(self.user_ids.mapped("share")) else date

    def action_sig_hera_invite(self):
        return self._for_each_client(
            lambda partner: partner._sig_hera_invite(), lambda count: self.env._("Invited to HERA: %s.", count)
        )

    def action_sig_hera_revoke(self):
        return self._for_each_client(
            lambda partner: partner._sig_hera_revoke(), lambda count: self.env._("HERA users taken away: %s.", count)
        )

    def _for_each_client(self, step, summary):
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("The SIG gives HERA users and takes them away."))
        self.check_access("write")
        done, problems = self.browse(), []
        for partner in self.sudo():
            try:
                with self.env.cr.savepoint():
                    step(partner)
                done += partner
            except UserError as error:
                problems.append(error.args[0])
        if problems and len(self) == 1:
            raise UserError(problems[0])
        self.env["ir.cron"]._sig_trigger_mails()
        message, kind = "\n".join([summary(len(done)), *problems]), "warning" if problems else "success"
        return self.env["sig.record.mixin"]._show_message(message, kind, closes=True, sticky=bool(problems))

    def _sig_get_any_users(self):
        users = self.with_context(active_test=False).user_ids.sorted(lambda user: (not user.active, user.id))
        if any(user._is_internal() for user in users):
            raise UserError(self.env._("%s is a user of the company itself, not a client.", self.name))
        return users

    def _sig_get_hera_company(self):
        return self.company_id or self.env.company

    def _sig_hera_invite(self):
        company = self._sig_get_hera_company()
        user = self._sig_get_any_users()[:1]
        email = tools.email_normalize(self.email)
        if user.active and user._is_portal() and user.login_date:
            if company in user.company_ids:
                raise UserError(self.env._("%s uses HERA already.", self.name))
            if tools.email_normalize(user.login) not in (False, email):
                text = self.env._("%(login)s enters as %(contact)s: the company that gave that user revokes it first.")
                raise UserError(text % {"login": user.login, "contact": self.name})
            user.company_ids |= company
            self._message_log(body=self.env._("The HERA user opens the requests of %s too.", company.name))
            return
        if not email:
            raise UserError(self.env._("%s: write a valid email first. It is the name of the user.", self.name))
        Users = self.env["res.users"].with_context(active_test=False)
        if Users.search_count([("login", "=", email), ("id", "!=", user.id)], limit=1):
            text = self.env._("%(contact)s: somebody else's user is %(email)s.", contact=self.name, email=email)
            raise UserError(text)
        companies = company | user.company_ids if user.active else company
        own = {"company_id": company.id, "company_ids": [Command.set(companies.ids)]}  # the invitation says who gave it
        if not user:
            values = {"email": email, "login": email, "partner_id": self.id, **own}
            Users = Users.with_context(no_reset_password=True).with_company(company)
            user = Users._create_user_from_template(values)
        elif not user.active:
            user._sig_remove_keys()
        portal, public = self.env.ref("base.group_portal"), self.env.ref("base.group_public")
        user.write(
            {
                # Core warns of each login that is written.
                **({"login": email} if user.login != email else {}),
                "active": True,
                **own,
                "group_ids": [Command.unlink(public.id), Command.link(portal.id)],
            }
        )
        # who deleted their account and comes back would be deleted all the same
        self.env["res.users.deletion"].search([("user_id", "=", user.id), ("state", "=", "todo")]).unlink()
        self.signup_prepare()
        self._send_invitation(user)
        self._message_log(body=self.env._("HERA user %s given; the invitation is on its way.", email))

    def _send_invitation(self, user):
        company = self._sig_get_hera_company()
        self.env.ref(INVITATION).sudo().send_mail(
            user.id,
            email_values={
                "auto_delete": True,
                **company._sig_get_mail_values(),
                "email_from": company._sig_get_sender() or self.env.user.email_formatted,
                "reply_to": company._sig_get_sender(),
            },
            email_layout_xmlid="sig_pqrs.mail_layout",
        )

    def _sig_hera_revoke(self):
        company = self._sig_get_hera_company()
        users = self._sig_get_any_users() & self._sig_get_hera_users(company)
        if not users:
            raise UserError(self.env._("%s has no HERA user.", self.name))
        shared = users.filtered(lambda user: user.company_ids - company)
        for user in shared:
            others = user.company_ids - company
            main = user.company_id & others or others[0]
            user.write({"company_id": main.id, "company_ids": [Command.unlink(company.id)]})
        if revoked := users - shared:
            portal, public = self.env.ref("base.group_portal"), self.env.ref("base.group_public")
            revoked.write({"active": False, "group_ids": [Command.unlink(portal.id), Command.link(public.id)]})
        if not shared:
            self.signup_type = False
        self._message_log(body=self.env._("HERA user revoked."))
