from odoo import models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..communication.communication import OF_PETITIONER, WRITTEN

#: characters of a text that the case file quotes; the evidence pack has the whole text
MAX_QUOTED = 20_000

FACTS = (
    "type_id", "reason_id", "channel", "priority", "date_received", "date_recorded", "date_deadline", "date_legal",
    "date_answered", "deadline_state", "state", "outcome", "resolution", "incident_date", "site", "company_id",
    "procedure_revision_id",
)  # fmt: skip
MARKS = ("anonymous", "identity_reserved", "restricted", "legal_risk")


class CaseFile(models.AbstractModel):
    """Never names a reserved petitioner; omits the identity document with ``sig_without_identity`` in the context."""

    _name = "sig.case.file"
    _description = "Case File"

    def _check_reader(self, cases):
        if not self.env.su and not self.env["sig.audit.access"]._may_make_files(cases.sudo().company_id):
            raise AccessError(self.env._("The case file is printed by the SIG, by top management and by who audits."))
        cases.check_access("read")

    def _describe(self, case, names, **texts):
        rows = []
        for name in names:
            value = texts[name] if name in texts else self._format_field(case, name)
            if value:
                rows.append((case._fields[name]._description_string(self.env), value))
        return rows

    def _format_field(self, record, name):
        """What people read of a field: labels, names, local moments; empty without a value."""
        field, value = record._fields[name], record[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value) or ""
        if field.type == "many2one":
            return value.sudo().display_name or ""
        if field.type == "html":
            return tools.html2plaintext(value or "").strip()
        if field.type == "datetime" and value:
            company = record.company_id if "company_id" in record._fields else self.env.company
            return company._sig_format_moment(value, brief=True)
        if field.type == "date":
            return self._format_day(value)
        return str(value) if value or (field.type == "integer" and name != "rating_value") else ""

    def _get_facts(self, case):
        rows = self._describe(
            case,
            FACTS,
            type_id=" · ".join(filter(None, [case.type_id.name, case.type_id.legal_basis])),
            date_deadline=case._format_deadline("dd/MM/yyyy"),
            date_legal=case.date_legal != case.date_deadline and self._format_day(case.date_legal),
        )
        if marks := [case._fields[name]._description_string(self.env) for name in MARKS if case[name]]:
            rows.append((self.env._("Marks"), ", ".join(marks)))
        return rows

    def _get_person(self, case):
        if case.anonymous or case.identity_reserved:
            return self._describe(case, ["petitioner"])
        client = case.client_id.name
        rows = self._describe(
            case,
            ["petitioner", "capacity", "client_id", "email_from", "phone", "city"],
            client_id=client if client != case.petitioner else "",
        )
        if case.identity_document and not self.env.context.get("sig_without_identity"):
            rows.append((self.env._("Identity document"), case.identity_document))
        return rows

    def _get_delivery(self, case):
        state = [] if case.delivery_state == "none" else ["delivery_state"]
        rows = self._describe(case, [*state, "date_answered"]) + self._describe(case.sudo().delivery_id, ["medium"])
        if self.env.user.has_group("sig_pqrs.group_sig_director") and not case.identity_reserved:
            rows += self._describe(case.delivery_id, ["reference", "received_by", "failure"])
        return rows

    def _get_rating(self, case):
        if case.rating_state == "none":
            return []
        value = case.rating_value and self.env._("%s of 5", case.rating_value)
        return self._describe(case, ["rating_state", "rating_value", "rating_reason"], rating_value=value)

    def _get_assignments(self, case):
        Assignment = self.env["sig.pqrs.assignment"].with_context(active_test=False)
        return Assignment.search([("pqrs_id", "=", case.id)], order="id")

    def _get_messages(self, case):
        """What was written by and to the petitioner, oldest first; under reserve it would tell who asks."""
        Communication = self.env["sig.pqrs.communication"]
        if case.identity_reserved:
            return Communication
        written = Communication.search([("pqrs_id", "=", case.id), ("purpose", "in", WRITTEN)])
        return written.sorted(lambda each: (each._get_shown_moment(), each.id))

    def _get_writer(self, communication):
        if communication.direction == "out":
            return communication.company_id.name
        authors = communication._get_choices("author")
        return " · ".join(filter(None, [authors.get(communication.author), communication.email_from]))

    def _get_commitments(self, case):
        return self.env["sig.pqrs.commitment"].search([("pqrs_id", "=", case.id), ("state", "!=", "draft")])

    def _get_attachments(self, case):
        """``[(label of its part, attachment, SHA-256)]`` of the files that the reader may read."""
        labels = self._get_part_labels()
        return [
            (labels[part], attachment, attachment._sig_sha256())
            for part, attachments in self._get_files(case).items()
            for attachment in self._filter_readable(attachments)
        ]

    def _describe_faults(self, case):
        faults = self.env["sig.pqrs.act"]._verify(case).get(case, [])
        return self.env["sig.act.check"]._describe_faults(faults + self.env["sig.case.binding"]._get_faults(case))

    def _filter_readable(self, records):
        return records.with_env(self.env)._filtered_access("read").sudo()

    def _get_part_labels(self):
        """``{part: label}`` of the parts of `_get_files`, in order."""
        return {
            "annexes": self.env._("Annexes of the petition"),
            "answer": self.env._("Answer"),
            "delivery": self.env._("Proof of delivery"),
            "messages": self.env._("Messages of the client"),
            "commitments": self.env._("Commitments"),
            "others": self.env._("Others"),
            "identity": self.env._("Identity"),
        }

    def _get_files(self, case):
        """``{part: attachments}`` as superuser, none empty; files of a reserved identity are in ``identity`` alone."""
        case = case.sudo()
        assignments = case.with_context(active_test=False).assignment_ids
        commitments = case.env["sig.pqrs.commitment"].search([("pqrs_id", "=", case.id)])
        Attachment = case.env["ir.attachment"]
        holders = (case, assignments, case.communication_ids, case.answer_ids, commitments, case.identity_ids)
        found = {
            "annexes": case.attachment_ids,
            "answer": case.letter_id
            | case.communication_ids.letter_id
            | case.answer_ids._get_files()
            | assignments.attachment_ids,
            "delivery": case.communication_ids.proof_ids,
            "messages": case.communication_ids.filtered_domain(OF_PETITIONER).attachment_ids,
            "commitments": commitments.attachment_ids,
            "others": Attachment.search(
                Domain.OR(Domain("res_model", "=", held._name) & Domain("res_id", "in", held.ids) for held in holders)
            ),
        }
        private = Attachment.union(*found.values()).filtered(lambda file: file.res_model == "sig.pqrs.identity")
        private |= case.identity_ids.attachment_ids
        parts, taken = {}, private
        for part, files in found.items():
            parts[part] = files - taken
            taken |= files
        parts["identity"] = private
        parts = {part: files.filtered(lambda file: file.type == "binary") for part, files in parts.items()}
        return {part: files.sorted("id") for part, files in parts.items() if files}

    def _format_day(self, day):
        return tools.format_date(self.env, day, date_format="dd/MM/yyyy")

    def _quote(self, text):
        text = (text or "").strip()
        if len(text) <= MAX_QUOTED:
            return text
        return f"{text[:MAX_QUOTED]}… {self.env._('(it goes on in the original)')}"
