from collections import Counter

from markupsafe import escape

from odoo import api, models, tools
from odoo.fields import Domain
from odoo.tools import SQL


class Erasure(models.AbstractModel):
    """What is erased of records of any kind that tell of people: what was said on them, what waits, and who follows.

    The methods run as superuser: whoever calls them has proven the right to.
    """

    _name = "sig.erasure"
    _description = "Erasing of Threads"

    @api.model
    def _get_holder_domain(self, holders, model_field):
        """Domain of what is of some records.

        :param holders: ``{model: records}``.
        """
        return Domain.OR(
            Domain(model_field, "=", model) & Domain("res_id", "in", records.ids)
            for model, records in holders.items()
            if records
        )

    @api.model
    def _erase_threads(self, holders):
        """Delete messages, with the mails and files that they are of, activities, and followers from outside.

        :param holders: ``{model: records}``.
        :return: ``{(model, id): number of messages}``.
        """
        messages = self.env["mail.message"].search(self._get_holder_domain(holders, "model"))
        counts = Counter((message.model, message.res_id) for message in messages)
        # A rating goes with the message that tells of it.
        self.env["rating.rating"].search([("message_id", "in", messages.ids)]).message_id = False
        messages.attachment_ids.filtered(lambda file: not file.res_id).unlink()
        messages.unlink()
        of_holders = self._get_holder_domain(holders, "res_model")
        self.env["mail.activity"].with_context(active_test=False).search(of_holders).unlink()
        self.env["mail.followers"].search(of_holders).filtered("partner_id.partner_share").unlink()
        return counts

    @api.model
    def _erase_notes(self, holders):
        """Delete what people wrote on records that stay: notes, files, activities of their own, and what was said when
        others were done. What the software noted on them, and asks, stays.

        :param holders: ``{model: records}``.
        """
        of_holders = self._get_holder_domain(holders, "res_model")
        self.env["ir.attachment"].search(of_holders).unlink()
        asked = Domain("automated", "=", False) | Domain("active", "=", False)
        self.env["mail.activity"].with_context(active_test=False).search(of_holders & asked).unlink()
        # What is said when an activity is done comes as a notification.
        by_hand = Domain("message_type", "!=", "notification") | Domain("mail_activity_type_id", "!=", False)
        self.env["mail.message"].search(self._get_holder_domain(holders, "model") & by_hand).unlink()

    @api.model
    def _conflict_with_erasing(self, records):
        """Have a copy of personal data that this transaction made conflict with an erasing of the same cases or waves:
        one of both starts again, and no copy outlives it.

        To be called last: the rows stay locked until the end of the transaction.
        """
        if records:
            table = SQL.identifier(records._table)
            ids = tuple(sorted(records.ids))
            self.env.cr.execute(SQL("UPDATE %s SET anonymized_on = anonymized_on WHERE id IN %s", table, ids))

    @api.model
    def _get_erased_text(self, company):
        """What is written where a text is required."""
        return self.with_context(lang=company._sig_lang()).env._("Personal data erased")

    @api.model
    def _get_retention_refusal(self, company, kind, until, duty=""):
        """Why something is kept longer, as the person may be told; empty when it need not be.

        :param str kind: of the run; empty when how long it is kept does not count.
        :param until: last day on which it is kept; empty when there is none.
        :param str duty: the law or contract that asks for it.
        """
        env = self.with_context(lang=company._sig_lang()).env
        if until and until >= company._sig_today():
            day = tools.format_date(env, until, date_format="dd/MM/yyyy")
            why = (duty or "").rstrip(".") or env._("so the company decided")
            return env._("It must be kept until %(day)s: %(why)s.", day=day, why=why)
        return "" if until or kind != "retention" else env._("It is kept for good.")

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
        messages = self.env["mail.message"].search(self._get_holder_domain(holders, "model"))
        self._replace("mail_message", ("subject", "body"), messages.ids, words, erased)
        values = ("old_value_char", "new_value_char", "old_value_text", "new_value_text")
        self._replace("mail_tracking_value", values, messages.tracking_value_ids.ids, words, erased)
        activities = self.env["mail.activity"].with_context(active_test=False)
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
