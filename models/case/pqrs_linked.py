from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..mixin import transitions

#: of cases that others may repeat, filed: what was withdrawn may be filed again (Ley 1755, arts. 17 and 18)
STANDING = Domain("state", "not in", ("to_file", "cancelled")) & Domain("outcome", "in", (False, "answered"))

#: options of the link to another case of the petitioner
LINK = {"readonly": True, "index": "btree_not_null", "groups": "sig_pqrs.group_sig_director", "check_company": True}


class PqrsLinked(models.Model):
    """Cases of one petitioner that name each other: a duplicate and its original, a case and what came out of it.

    The links are the SIG's; others see the linked cases that they may read. A duplicate names its original in the
    notice to its petitioner, so it is never read by more people than the original.
    """

    _inherit = "sig.pqrs"

    origin_id = fields.Many2one("sig.pqrs", "Comes from", **LINK)
    duplicate_of_id = fields.Many2one("sig.pqrs", "Goes on in", **LINK)
    linked_case_ids = fields.Many2many(
        "sig.pqrs",
        string="Linked cases",
        compute="_compute_linked_case_ids",
        help="Those of the same petitioner that tell of this one, as far as one may read them.",
    )

    @api.depends("origin_id", "duplicate_of_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_linked_case_ids(self):
        for case in self:
            linked = case._origin._get_directly_linked() - case._origin
            case.linked_case_ids = linked.with_env(self.env)._filtered_access("read")

    def _get_directly_linked(self):
        """:return: as superuser, the cases that these name, and that name these."""
        links = ["origin_id", "duplicate_of_id"]
        domain = Domain.OR(Domain(name, "in", self.ids) for name in ["id", *links])
        found = self.sudo().search_fetch(domain, links)
        own = found & self
        return own.origin_id | own.duplicate_of_id | (found - own)

    def _get_linked_cases(self):
        """:return: these cases and all those linked to them, directly or through others."""
        cases = self.sudo()
        while more := cases._get_directly_linked() - cases:
            cases |= more
        return cases.with_env(self.env)

    def _get_original_number(self):
        """:return: filing number of the case that goes on, for users who may read it."""
        return self.sudo().duplicate_of_id.with_env(self.env)._filtered_access("read").name or ""

    def _get_original_text(self):
        """Where a duplicate is answered, for its petitioner. Used by a mail template."""
        number, original = self._get_original_number(), self.sudo().duplicate_of_id
        if original._is_answered():
            return self.env._("We answered it under filing number %s.", number)
        if original.state in transitions.ENDED:
            return self.env._("How it ended is told under filing number %s.", number)
        return self.env._("It goes on under filing number %s.", number)

    def _get_same_petitioner_domain(self, contact):
        """Other cases of a `Contact` in the company that the SIG reads; none without identity."""
        partner, mailbox, document = contact.partner, contact.mailbox, contact.document_key
        if self.anonymous or not (partner or mailbox or document):
            return Domain.FALSE
        same = self._get_petitioner_domain(partner, [mailbox], [document])
        same |= Domain("id", "in", self.env["sig.pqrs.identity"].search(same).pqrs_id.ids)
        return same & Domain("company_id", "=", self.company_id.id) & Domain("id", "!=", self._origin.id)

    def _get_originals(self):
        """Cases that the user reads and that this one may repeat: see `_check_same_petitioner`."""
        alike = STANDING & Domain("identity_reserved", "=", self.identity_reserved) & self._get_no_later_domain()
        return self.search(self._get_same_petitioner_domain(self._get_contact()) & alike)

    def _get_no_later_domain(self):
        """Cases that are answered, or were received no later and whose term does not end later: none begins again."""
        earlier = Domain("date_received", "<=", self.date_received)
        if self.date_legal:
            earlier &= Domain("date_legal", "=", False) | Domain("date_legal", "<=", self.date_legal)
        return Domain("outcome", "=", "answered") | earlier

    def _check_same_petitioner(self, original):
        """Refuse to end the case as a duplicate of ``original`` (as superuser)."""
        if original == self or not original.filtered_domain(STANDING) or original.company_id != self.company_id:
            raise UserError(self.env._("A case repeats another one that is filed and stands."))
        own, other = self._get_contact(), original._get_contact()
        keys = [(each.partner, each.mailbox, each.document_key) for each in (own, other)]
        if not any(mine and mine == theirs for mine, theirs in zip(*keys, strict=True)):
            text = self.env._(
                "Only a case of the same petitioner is a duplicate. Each petitioner keeps the right to an answer."
            )
            raise UserError(text)
        args = {"case": self.name, "original": original.name}
        if not original.filtered_domain(self._get_no_later_domain()):
            text = self.env._("%(original)s came or ends later than %(case)s: end that one as its duplicate.", **args)
            if not self.sudo().filtered_domain(original._get_no_later_domain()):
                text = self.env._("As a duplicate, %(original)s or %(case)s would lose its term: answer both.", **args)
            raise UserError(text)
        if self.identity_reserved != original.identity_reserved:
            text = self.env._(
                "Reserve the identity in both cases or in neither: %(case)s would tell of %(original)s.", **args
            )
            raise UserError(text)

    def _restrict_duplicates(self):
        """Restrict the duplicates of restricted cases to the readers of these."""
        self_sudo = self.sudo()
        restricted = self_sudo.filtered("restricted")
        for case in self_sudo.search([("duplicate_of_id", "in", restricted.ids)]) if restricted else ():
            if not case.restricted:
                case.restricted = True
            readers = case.authorized_user_ids & case.duplicate_of_id.authorized_user_ids
            if readers != case.authorized_user_ids:
                case.authorized_user_ids = [Command.set(readers.ids)]

    def _check_together(self, reserve):
        """Linked cases are reserved, and revealed, together, or one would name the petitioner of the other."""
        others = (self._get_linked_cases() - self).filtered(lambda other: other.identity_reserved != reserve)
        if not others:
            return
        args = {"case": ", ".join(self.mapped("name")), "others": ", ".join(others.mapped("name"))}
        text = self.env._(
            "%(case)s and %(others)s are of one petitioner and name each other: reserve or reveal them together.",
            **args,
        )
        raise UserError(text)
