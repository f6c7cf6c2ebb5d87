from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..models.answer.answer import REOPENINGS_OF_ANSWERED
from ..models.case.pqrs_contact import CAPACITIES
from ..models.communication.communication import RECEIVED
from ..models.term.pqrs_term import TermMove
from .dialog import PROPOSED, active_of

#: steps that take a text alone
TEXT_STEPS = (
    "add_requests", "request_information", "refuse_completion",
    "immediate_measure", "register_evidence", "thank",
)  # fmt: skip

#: steps whose mail to the petitioner is shown before, and its purpose
MAILED = {"write_to_client": "message", "thank": "thanks", "reopen": "reopening"}


class PqrsStepWizard(models.TransientModel):
    _name = "sig.pqrs.step.wizard"
    _inherit = ["sig.output.mixin"]
    _description = "Step of the Procedure"

    pqrs_id = fields.Many2one("sig.pqrs", default=active_of("sig.pqrs"))
    assignment_id = fields.Many2one("sig.pqrs.assignment", default=active_of("sig.pqrs.assignment"))
    commitment_id = fields.Many2one("sig.pqrs.commitment", default=active_of("sig.pqrs.commitment"))
    communication_id = fields.Many2one("sig.pqrs.communication", default=active_of("sig.pqrs.communication"))
    step = fields.Selection(
        [
            ("discard", "Not a PQRS"),
            ("reclassify", "Reclassify"),
            ("add_requests", "List the requests"),
            ("request_information", "Require information"),
            ("register_completion", "Information complete"),
            ("refuse_completion", "Information incomplete"),
            ("extend_completion", "Extend the time to complete"),
            ("extend", "Extend"),
            ("immediate_measure", "Immediate measure"),
            ("register_regulator_notice", "Record the notice to the regulator"),
            ("register_evidence", "Record the evidence preserved"),
            ("legal_return", "Return from the legal review"),
            ("register_return", "It came back"),
            ("transfer", "Transfer"),
            ("withdraw", "Record the withdrawal"),
            ("cancel", "Cancel"),
            ("reopen", "Reopen"),
            ("thank", "Thank for the message"),
            ("write_to_client", "Write to the client"),
            ("register_rating", "Record the rating"),
            ("revoke_tracking", "Make the tracking code void"),
            ("reserve_identity", "Reserve the identity"),
            ("reveal_identity", "Reveal the identity"),
            ("correct_contact", "Correct the contact"),
            ("hide_annexes", "Hide annexes"),
            ("check_identity", "Check the identity"),
            ("hold", "Place a legal hold"),
            ("release_hold", "Release the legal hold"),
            ("approve", "Approve in place of the leader"),
            ("return", "Return for changes"),
            ("reassign", "Reassign"),
            ("hand_over", "Reassign to anybody"),
            ("name_approver", "Name another approver"),
            ("decline", "Not my process's"),
            ("remove", "Remove the process"),
            ("complete", "Record it as done"),
            ("drop", "Cancel the commitment"),
        ],
        required=True,
        readonly=True,
    )
    draft_digest = fields.Char("Digest of the draft")
    reason = fields.Text()
    company_id = fields.Many2one("res.company", compute="_compute_candidate_ids")
    type_id = fields.Many2one("sig.pqrs.type", "New type")
    due_by_authority = fields.Boolean("By the authority", compute="_compute_due_by_authority")
    authority_deadline = fields.Datetime("Date set by the authority")
    term_preview = fields.Html("What would change", compute="_compute_preview")
    days = fields.Integer("Business days", compute="_compute_date", **PROPOSED)
    days_allowed = fields.Integer(compute="_compute_of_case")
    date = fields.Date("Delivered on", compute="_compute_date", **PROPOSED)
    medium = fields.Selection(related="communication_id.medium", related_sudo=False)
    seen = fields.Json("What waited when it was opened", compute="_compute_date", **PROPOSED)
    recipient = fields.Char("Transferred to")
    transfer_by = fields.Date("Last day to transfer", compute="_compute_of_case")
    is_late = fields.Boolean("Late", compute="_compute_of_case")
    regulator_notice = fields.Char(related="pqrs_id.type_id.regulator_notice", related_sudo=False)
    tacit = fields.Boolean()
    can_be_tacit = fields.Boolean(compute="_compute_of_case")
    tacit_refusal = fields.Char("Tacit withdrawal: not yet", compute="_compute_of_case")
    kind = fields.Selection([("duplicate", "Duplicate"), ("spam", "Not a PQRS")], default="duplicate")
    was_answered = fields.Boolean(compute="_compute_of_case")
    has_ended = fields.Boolean("Ended", compute="_compute_of_case")
    unfiled = fields.Boolean("Was never filed", compute="_compute_of_case")
    reopening = fields.Selection(REOPENINGS_OF_ANSWERED, "Why", default="disagreement")
    duplicate_of_id = fields.Many2one(
        "sig.pqrs",
        "Repeats",
        help="The one that goes on: of the same petitioner, and it is there that both are answered.",
    )
    original_ids = fields.Many2many("sig.pqrs", string="Of the same petitioner", compute="_compute_of_case")
    rate = fields.Selection([(str(stars), str(stars)) for stars in range(1, 6)], "Stars")
    proof_ids = fields.Many2many("ir.attachment", string="Files", bypass_search_access=True)
    mail_from = fields.Char("Sent from", compute="_compute_preview")
    mail_to = fields.Char("Sent to", compute="_compute_preview")
    mail_subject = fields.Char("Subject", compute="_compute_preview")
    mail_body = fields.Html("The mail", compute="_compute_preview", sanitize=False)
    mail_refusal = fields.Char("Why it cannot be sent", compute="_compute_preview")
    whatsapp_number = fields.Char(compute="_compute_whatsapp")
    whatsapp_text = fields.Text("As it will be written", compute="_compute_whatsapp")
    by_whatsapp = fields.Boolean("Write by WhatsApp")
    linked_names = fields.Char("Together with", compute="_compute_of_case")
    annex_ids = fields.Many2many("ir.attachment", string="Annexes of the petition", compute="_compute_of_case")
    private_attachment_ids = fields.Many2many(
        "ir.attachment", "sig_pqrs_step_private_rel", string="Annexes that tell who asks", bypass_search_access=True
    )
    capacity = fields.Selection(CAPACITIES, "Who asks is", default="holder")
    email_from = fields.Char("New email")
    phone = fields.Char("New phone")
    city = fields.Char("New city")
    user_id = fields.Many2one("res.users", "New responsible")
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids")
    approver_id = fields.Many2one("res.users", "Who approves", help="Empty: the process approves again.")
    absence_notice = fields.Text("Who is away", compute="_compute_absence_notice")

    @api.depends("pqrs_id", "assignment_id", "commitment_id")
    def _compute_candidate_ids(self):
        for wizard in self:
            process = wizard.assignment_id._origin._filtered_access("read").process_id
            wizard.company_id = (wizard.pqrs_id or wizard.assignment_id or wizard.commitment_id).company_id
            candidates = process.member_ids | process.deputy_ids | process.leader_id
            if wizard.commitment_id:
                candidates = self.env.ref("sig_pqrs.group_collaborator").sudo().all_user_ids
            candidates = candidates and wizard.company_id._sig_filter_staff(candidates)
            part = wizard.assignment_id or wizard.commitment_id.assignment_id
            wizard.candidate_ids = candidates - part.sudo().recused_user_ids

    @api.depends("pqrs_id", "type_id", "step")
    def _compute_due_by_authority(self):
        for wizard in self:
            kind = wizard.pqrs_id.type_id if wizard.step == "reopen" else wizard.type_id
            wizard.due_by_authority = kind.due_by_authority

    @api.depends("pqrs_id", "step")
    def _compute_of_case(self):
        """What the dialog of each step tells of the case, and of those that it takes together."""
        for wizard in self:
            case, cases, step = wizard.pqrs_id, wizard._get_cases(), wizard.step
            wizard.was_answered, wizard.has_ended = case.outcome == "answered", bool(case.outcome)
            wizard.unfiled = case.state == "to_file" or case._ended_unfiled()
            wizard.linked_names = ", ".join((cases - case).mapped("name"))
            wizard.annex_ids = cases.attachment_ids
            wizard.days_allowed = case.type_id.extension_days
            wizard.transfer_by = step == "transfer" and case._get_last_day_to_transfer()
            wizard.is_late = wizard.transfer_by and wizard.transfer_by < wizard.company_id._sig_today()
            wizard.tacit_refusal = step == "withdraw" and case.suspended and case._get_tacit_refusal()
            wizard.can_be_tacit = case.suspended and not wizard.tacit_refusal
            repeats = step == "cancel" and "cancel" in (case.allowed_transitions or ())
            wizard.original_ids = repeats and case._get_originals()

    @api.depends(
        "step", "pqrs_id", "reason", "type_id", "authority_deadline", "days", "reopening", "date", "by_whatsapp"
    )  # fmt: skip
    def _compute_preview(self):
        """The mail as it will leave, for who may take the step; deadlines before and after, what no longer counts."""
        for wizard in self:
            case, purpose = wizard.pqrs_id, MAILED.get(wizard.step)
            case.check_access("read")
            dates, mail, refusal, text = {}, {}, "", wizard.reason or ""
            if wizard.step == "reopen" and case:
                Reopening, kind = self.env["sig.reopening"], wizard._get_reopening_kind()
                moment = case.due_by_authority and wizard.authority_deadline
                dates = Reopening._preview(case, kind, wizard.date, moment)
                text = Reopening._get_text(case, kind, dates.get("date_deadline"), dates.get("suspended"), moment)
                purpose = not wizard.unfiled and purpose
            if purpose and not wizard.by_whatsapp and wizard.step in (case.allowed_transitions or ()):
                refusal = case._get_writing_refusal() if wizard.step == "write_to_client" else ""
                if not refusal and case._get_contact().mailbox:
                    mail = self.env["sig.client.notice"]._preview(case, purpose, text)
            names = {"mail_from": "email_from", "mail_to": "email_to", "mail_subject": "subject"}
            for name, source in {**names, "mail_body": "body_html"}.items():
                wizard[name] = mail.get(source, "")
            wizard.mail_refusal = refusal
            wizard.term_preview = wizard._describe_term_move(dates)

    @api.depends("step", "pqrs_id", "reason", "by_whatsapp")
    def _compute_whatsapp(self):
        WhatsApp = self.env["sig.whatsapp"]
        for wizard in self:
            case = wizard.pqrs_id
            writes = wizard.step == "write_to_client" and wizard.step in (case.allowed_transitions or ())
            wizard.whatsapp_number = writes and WhatsApp._get_number(case)
            wizard.whatsapp_text = wizard.whatsapp_number and WhatsApp._get_text(case, wizard.reason or "")

    def _get_reopening_kind(self):
        return self.reopening or "disagreement" if self.was_answered else "resume"

    def _get_cases(self):
        """The cases that the step takes: those that name each other are reserved, and revealed, together."""
        case = self.pqrs_id
        if self.step not in ("reserve_identity", "reveal_identity"):
            return case
        reserve = self.step == "reserve_identity"
        return case | case._get_linked_cases().filtered(lambda other: other.identity_reserved != reserve)

    @api.depends("user_id", "approver_id", "assignment_id", "step")
    def _compute_absence_notice(self):
        Absence = self.env["sig.process.absence"]
        for wizard in self:
            chosen = wizard.user_id | wizard.approver_id
            assignment = wizard.assignment_id._origin._filtered_access("read")
            notice = assignment and Absence._get_notice(chosen, assignment.process_id, assignment.date_due)
            wizard.absence_notice = notice or False

    @api.depends("pqrs_id", "step")
    def _compute_date(self):
        """Today; for what the petitioner wrote, when it came. All the days of an extension."""
        for wizard in self:
            case = wizard.pqrs_id
            wizard.days = case.type_id.extension_days
            case.check_access("read")
            company = wizard.company_id or self.env.company
            message = wizard._get_written()[:1]
            wizard.date = company._sig_local_date(message.date) if message else company._sig_today()
            wizard.seen = {"waiting": case.sudo().communication_ids.filtered_domain(RECEIVED).ids}

    def _get_written(self):
        """What the petitioner wrote and the step settles: what was delivered, or came after the closing."""
        case = self.pqrs_id.sudo()
        if self.step == "register_completion":
            return case._get_waiting_information()
        return case._get_waiting_after_end() if self.step == "reopen" else case.env["sig.pqrs.communication"]

    def _get_completion(self):
        """Arguments of a completion: the first message of its day, if any."""
        local_date = self.company_id._sig_local_date
        message = self._get_written().filtered(lambda each: local_date(each.date) == self.date)[:1]
        return {"message_id": message.id} if message else {"date": self.date}

    def _describe_term_move(self, dates):
        move, warnings = self._get_term_move(dates)
        if not move:
            return False
        items = [Markup("<li>%s</li>") % line for line in self.env["sig.term.change"]._describe(move)]
        items += [Markup("<li class='text-danger fw-bold'>%s</li>") % text for text in warnings.values()]
        return Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(items)

    def _get_term_move(self, dates):
        """``(TermMove, {code: warning})`` of the step, or of the dates of a reopening; no move until it is said."""
        case, kind = self.pqrs_id, self.type_id
        if deadline := dates.get("date_deadline"):
            day = tools.format_date(self.env, deadline, date_format="long")
            late = {"late": self.env._("The answer was due on %s: it is late.", day)}
            return TermMove.of(case, dates), late if deadline < self.company_id._sig_today() else {}
        if self.step == "extend" and 0 < self.days <= self.days_allowed:
            return self.env["sig.term.change"]._preview_extension(case, self.days), {}
        undated = kind.due_by_authority and not self.authority_deadline
        if self.step == "reclassify" and kind and kind != case.type_id and not undated:
            return self.env["sig.term.change"]._preview_type(case, kind, self.authority_deadline)[case]
        return False, {}

    def _get_arguments(self):
        """Named arguments of the step's method. Hook for steps of other addons."""
        reason = self.reason or ""
        return {
            "reclassify": {"type_id": self.type_id.id, "reason": reason, "authority_deadline": self.authority_deadline},
            **{step: {"text": reason} for step in TEXT_STEPS},
            "register_completion": self._get_completion() if self.step == "register_completion" else {},
            "extend_completion": {"reason": reason, "date": self.date},
            "extend": {"days": self.days, "reason": reason},
            "register_regulator_notice": {"reference": reason},
            "reopen": {
                "reason": reason,
                "kind": self._get_reopening_kind(),
                "date": self.date,
                "authority_deadline": self.authority_deadline,
            },
            "write_to_client": {"text": reason, "attachments": self.proof_ids.ids, "by_whatsapp": self.by_whatsapp},
            "register_return": {"date": self.date, "reason": reason},
            "transfer": {"recipient": self.recipient or "", "reason": reason},
            "withdraw": {"reason": reason, "tacit": self.tacit},
            "cancel": {"kind": self.kind, "reason": reason, "duplicate_of": self.duplicate_of_id.id},
            "reserve_identity": {"reason": reason, "private_attachment_ids": self.private_attachment_ids.ids},
            "correct_contact": {name: self[name] or None for name in ("email_from", "phone", "city")},
            "hide_annexes": {"attachment_ids": self.private_attachment_ids.ids},
            "check_identity": {"capacity": self.capacity, "evidence": reason},
            "register_rating": {"rate": int(self.rate or 0), "feedback": reason},
            "reassign": {"user_id": self.user_id.id},
            "approve": {"reason": reason, "digest": self.draft_digest},
            "complete": {"evidence": reason, "attachments": self.proof_ids.ids},
            "hand_over": {"user_id": self.user_id.id, "reason": reason},
            "name_approver": {"user_id": self.approver_id.id, "reason": reason},
        }.get(self.step, {"reason": reason})

    def action_confirm(self):
        self.ensure_one()
        record = self.communication_id or self.commitment_id or self.assignment_id or self._get_cases()
        if not record or self.step not in record._transitions:
            raise UserError(self.env._("Open this step from a case."))
        getattr(record.with_context(sig_seen=self.seen), f"action_{self.step}")(**self._get_arguments())
        if self.step == "transfer" and (made := record._get_forwardings()[:1]).letter_id:
            return {**made.action_download_letter(), "target": "new", "close": True}  # in this tab, core does not close
        if self.step == "write_to_client" and self.by_whatsapp:
            url = self.env["sig.whatsapp"]._get_url(self.pqrs_id, self.reason)
            return {"type": "ir.actions.act_url", "url": url, "target": "new", "close": True}
        return {"type": "ir.actions.act_window_close"}
