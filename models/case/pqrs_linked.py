from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain


class PqrsLinked(models.Model):
    """Cases that tell of each other: one that came out of another, and one that repeats another.

    Who reads one may not read the other: the links are the SIG's, and everybody else sees the cases they may read. What
    a duplicate tells its petitioner names the case that goes on, so it is read by nobody who may not read that one.
    """

    _inherit = "sig.pqrs"

    origin_id = fields.Many2one(
        "sig.pqrs",
        "Comes from",
        readonly=True,
        index="btree_not_null",
        groups="sig_pqrs.group_sig_director",
        check_company=True,
        help="Whose petitioner wrote again.",
    )
    duplicate_of_id = fields.Many2one(
        "sig.pqrs",
        "Goes on in",
        readonly=True,
        index="btree_not_null",
        groups="sig_pqrs.group_sig_director",
        check_company=True,
    )
    linked_case_ids = fields.Many2many(
        "sig.pqrs",
        string="Linked cases",
        compute="_compute_linked_case_ids",
        help="Those of the same petitioner that tell of this one, as far as one may read them.",
    )

    @api.depends("origin_id", "duplicate_of_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_linked_case_ids(self):
        cases = self.sudo()
        naming = cases.search(Domain("origin_id", "in", self.ids) | Domain("duplicate_of_id", "in", self.ids))
        found = cases.origin_id | cases.duplicate_of_id | naming
        readable = found.with_env(self.env)._filtered_access("read").sudo()
        for case in cases:
            linked = case.origin_id | case.duplicate_of_id
            linked |= naming.filtered(lambda other, case=case: case._origin in other.origin_id | other.duplicate_of_id)
            case.with_env(self.env).linked_case_ids = (linked & readable).with_env(self.env)

    def _get_original_number(self):
        """The number of the case that goes on, for who may read it."""
        return self.sudo().duplicate_of_id.with_env(self.env)._filtered_access("read").name or ""

    def _follow_restriction(self):
        result = super()._follow_restriction()
        self._restrict_duplicates()
        return result

    def _restrict_duplicates(self):
        """The duplicates of restricted cases, which end with them, are read by nobody else."""
        self_sudo = self.sudo()
        restricted = self_sudo.filtered("restricted")
        duplicates = self_sudo.search([("duplicate_of_id", "in", restricted.ids)]) if restricted else ()
        for case in duplicates:
            if not case.restricted:
                reason = self.env._("It repeats a case whose access is restricted.")
                case.write({"restricted": True, "restriction_reason": reason})
            readers = case.authorized_user_ids & case.duplicate_of_id.authorized_user_ids
            if readers != case.authorized_user_ids:
                case.authorized_user_ids = [Command.set(readers.ids)]

    # -- Reserved and revealed together -----------------------------------------------------------------------------

    def _get_linked_cases(self):
        """These cases, and all those that they tell of as of the same petitioner: repeated, or come from a message."""
        cases = self.sudo()
        while True:
            named = cases.duplicate_of_id | cases.origin_id
            naming = cases.search(["|", ("duplicate_of_id", "in", cases.ids), ("origin_id", "in", cases.ids)])
            if not (named | naming) - cases:
                return cases.with_env(self.env)
            cases |= named | naming

    def _find_linked(self, reserved):
        """Names of these cases, and of those linked to them but left out, that are reserved or not; if any are."""
        others = (self._get_linked_cases() - self).filtered(lambda other: other.identity_reserved == reserved)
        return others and {"case": ", ".join(self.mapped("name")), "others": ", ".join(others.mapped("name"))}

    def _check_reserved_together(self):
        """Cases of one petitioner that name each other are reserved together, or one would tell of the other."""
        if found := self._find_linked(reserved=False):
            raise UserError(
                self.env._(
                    "%(case)s and %(others)s are of one petitioner and name each other: reserve them together.", **found
                )
            )

    def _check_revealed_together(self):
        if found := self._find_linked(reserved=True):
            raise UserError(
                self.env._(
                    "%(case)s and %(others)s are of one petitioner and name each other: reveal them together.", **found
                )
            )

    def _check_same_petitioner(self, original):
        result = super()._check_same_petitioner(original)
        if self.identity_reserved != original.identity_reserved:
            raise UserError(
                self.env._(
                    "Reserve the identity in both cases or in neither: %(case)s would tell of %(original)s.",
                    case=self.name,
                    original=original.name,
                )
            )
        return result
