from markupsafe import escape

from odoo import api, models
from odoo.tools import SQL

#: rules of repetition that tell who asked, or where: see `finding_rules`
PERSONAL_KEYS = ("repetition:client_id:", "repetition:site:")


class PqrsFindingAnonymize(models.Model):
    """What findings repeat of the people of their cases, and plans repeat of findings, goes with the case.

    A client that is a company is no person: what is told of it stays.
    """

    _inherit = "sig.pqrs"

    def _erase_findings(self):
        findings = self.env["sig.finding"].sudo().search([("case_ids", "in", self.ids), ("kind", "=", "repetition")])
        for finding in findings:
            cases = finding.with_context(active_test=False).case_ids
            people = cases.client_id.filtered(lambda client: not client.is_company)
            by_rule = finding.key.startswith(PERSONAL_KEYS)
            if not by_rule or (finding.key.startswith(PERSONAL_KEYS[0]) and cases.client_id and not people):
                continue
            erased = self.env["sig.erasure"]._say_erased(finding.company_id)
            words = {finding.name, finding.reference, *(cases & self).mapped("site"), *people.mapped("display_name")}
            plan = finding.plan_id
            holders = {records._name: records for records in (finding, plan, plan.line_ids) if records}
            told = finding.reference
            finding.write(
                {
                    "key": f"repetition:erased:{finding.id}",
                    "reference": erased,
                    "name": finding.name.replace(told, erased) if told and told in finding.name else erased,
                }
            )
            self.env["sig.erasure"]._erase_words(holders, words, erased)


class Erasure(models.AbstractModel):
    _inherit = "sig.erasure"

    @api.model
    def _erase_words(self, holders, words, erased):
        """Replace words in the texts of records that stay, and in what is said and waits on them.

        :param holders: ``{model: records}``.
        """
        self.env.flush_all()
        found = {form for word in words if word and word.strip() for form in (word, str(escape(word)))}
        words = sorted(found, key=len, reverse=True)  # what is part of another comes after it
        for model, records in holders.items():
            names = [
                name
                for name, field in self.env[model]._fields.items()
                if field.store and field.column_type and field.type in ("char", "text", "html") and not field.translate
            ]
            self._replace(self.env[model]._table, names, records.ids, words, erased)
        messages = self.env["mail.message"].sudo().search(self._get_holder_domain(holders, "model"))
        self._replace("mail_message", ("subject", "body"), messages.ids, words, erased)
        values = ("old_value_char", "new_value_char", "old_value_text", "new_value_text")
        self._replace("mail_tracking_value", values, messages.tracking_value_ids.ids, words, erased)
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        activities = activities.search(self._get_holder_domain(holders, "res_model"))
        self._replace("mail_activity", ("summary", "note", "res_name"), activities.ids, words, erased)
        self.env.invalidate_all()

    @api.model
    def _replace(self, table, columns, ids, words, erased):
        if not ids or not words:
            return
        values = []
        for column in columns:
            value = SQL.identifier(column)
            for word in words:
                value = SQL("replace(%s, %s, %s)", value, word, erased)
            values.append(SQL("%s = %s", SQL.identifier(column), value))
        self.env.cr.execute(
            SQL("UPDATE %s SET %s WHERE id IN %s", SQL.identifier(table), SQL(", ").join(values), tuple(ids))
        )
