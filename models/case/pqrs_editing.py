from odoo import api, models, tools
from odoo.exceptions import UserError

from ..mixin import transitions
from ..own_fields import get_own_names

#: what the SIG fills in when a case is filed, and nobody changes afterwards
FILING_FIELDS = frozenset(
    {"type_id", "channel", "company_id", "date_received", "anonymous", "identity_reserved", "authority_deadline"}
)

#: what the petitioner said; it may be corrected until the case is worked on
PETITION_FIELDS = frozenset(
    {
        "subject",
        "description",
        "remedy",
        "partner_name",
        "person_type",
        "document_type",
        "document_number",
        "incident_date",
        "capacity",
        "attachment_ids",
    }
)

#: what the SIG classifies, decides and writes while the case is open
WORKING_FIELDS = frozenset(
    {
        "partner_id",
        "email_from",
        "phone",
        "city",
        "priority",
        "severity",
        "involves_staff",
        "involves_incident",
        "preserve_evidence",
        "response_medium",
        "lang",
        "resolution",
        "response_opening",
        "response_closing",
        "commitment_ids",
        "request_ids",
        "legal_risk",
        "legal_reviewer_id",
        "notice_told",
        "survey_answer",
    }
)

#: what the answer says, where it goes and who reviews it: fixed once it is on its way
ANSWER_FIELDS = frozenset(
    {"response_opening", "response_closing", "resolution", "email_from", "legal_risk", "legal_reviewer_id"}
)

#: who asks, of which client, where they are answered, and whether they are surveyed: a change is an act
CONTACT_FIELDS = (
    *("partner_id", "client_id", "partner_name", "document_type", "document_number"),
    *("email_from", "phone", "survey_answer"),
)

#: what statistics and confidentiality need right, also afterwards
CLASSIFYING_FIELDS = frozenset(
    {"reason_id", "client_id", "site", "restricted", "restriction_reason", "authorized_user_ids"}
)


class PqrsEditing(models.Model):
    """What may be written on a case by hand, and until when; the rest is written by the steps of the procedure."""

    _inherit = "sig.pqrs"
    _editable_fields = FILING_FIELDS | PETITION_FIELDS | WORKING_FIELDS | CLASSIFYING_FIELDS

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._check_write_values(vals)
        before = self._describe_contacts() if not vals.keys().isdisjoint(CONTACT_FIELDS) else {}
        result = super().write(vals)
        self._record_contacts(before)
        return result

    def _describe_contacts(self):
        """``{case: {label of the field: text}}`` of who asks; of cases that are filed."""
        fields = [self._fields[name] for name in CONTACT_FIELDS]
        return {
            case: {
                field._description_string(self.env): str(field.convert_to_export(case[field.name], case) or "")
                for field in fields
            }
            for case in self.sudo().filtered(lambda case: case.state != "to_file")
        }

    def _record_contacts(self, before):
        """An act on each case whose petitioner, client or address somebody changed, bound to what it was and became."""
        notes, data, bodies = {}, {}, {}
        after = self.browse(case.id for case in before)._describe_contacts()
        for case, old in before.items():
            new = after[case]
            changed = [label for label in old if old[label] != new[label]]
            if changed:
                notes[case] = ", ".join(changed)
                data[case] = {
                    "before": case._commit_private("\n".join(old[label] for label in changed)),
                    "after": case._commit_private("\n".join(new[label] for label in changed)),
                }
                bodies[case.id] = "\n".join(f"{label}: {old[label] or '—'} → {new[label] or '—'}" for label in changed)
        if notes:
            self.env["sig.pqrs.act"]._append(self.browse(bodies), "contact_corrected", notes=notes, data=data)
            self.sudo().browse(bodies)._message_log_batch(bodies)

    def _check_write_values(self, vals):
        self._check_email(vals)
        fixed = FILING_FIELDS & vals.keys()
        if fixed:
            labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in fixed))
            raise UserError(self.env._("These are set when the case is filed and do not change: %s.", labels))
        if not vals.keys().isdisjoint(ANSWER_FIELDS):
            self._check_not_leaving()
        ours = get_own_names(self, vals)
        for case in self:
            allowed = set(CLASSIFYING_FIELDS)
            if case.state in transitions.RUNNING:
                allowed |= WORKING_FIELDS
            if case.state in transitions.UNTRIAGED:
                allowed |= PETITION_FIELDS
            if case.lacks_authority_copy:
                allowed.add("attachment_ids")
            if not ours <= allowed:
                labels = ", ".join(sorted(self._fields[name]._description_string(self.env) for name in ours - allowed))
                raise UserError(
                    self.env._("%(case)s: this can no longer be changed: %(labels)s.", case=case.name, labels=labels)
                )

    @api.model
    def _check_email(self, vals):
        if vals.get("email_from") and not tools.email_normalize(vals["email_from"]):
            raise UserError(
                self.env._("“%s” is not an email address. Leave it empty if there is none.", vals["email_from"])
            )

    def _check_answer_open(self, states=transitions.OPEN):
        """Refuse to change an answer that has left, or is on its way.

        :param states: of a case whose answer may be written.
        """
        for case in self.sudo():
            if case.state not in states:
                raise UserError(self.env._("The case is closed: its answer can no longer be changed."))
        self._check_not_leaving()

    def _check_not_leaving(self):
        if not all(map(transitions.not_delivering, self.sudo())):
            raise UserError(self.env._("The answer is on its way to the client and can no longer be changed."))
