from collections import Counter

from odoo import api, models
from odoo.fields import Domain


class Erasure(models.AbstractModel):
    """What is erased of records of any kind that tell of people: what was said on them, what waits, and who follows."""

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
        messages = self.env["mail.message"].sudo().search(self._get_holder_domain(holders, "model"))
        counts = Counter((message.model, message.res_id) for message in messages)
        # A rating goes with the message that tells of it.
        self.env["rating.rating"].sudo().search([("message_id", "in", messages.ids)]).message_id = False
        messages.attachment_ids.filtered(lambda file: not file.res_id).unlink()
        messages.unlink()
        of_holders = self._get_holder_domain(holders, "res_model")
        self.env["mail.activity"].sudo().with_context(active_test=False).search(of_holders).unlink()
        self.env["mail.followers"].sudo().search(of_holders).filtered("partner_id.partner_share").unlink()
        return counts

    @api.model
    def _erase_notes(self, holders):
        """Delete what people wrote on records that stay: notes, files, activities of their own, and what was said when
        others were done. What the software noted on them, and asks, stays.

        :param holders: ``{model: records}``.
        """
        of_holders = self._get_holder_domain(holders, "res_model")
        self.env["ir.attachment"].sudo().search(of_holders).unlink()
        asked = Domain("automated", "=", False) | Domain("active", "=", False)
        self.env["mail.activity"].sudo().with_context(active_test=False).search(of_holders & asked).unlink()
        # What is said when an activity is done comes as a notification.
        by_hand = Domain("message_type", "!=", "notification") | Domain("mail_activity_type_id", "!=", False)
        self.env["mail.message"].sudo().search(self._get_holder_domain(holders, "model") & by_hand).unlink()

    @api.model
    def _say_erased(self, company):
        """What is written where a text is required."""
        return self.with_context(lang=company._sig_lang()).env._("Personal data erased")
