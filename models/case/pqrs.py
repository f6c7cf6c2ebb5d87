import secrets

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...tools import act_chain
from ..json_list import JsonList
from ..mixin import transitions
from .priority import HIGH, NORMAL, URGENT

#: steps that are refused while an answer is on its way to the petitioner
SETTLED_BY_ANSWER = {
    "assign", "add_requests", "reclassify", "request_information", "extend", "transfer", "withdraw", "cancel"
}  # fmt: skip


class Pqrs(models.Model):
    """A petition, complaint, claim or suggestion. `transitions.CASE`: who may take which step; `pqrs_term`: dates."""

    _name = "sig.pqrs"
    _description = "PQRS"
    _inherit = [
        "sig.transition.mixin", "sig.deadline.mixin", "sig.petitioner.mixin",
        "sig.files.mixin",
        "rating.mixin", "sig.thread.mixin", "sig.activity.mixin",
    ]  # fmt: skip
    _order = "date_received desc, id desc"
    _rec_names_search = ["name", "subject", "partner_name", "client_id"]
    _primary_email = "email_from"
    _sig_is_proof = True
    _sig_keeps_messages = True
    _transitions = transitions.CASE
    _dialog_field = "pqrs_id"
    _own_activities = ("sig_pqrs.activity_sig", "sig_pqrs.activity_deadline", "sig_pqrs.activity_duty")

    # Identity of the case
    name = fields.Char("Filing number", readonly=True, index="trigram")
    uuid = fields.Char(readonly=True, groups="sig_pqrs.group_sig_director", exportable=False)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    channel = fields.Selection(
        [
            ("web", "Website"),
            ("portal", "HERA app"),
            ("email", "Email"),
            ("phone", "Phone"),
            ("visit", "Visit"),
            ("letter", "Letter"),
            ("whatsapp", "WhatsApp"),
            ("api", "Integration"),
        ],
        required=True,
        default="phone",
    )

    # What is asked
    type_id = fields.Many2one(
        "sig.pqrs.type",
        required=True,
        index=True,
        check_company=True,
        tracking=True,
        help="The regime of the law: it gives the term. Changing it later is an act, and the petitioner is told.",
    )
    reason_id = fields.Many2one(
        "sig.pqrs.reason",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="What the case is about: it proposes process, responsible and instruction. Repetition is counted by it.",
    )
    subject = fields.Char(required=True, index="trigram", tracking=True)
    description = fields.Text("What happened")
    remedy = fields.Text("What is asked for")
    site = fields.Char(
        "Site or post", tracking=True, help="Where it happened: site, tower, post. Repetition is counted by it."
    )
    incident_date = fields.Date("Date of the facts")
    attachment_ids = fields.Many2many(
        "ir.attachment", "sig_pqrs_attachment_rel", string="Annexes", bypass_search_access=True
    )
    priority = fields.Selection(
        [(NORMAL, "Normal"), (HIGH, "High"), (URGENT, "Urgent: danger to life or integrity")],
        required=True,
        default=NORMAL,
        tracking=True,
        help="What is urgent notifies whoever must act at once, at any hour.",
    )

    # Who asks
    anonymous = fields.Boolean(help="No identity is stored.")
    partner_id = fields.Many2one(
        "res.partner", "Petitioner", ondelete="restrict", index="btree_not_null", tracking=True, check_company=True
    )
    client_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        compute="_compute_client_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        check_company=True,
    )
    of_client = fields.Boolean(
        "Asked by the client", compute="_compute_of_client", store=True, precompute=True, groups=fields.NO_ACCESS
    )
    capacity = fields.Selection(
        [
            ("client", "Client"),
            ("representative", "Representative"),
            ("resident", "Resident or visitor"),
            ("worker", "Worker"),
            ("supplier", "Supplier"),
            ("authority", "Authority"),
            ("other", "Other"),
        ],
        "Acting as",
    )
    partner_name = fields.Char(
        "Name", compute="_compute_contact", store=True, readonly=False, precompute=True, index="trigram"
    )
    email_from = fields.Char("Email", compute="_compute_contact", store=True, readonly=False, precompute=True)
    phone = fields.Char(compute="_compute_contact", store=True, readonly=False, precompute=True)
    person_type = fields.Selection([("natural", "Natural person"), ("legal", "Legal person")])
    document_type = fields.Selection(
        [
            ("cc", "Cédula de ciudadanía"),
            ("nit", "NIT"),
            ("ce", "Cédula de extranjería"),
            ("passport", "Passport"),
            ("ti", "Tarjeta de identidad"),
            ("other", "Other"),
        ],
        groups="sig_pqrs.group_sig_director",
    )
    document_number = fields.Char(
        groups="sig_pqrs.group_sig_director",
        help="Read by the SIG, and by who answers about personal data. It finds other cases of the person.",
    )
    identity_document = fields.Char(
        compute="_compute_identity_document", help="Shown to the SIG, and to who answers a case about personal data."
    )
    city = fields.Char()
    response_medium = fields.Selection(
        [("email", "Email"), ("portal", "HERA app"), ("letter", "Letter"), ("hand", "By hand"), ("phone", "Phone")],
        "Answer by",
        default="email",
        required=True,
    )

    # Where it stands
    state = fields.Selection(
        [
            ("to_file", "To file"),
            ("received", "Filed"),
            ("assigned", "In progress"),
            ("approved", "To send"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        default="received",
        group_expand=lambda self, _states, _domain: list(transitions.OPEN),
    )
    outcome = fields.Selection(
        [
            ("answered", "Answered"),
            ("transferred", "Transferred"),
            ("withdrawn", "Withdrawn"),
            ("tacitly_withdrawn", "Tacitly withdrawn"),
            ("duplicate", "Duplicate"),
            ("spam", "Not a PQRS"),
        ],
        readonly=True,
    )
    resolution = fields.Selection(
        [
            ("upheld", "Upheld"),
            ("partially_upheld", "Partially upheld"),
            ("not_upheld", "Not upheld"),
            ("not_applicable", "Not applicable"),
        ],
        tracking=True,
    )

    # What was done
    assignment_ids = fields.One2many("sig.pqrs.assignment", "pqrs_id", "Assignments", readonly=True)
    # Stored for grouping and filtering of lists
    process_ids = fields.Many2many(
        "sig.process",
        "sig_pqrs_process_rel",
        "pqrs_id",
        "process_id",
        "Processes",
        compute="_compute_processes",
        store=True,
        context={"active_test": False},
    )
    parts = JsonList("Who has it", compute="_compute_panel")
    warnings = JsonList(compute="_compute_panel")
    intake_panel = JsonList(
        "What is known of who asks",
        compute="_compute_intake_panel",
        help="Other cases of the petitioner, and the client in short, before the case is filed.",
    )
    act_ids = fields.One2many("sig.pqrs.act", "pqrs_id", "Acts", readonly=True)
    act_number = fields.Integer(aggregator=None, readonly=True, exportable=False)
    act_head = fields.Char(
        "Head of the chain",
        readonly=True,
        exportable=False,
        help="Digest of the last act, printed on the acknowledgement and the letter: who keeps them can prove that no"
        " act was altered.",
    )

    private_salt = fields.Char(readonly=True, groups=fields.NO_ACCESS)

    _name_unique = models.UniqueIndex("(company_id, name)", "Two cases cannot have one filing number.")
    _uuid_unique = models.UniqueIndex("(uuid)")
    _deadline_index = models.Index("(date_deadline, id)")
    _received_index = models.Index("(company_id, date_received DESC, id DESC)")
    _state_index = models.Index("(state, company_id, date_received DESC, id DESC)")
    # For the daily review
    _open_index = models.Index(
        "(company_id, date_deadline) WHERE state IN ('to_file', 'received', 'assigned', 'approved')"
    )
    _legal_index = models.Index(
        "(company_id, date_legal) WHERE state IN ('to_file', 'received', 'assigned', 'approved')"
    )
    # Groups and counts, record rules included, are index-only scans
    _group_index = models.Index(
        "(company_id, state, deadline_state, restricted, id) INCLUDE (type_id, client_id, date_received, rating_value)"
    )

    def _get_number(self):
        """The filing number, which each company gives anew, beside the company where there are several."""
        return " · ".join(filter(None, [self.name, self.company_id._sig_get_name_beside()]))

    @api.depends("name", "subject", "company_id")
    @api.depends_context("sig_show_subject", "uid", "allowed_company_ids")
    def _compute_display_name(self):
        """The number; with ``sig_show_subject`` in the context also the subject, for users who read the case.

        Core computes names as superuser for anybody who sees a record that links the case.
        """
        shown = self.browse()
        if self.env.context.get("sig_show_subject"):
            shown = self._origin.sudo(False)._filtered_access("read").with_env(self.env)
        for case in self:
            name = case._get_number() if case.name else self.env._("New PQRS")
            case.display_name = f"{name} · {case.subject}" if case.subject and case._origin in shown else name

    @api.depends("partner_id", "anonymous")
    def _compute_contact(self):
        for case in self:
            partner = case.partner_id
            case.partner_name = False if case.anonymous else partner.name or case.partner_name
            former = case._origin.partner_id if partner else partner  # what was theirs goes with them
            email, phone = case.email_from, case.phone
            if partner and email and not partner.email_normalized:  # in a form that is not saved, too
                former |= partner.search([("email_normalized", "=", email), ("is_company", "=", False)], limit=1)
            email = partner.email_normalized or (email not in former.mapped("email_normalized") and email)
            case.email_from = not case.anonymous and email
            case.phone = not case.anonymous and (partner.phone or (phone not in former.mapped("phone") and phone))

    @api.depends("partner_id")
    def _compute_client_id(self):
        """The company of the petitioner; a client chosen for a petitioner without a company stays."""
        for case in self:
            client = case.partner_id.commercial_partner_id
            followed = case.client_id == case._origin.partner_id.commercial_partner_id
            if client and (client.is_company or not case.client_id or followed):
                case.client_id = case.partner_id._sig_get_client(case.company_id)
            else:
                case.client_id = case.client_id

    @api.depends("partner_id", "client_id")
    def _compute_of_client(self):
        """Whether who asks is a contact of the client, and not of another one to which they may go later."""
        for case in self:
            case.of_client = bool(case.client_id) and case.client_id == case.partner_id.commercial_partner_id

    @api.depends("assignment_ids.process_id", "assignment_ids.state", "assignment_ids.active")
    def _compute_processes(self):
        """One query, and one write for all the cases with the same processes."""
        found = {}
        for assignment in self.env["sig.pqrs.assignment"].search_fetch(
            [("pqrs_id", "in", self.ids), *transitions.STANDING], ["pqrs_id", "process_id"]
        ):
            found.setdefault(assignment.pqrs_id.id, set()).add(assignment.process_id.id)
        for process_ids, cases in self.grouped(lambda case: tuple(sorted(found.get(case._origin.id, ())))).items():
            cases.process_ids = [fields.Command.set(process_ids)]

    def _get_current_assignments(self):
        return self.assignment_ids.filtered("is_current")

    @api.depends(
        "allowed_transitions", "assignment_ids.state", "communication_ids.state", "act_number",
        "priority", "attachment_ids", "next_duty", "next_duty_date", "immediate_measure_on", "legal_hold_reason",
        "evidence_preserved_on", "date_recorded",
    )  # fmt: skip
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_panel(self):
        Panel = self.env["sig.case.panel"]
        self.warnings = self.parts = []
        for case in self.filtered(lambda case: case._origin):  # of a form, too, before it is saved
            case.warnings = Panel._get_warnings(case._origin)
            case.parts = Panel._get_parts(case._origin)

    @api.depends("partner_id", "client_id", "email_from", "document_number", "anonymous", "company_id")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_intake_panel(self):
        for case in self:
            case.intake_panel = [] if case._origin else self.env["sig.case.panel"]._get_known(case)

    @api.depends_context("uid")
    @api.depends("type_id")
    def _compute_identity_document(self):
        labels = self._get_choices("document_type")
        is_sig = self.env.su or self.env.user.has_group("sig_pqrs.group_sig_director")
        for case, case_sudo in zip(self, self.sudo(), strict=True):
            shown = case_sudo.document_number and (
                is_sig or (case_sudo.type_id.personal_data and self.env.user in case_sudo._get_working_users())
            )
            case.identity_document = shown and " ".join(
                filter(None, [labels.get(case_sudo.document_type), case_sudo.document_number])
            )

    def _get_working_users(self):
        return self.env["res.users"].union(*self._get_current_assignments()._get_working_users().values())

    def _get_transition_depends(self):
        return [
            "delivery_state", "delivery_id", "communication_ids.state", "act_ids", "outcome",
            "type_id", "suspended", "term_trace", "preserve_evidence", "rating_state", "rating_reason",
            "legal_risk", "legal_state", "is_legal_reviewer", "legal_hold", "anonymized_on",
            "anonymous", "identity_reserved", "identity_checked",
        ]  # fmt: skip

    def _get_user_roles(self):
        user = self.env.user
        self_sudo = self.sudo()
        led = self_sudo._get_current_assignments().with_env(self.env)._filter_led_by_user().sudo()
        member_ids = self.env["sig.process"]._get_roles_of(user.id).member_ids
        roles = super()._get_user_roles()
        for case, case_sudo in zip(self, self_sudo, strict=True):
            found = roles[case]
            if case in led.pqrs_id:
                found.add(transitions.LEADER)
            took_part = case_sudo.assignment_ids.filtered(transitions.is_standing)
            if not member_ids.isdisjoint(took_part.process_id.ids):
                found.add(transitions.MEMBER)
            if user in case_sudo._get_current_assignments().user_id:
                found.add(transitions.RESPONSIBLE)
            if case.is_legal_reviewer:
                found.add(transitions.LEGAL)
        return roles

    @api.constrains("subject")
    def _check_subject(self):
        for case in self:
            if not (case.subject or "").strip() or len(case.subject) > 500:
                text = self.env._("A case needs a subject, of at most 500 characters: the description tells the rest.")
                raise ValidationError(text)

    @api.constrains("anonymous", "type_id", "partner_id", "partner_name", "email_from", "phone", "document_number")
    def _check_anonymous(self):
        for case in self.filtered("anonymous"):
            if not case.type_id.allow_anonymous:
                text = self.env._("A %s cannot be anonymous: the law asks who requests it.", case.type_id.name)
                raise ValidationError(text)
            if case.partner_id or case.partner_name or case.email_from or case.phone or case.sudo().document_number:
                text = self.env._("An anonymous case holds no identity: no contact, name, email, phone or document.")
                raise ValidationError(text)

    @api.constrains("incident_date")
    def _check_incident_date(self):
        for case in self:
            if case.incident_date and case.incident_date > case.company_id._sig_local_date(case.date_received):
                raise ValidationError(self.env._("The facts cannot be later than the receipt of the case."))

    def _get_transition_refusal(self, name):
        why = self._get_refusal_reason(name) if self.state in transitions.OPEN else ""
        return f"{self.name}: {why}" if why else super()._get_transition_refusal(name)

    def _get_refusal_reason(self, name):
        """Why the answer of an open case refuses a step; empty when the state says enough."""
        if name in SETTLED_BY_ANSWER and not transitions.not_delivering(self):
            return self.env._("the answer is on its way to the petitioner.")
        if name == "send_response" and self.state != "approved":
            return self.env._("there are processes that have not approved their answer.")
        if name == "send_response" and not transitions.is_legally_clear(self.sudo()):
            reviewer = self.sudo().legal_reviewer_id.name or "—"
            return self.env._("the legal reviewer, %s, has not approved this answer.", reviewer)
        return ""

    def _record(self, kind, notes="", body=None, date=None, days=0, data=None):
        """Append an act to each case, and log it in the thread; see `_append` of `sig.pqrs.act`.

        :param notes: text, or ``{case: text}``.
        :param str body: of the log; by default the kind of the act and its note.
        """
        acts = self.env["sig.pqrs.act"]._append(self, kind, notes=notes, date=date, days=days, data=data)
        label = acts._get_choices("kind")[kind]
        notes = notes if isinstance(notes, dict) else dict.fromkeys(self, notes)
        self._message_log_batch({case.id: body or f"{label}. {notes.get(case, '')}".strip() for case in self})
        return acts

    def _sign(self, text):
        """Prefix a text with the day and its author, for a field that does not show them otherwise."""
        return f"{tools.format_date(self.env, self.company_id._sig_today())} · {self.env.user.name}: {text}"

    def _commit_private(self, text):
        """A commitment to a text that not every reader of the act may know.

        Its salt is in no pack, unlike the uuid: nobody can find a short text, as a telephone, by trying all of them.

        :return: hexadecimal SHA-256. Once the personal data are erased, it proves nothing.
        """
        if text:
            self._ensure_private_salt()
        return act_chain.commit(text, self.sudo().private_salt)

    def _ensure_private_salt(self):
        for case in self.sudo().filtered(lambda case: not case.private_salt):
            case.private_salt = secrets.token_hex(16)

    def _notify_director(self, summary, note=False, activity_type="sig_pqrs.activity_sig"):
        """An activity for the SIG director of each case's company; ``note`` is text, markup, or ``{case: text}``."""
        self.env["sig.staff.notice"]._notify_directors(
            self, activity_type, lambda case: summary(case.env) if callable(summary) else summary, note=note
        )

    def action_make_evidence(self, with_identity=False):
        """Make an evidence pack of the cases, ``with_identity`` of reserved petitioners and documents or without."""
        return self.env["sig.evidence.pack"]._request(self, with_identity)._get_action()

    def action_verify_acts(self):
        """Verify the chains of acts and the files and messages that they bind; notify the result."""
        self.check_access("read")
        Check = self.env["sig.act.check"]
        faults = Check._find_faults(self)
        for case in self.sudo():
            if kept := self.env["sig.case.binding"]._get_faults(case):
                faults[case.name] = [*faults.get(case.name, []), *kept]
        message = self.env._("The acts are complete and unaltered.")
        if faults:
            details = "; ".join(f"{name}: {Check._describe_faults(found)}" for name, found in faults.items())
            message = self.env._("Altered: %s", details)
        return self._show_message(message, "danger" if faults else "success", sticky=bool(faults))
