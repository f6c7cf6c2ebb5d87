from odoo import models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain

#: characters of a text that the case file quotes; the whole of it is in the evidence pack
MAX_QUOTED = 20_000


class PqrsFile(models.Model):
    """The case file ("expediente"): all that a case is, on paper. The SIG prints it, and management what it may read.

    Under reserve it does not say who asks, whoever prints it. With ``sig_without_identity`` in the context it does not
    hold the identity document either: a pack for somebody of outside leaves it out unless it is asked for.
    """

    _inherit = "sig.pqrs"

    def _check_file_reader(self):
        """Refuse who is neither of the SIG nor of top management nor audits today, or may not read the cases."""
        if not self.env.su and not self.env["sig.audit.access"]._may_make_files(self.sudo().company_id):
            raise AccessError(self.env._("The case file is printed by the SIG, by top management and by who audits."))
        self.check_access("read")

    # -- What it says -----------------------------------------------------------------------------------------------

    def _get_file_facts(self):
        """Rows of label and text: what the case is, and where it stands."""
        company = self.company_id.sudo()
        kind = self.type_id
        marks = [
            self._fields[name]._description_string(self.env)
            for name in ("anonymous", "identity_reserved", "restricted", "legal_risk")
            if self[name]
        ]
        rows = [
            ("type_id", " · ".join(filter(None, [kind.name, kind.legal_basis]))),
            ("reason_id", self.reason_id.name),
            ("channel", self._get_file_label("channel")),
            ("priority", self._get_file_label("priority")),
            ("date_received", self._format_file_moment(self.date_received)),
            ("date_recorded", self._format_file_moment(self.date_recorded)),
            ("date_deadline", self._format_deadline("dd/MM/yyyy")),
            ("date_legal", self._get_legal_deadline_text() and self._format_file_day(self.date_legal)),
            ("date_answered", self._format_file_moment(self.date_answered)),
            ("deadline_state", self._get_file_label("deadline_state")),
            ("state", self._get_file_label("state")),
            ("outcome", self._get_file_label("outcome")),
            ("resolution", self._get_file_label("resolution")),
            ("incident_date", self._format_file_day(self.incident_date)),
            ("site", self.site),
            ("company_id", company.name),
            ("procedure_revision_id", self.procedure_revision_id.sudo().display_name),
        ]
        facts = [(self._fields[name]._description_string(self.env), text) for name, text in rows if text]
        if marks:
            facts.append((self.env._("Marks"), ", ".join(marks)))
        return facts

    def _get_file_person(self):
        """Rows of label and text: who asks, as far as a file may say it."""
        rows = [(self._fields["petitioner"]._description_string(self.env), self.petitioner)]
        if self.anonymous or self.identity_reserved:
            return rows
        names = ("capacity", "client_id", "email_from", "phone", "city")
        texts = {
            "capacity": self._get_file_label("capacity"),
            "client_id": self.client_id.name if self.client_id.name != self.petitioner else "",
        }
        rows += [(self._fields[name]._description_string(self.env), texts.get(name, self[name])) for name in names]
        if not self.env.context.get("sig_without_identity"):
            rows.append((self.env._("Identity document"), self.identity_document))
        return [(label, text) for label, text in rows if text]

    def _get_file_assignments(self):
        """All the shares of processes that the reader may see, those declined and removed too."""
        return (
            self.env["sig.pqrs.assignment"]
            .with_context(active_test=False)
            .search([("pqrs_id", "=", self.id)], order="id")
        )

    def _get_file_messages(self):
        """Messages between the client and the SIG, the oldest first; those under reserve stay with the identity."""
        domain = Domain(self._get_client_message_domain()) & Domain("model", "=", self._name)
        return self.env["mail.message"].search(domain, order="date, id")

    def _get_file_delivery(self):
        """Rows of label and text: how the answer was delivered, and the proof of it."""
        rows = [
            ("delivery_state", self._get_file_label("delivery_state") if self.delivery_state != "none" else ""),
            ("delivery_medium", self._get_file_label("delivery_medium")),
            ("date_answered", self._format_file_moment(self.date_answered)),
        ]
        delivery = self.delivery_id
        if self.env.user.has_group("sig_pqrs.group_sig_director") and not self.identity_reserved:
            rows += [(name, delivery[name]) for name in ("reference", "received_by", "failure")]
        labels = {**delivery._fields, **self._fields}
        return [(labels[name]._description_string(self.env), text) for name, text in rows if text]

    def _get_file_rating(self):
        """Rows of label and text: how the client rated the answer."""
        if self.rating_state == "none":
            return []
        rows = [
            ("rating_state", self._get_file_label("rating_state")),
            ("rating_value", self.rating_value and self.env._("%s of 5", self.rating_value)),
            ("rating_reason", self.rating_reason),
        ]
        return [(self._fields[name]._description_string(self.env), text) for name, text in rows if text]

    def _get_file_commitments(self):
        return self.env["sig.pqrs.commitment"].search([("pqrs_id", "=", self.id), ("state", "!=", "draft")])

    def _get_file_attachments(self):
        """``[(label of its part, attachment, SHA-256)]`` of the files that the reader may read."""
        labels = self._get_evidence_labels()
        return [
            (labels[part], attachment, attachment._sig_sha256())
            for part, attachments in self._get_evidence_files().items()
            for attachment in attachments.with_env(self.env)._filtered_access("read").sudo()
        ]

    def _get_file_faults(self):
        """What does not hold in the chain of acts, in one text; empty when all does."""
        faults = self.env["sig.pqrs.act"]._verify(self).get(self.sudo(), []) + self._get_kept_faults()
        return self.env["sig.act.check"]._describe_faults(faults)

    # -- The files of a case ----------------------------------------------------------------------------------------

    def _get_evidence_labels(self):
        """``{part: label}`` of what `_get_evidence_files` gives. Hook for who keeps more files."""
        return {
            "annexes": self.env._("Annexes of the petition"),
            "answer": self.env._("Answer"),
            "delivery": self.env._("Proof of delivery"),
            "messages": self.env._("Messages of the client"),
            "commitments": self.env._("Commitments"),
            "others": self.env._("Others"),
            "identity": self.env._("Identity"),
        }

    def _get_evidence_files(self):
        """``{part: attachments}``, as superuser, each in the first part that has it; empty parts left out.

        Those kept with a reserved identity are in the part ``identity`` alone.
        """
        self.ensure_one()
        case = self.sudo()
        assignments = case.with_context(active_test=False).assignment_ids
        commitments = case.env["sig.pqrs.commitment"].search([("pqrs_id", "=", case.id)])
        found = {
            "annexes": case.attachment_ids,
            "answer": case.letter_id | case.communication_ids.letter_id | assignments.attachment_ids,
            "delivery": case.communication_ids.proof_ids,
            "messages": case.env["mail.message"].search(case._get_client_message_domain()).attachment_ids,
            "commitments": commitments.attachment_ids,
        }
        holders = (case, assignments, case.communication_ids, commitments, case.identity_ids)
        of_records = Domain.OR(
            Domain("res_model", "=", records._name) & Domain("res_id", "in", records.ids) for records in holders
        )
        found["others"] = case.env["ir.attachment"].search(of_records)
        everything = case.env["ir.attachment"].union(*found.values())
        private = (
            everything.filtered(lambda file: file.res_model == "sig.pqrs.identity") | case.identity_ids.attachment_ids
        )
        found["identity"] = private
        parts, taken = {}, private.browse()
        for part in self._get_evidence_labels():
            files = found.get(part, taken.browse()) - taken
            if part != "identity":
                files -= private
            files = files.filtered(lambda file: file.type == "binary").sorted("id")
            taken |= files
            if files:
                parts[part] = files
        return parts

    # -- How it says it ---------------------------------------------------------------------------------------------

    def _get_file_label(self, name):
        """The value of a selection in words."""
        return dict(self._fields[name]._description_selection(self.env)).get(self[name]) or ""

    def _format_file_moment(self, moment):
        """A moment in the time of the company, as it is written in lists."""
        return self.company_id._sig_format_moment(moment, brief=True) if moment else ""

    def _format_file_day(self, day):
        return tools.format_date(self.env, day, date_format="dd/MM/yyyy") if day else ""

    def _quote(self, text, is_html=False):
        """A text, or HTML as plain text, as much of it as paper holds."""
        text = (tools.html2plaintext(text or "") if is_html else text or "").strip()
        if len(text) <= MAX_QUOTED:
            return text
        return f"{text[:MAX_QUOTED]}… {self.env._('(it goes on in the original)')}"
