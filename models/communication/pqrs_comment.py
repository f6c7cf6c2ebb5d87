from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError


class PqrsComment(models.Model):
    """Complaints that come where nobody files: in the comment of a rating, or of a survey.

    One button makes a case of them, received when they were written.
    """

    _inherit = "sig.pqrs"

    rating_case_id = fields.Many2one(
        "sig.pqrs",
        "Case of the rating's comment",
        readonly=True,
        index="btree_not_null",
        groups="sig_pqrs.group_sig_director",
        check_company=True,
    )

    def _get_transition_depends(self):
        return [*super()._get_transition_depends(), "rating_reason"]

    def action_new_case_from_rating(self):
        """File a new case of what the client wrote with the rating: received when it was rated. Once: then open it.

        :return: the action that opens it.
        """
        self.ensure_one()
        proven = self._check_transition("new_case_from_rating")
        case = proven
        if not case.rating_case_id:
            case.rating_case_id = case._file_rating_comment()
            case._message_log(body=self.env._("What was written with the rating goes on in a new case."))
            case.activity_unlink(["sig_pqrs.activity_low_rating"])
        return case.rating_case_id._get_records_action(context={})

    def _file_rating_comment(self):
        rated = self.act_ids.filtered(lambda act: act.kind == "rated").sorted("number")[-1:]
        new = self._file_comment(
            self._prepare_new_case(
                self.rating_reason,
                rated.date,
                self._get_rating_channel(rated),
                self.env._("Comment on the answer: %s", self.subject),
            )
        )
        new._message_log(body=self.env._("Comes from the rating of another case of the same petitioner."))
        waiting = self.identity_ids.text_ids.filtered(
            lambda text: text.model == self._name and "rating_reason" in text.content
        )
        if waiting:  # under reserve the SIG decides on it in the new case too
            content = {"description": waiting[-1:].content["rating_reason"], "instead": new.description}
            waiting._store(new.identity_ids, new, content)
        return new

    @api.model
    def _file_comment(self, values):
        """File a complaint, or what else a company takes, of a comment; whoever calls it has proved the right to.

        :param dict values: of the case: ``company_id``, who asks, ``description`` in the words of who wrote it,
            ``date_received`` when it was written, ``channel`` by which it came, ``subject``.
        :return: the case, as superuser.
        """
        if not (values["description"] or "").strip():
            raise UserError(self.env._("There is no comment of which a case could be made."))
        company = self.env["res.company"].browse(values["company_id"])
        kind = self.env["sig.pqrs.type"]._get_fallback(company, "queja", values.get("anonymous"))
        return self.sudo().create({"type_id": kind.id, **values})

    def _get_rating_channel(self, act):
        """By which way the rating came: noted down by our own people, in HERA, or on the website."""
        if act.user_id._is_internal() and act.user_id.id != SUPERUSER_ID:
            return "phone"
        return self._get_online_channel()

    def _apply_rating(self, rating, rate, feedback):
        """Who is asked again, once the case was reopened, may complain again."""
        result = super()._apply_rating(rating, rate, feedback)
        self.sudo().rating_case_id = False
        return result
