from uuid import uuid4

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ...tools import act_chain
from .. import clock
from ..mixin import transitions
from .priority import HIGH, highest

#: channels whose cases their own pages file; all others are registered by the SIG
PAGE_CHANNELS = frozenset({"web", "portal"})

#: set by the SIG at filing, fixed afterwards
FILING_FIELDS = frozenset(
    {"type_id", "channel", "company_id", "date_received", "anonymous", "identity_reserved", "authority_deadline"}
)
#: the petitioner's words: corrected until the case is taken up for the first time
PETITION_FIELDS = frozenset(
    {
        "subject", "description", "remedy", "partner_name", "person_type", "document_type", "document_number",
        "incident_date", "capacity", "attachment_ids",
    }
)  # fmt: skip
#: written by the SIG while the case is open
WORKING_FIELDS = frozenset(
    {
        "partner_id", "email_from", "phone", "city", "response_medium", "lang", "notice_told", "survey_answer",
        "priority", "severity", "involves_staff", "involves_incident", "preserve_evidence",
        "resolution", "response_opening", "response_closing", "commitment_ids", "request_ids",
        "legal_risk", "legal_reviewer_id",
    }
)  # fmt: skip
#: fixed once the answer is on its way
ANSWER_FIELDS = frozenset(
    {
        "response_opening", "response_closing", "resolution", "partner_id", "email_from",
        "legal_risk", "legal_reviewer_id",
    }
)  # fmt: skip
#: a change of these is an act
CONTACT_FIELDS = (
    "partner_id", "client_id", "partner_name", "document_type", "document_number",
    "email_from", "phone", "survey_answer",
)  # fmt: skip
#: editable in every state, for statistics and confidentiality
CLASSIFYING_FIELDS = frozenset({"reason_id", "client_id", "site", "restricted", "authorized_user_ids"})


class PqrsFiling(models.Model):
    """Filing of cases (number, dates, first act), and which of their fields may be edited until when."""

    _inherit = "sig.pqrs"
    _editable_fields = FILING_FIELDS | PETITION_FIELDS | WORKING_FIELDS | CLASSIFYING_FIELDS

    petition_editable = fields.Boolean("Can be corrected", compute="_compute_petition_editable", compute_sudo=True)

    @api.depends("state", "answer_ids", "assignment_ids.active")
    def _compute_petition_editable(self):
        for case in self.with_context(active_test=False):
            is_untriaged = case.state in transitions.UNTRIAGED
            case.petition_editable = is_untriaged and not (case.assignment_ids or case.answer_ids)

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super  # `_create_with_acts` does
        """File cases: number, dates, first act. The acknowledgement is queued."""
        if not self.env.su:
            self.browse().check_access("create")
            self._check_filing_values(vals_list)
        now = clock.now()
        vals_list = [self._add_missing_default_values(dict(vals)) for vals in vals_list]
        filing = self.sudo()
        kinds = filing._look_up_types(vals_list)
        vals_list = [
            filing._complete_filing_values(vals, kind, now) for vals, kind in zip(vals_list, kinds, strict=True)
        ]
        for vals in vals_list:  # set here, where it costs no second UPDATE of a row with dozens of indexes
            addressed = vals.get("email_from") or vals.get("partner_id")
            vals["acknowledgement_pending"] = bool(vals["state"] == "received" and addressed)
        links = [] if self.env.su else [self._pop_links(vals) for vals in vals_list]
        identities = filing.env["sig.pqrs.identity"]._take_from_values(vals_list)
        self.env["sig.case.number"]._set_numbers(vals_list)
        cases = self._create_with_acts(vals_list, filing._set_terms_and_acts(vals_list, now))
        self.env["sig.pqrs.identity"]._store(cases, identities)
        for case, vals in zip(cases, links, strict=False):
            if vals:
                case.write(vals)
        cases._on_filed()
        return cases

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("A case is not duplicated: it was filed once. File another one."))

    @api.model
    def _create_with_acts(self, vals_list, first_acts):
        """Insert complete cases and their first acts, which bind the annexes; the right to file has been proven."""
        annexes = [vals.get("attachment_ids") for vals in vals_list]
        for vals, commands in zip(vals_list, annexes, strict=True):
            if commands:  # with the rights of the user, as other links; the head is that of an act that binds them
                vals.update(attachment_ids=[], act_number=0, act_head=False)
        quiet = self.sudo().with_context(mail_create_nolog=True, tracking_disable=True)
        # pylint: disable-next=super-method-mismatch  # past `create`, which numbers and dates new cases
        cases = super(PqrsFiling, quiet).create(vals_list).with_env(self.env)
        cases.check_access("create")
        bound = {}
        for case, commands in zip(cases, annexes, strict=True):
            if commands:
                case.write({"attachment_ids": commands})
                bound[case] = self.env["sig.case.binding"]._bind_records(case, files=case.sudo().attachment_ids)
        self.env["sig.pqrs.act"]._append_first(cases, first_acts, bound)
        return cases

    @api.model
    def _check_filing_values(self, vals_list):
        names = {name for vals in vals_list for name in vals}
        names.update(key[8:] for key in self.env.context if key.startswith("default_"))
        for name in names & self._fields.keys():
            self._check_field_access(self._fields[name], "write")
        proposed = self.env.context.get("default_channel")
        if not PAGE_CHANNELS.isdisjoint(vals.get("channel", proposed) for vals in vals_list):
            raise UserError(self.env._("Cases of the website and of HERA are filed by their own pages."))
        for vals in vals_list:
            self._check_email(vals)

    @api.model
    def _pop_links(self, vals):
        """Take the x2many commands but annexes out of the values: they run with the rights of the user."""
        kinds = {name: self._fields[name].type for name in vals.keys() & self._fields.keys() - {"attachment_ids"}}
        links = {name: vals[name] for name, kind in kinds.items() if kind in ("one2many", "many2many")}
        vals.update({name: [] for name in links})  # not removed, or the defaults of the context would be used
        return links

    @api.model
    def _look_up_types(self, vals_list):
        """:return: the type of each of the values, in one query; empty where they name none."""
        ids = [vals.get("type_id") for vals in vals_list]
        ids = [id_ if isinstance(id_, int) and not isinstance(id_, bool) else 0 for id_ in ids]
        Type = self.env["sig.pqrs.type"]
        found = Type.browse(dict.fromkeys(filter(None, ids))).exists()
        return [found & Type.browse(id_ or []) for id_ in ids]

    @api.model
    def _complete_filing_values(self, vals, kind, now):
        """:return: ``vals`` (defaults included) with type, reason, priority, dates in UTC, uuid and state."""
        company = self.env["res.company"].browse(vals["company_id"])
        if not kind:
            raise UserError(self.env._("Choose the type of the case."))
        kind = kind._get_own(company)
        if not kind.active:
            raise UserError(self.env._("The type %s is archived.", kind.name))
        received = company._sig_moment(vals.get("date_received") or now)
        if received.year < self.env["sig.nonworking.day"]._FIRST_YEAR:
            raise UserError(self.env._("That date of receipt is before the calendar begins."))
        if received > now:
            if company._sig_local_date(received) > company._sig_local_date(now):
                raise UserError(self.env._("A case cannot be received in the future."))
            received = now
        reason = self.env["sig.pqrs.reason"].browse(vals.get("reason_id") or [])._get_own(company)
        flagged = vals.get("involves_staff") or vals.get("involves_incident")
        deadline = vals.get("authority_deadline") and company._sig_moment(vals["authority_deadline"])
        if kind.due_by_authority and not deadline:
            raise UserError(self.env._("Write the date and hour that the authority set."))
        if deadline and deadline < received:
            raise UserError(self.env._("The authority cannot ask for an answer before its request was received."))
        return {
            **vals,
            "type_id": kind.id,
            "reason_id": reason.id,
            "priority": highest(vals.get("priority"), reason.priority, flagged and HIGH),
            "date_received": received,
            "date_recorded": now,
            "authority_deadline": deadline if kind.due_by_authority else False,
            "uuid": vals.get("uuid") or str(uuid4()),
            "state": vals.get("state") or "received",
        }

    @api.model
    def _set_terms_and_acts(self, vals_list, now):
        """Complete the values with dates and head of the chain; return ``{uuid: values of the first act}``."""
        first_acts = {}
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"])
            kind = self.env["sig.pqrs.type"].browse(vals["type_id"])
            received_on, today = map(company._sig_local_date, (vals["date_received"], now))
            vals.update(kind._get_term_values(company, received_on, (), vals["authority_deadline"], today))
            data = {"restricted": True} if vals.get("restricted") else {}
            act = self._prepare_first_act("received", vals, now, **data)
            first_acts[vals["uuid"]] = act
            vals.update(act_number=1, act_head=act["digest"])
        return first_acts

    @api.model
    def _prepare_first_act(self, kind, vals, now, note="", **data):
        """:return: values of the act that begins a chain, with a commitment to the text of the petition."""
        petition = "\n".join(str(vals.get(name) or "") for name in ("subject", "description", "remedy"))
        return self.env["sig.pqrs.act"]._prepare_act(
            False,
            vals["uuid"],
            1,
            act_chain.GENESIS,
            kind,
            note=note,
            date=vals["date_received"],
            recorded_at=now,
            data={
                "name": vals["name"],
                "type": self.env["sig.pqrs.type"].sudo().browse(vals["type_id"]).code,
                "channel": vals["channel"],
                "deadline": str(vals["date_deadline"] or ""),
                "petition": act_chain.commit(petition, vals["uuid"]),
                **data,
            },
        )

    def _on_filed(self):
        bodies = {}
        for case in self.sudo():
            args = {"number": case.name, "type": case.type_id.name, "date": case._format_deadline()}
            bodies[case.id] = (
                self.env._("Arrived from a stranger: file it, or say that it is not a PQRS.")
                if case.state == "to_file"
                else self.env._("Filed as %(number)s (%(type)s). To be answered by %(date)s.", **args)
            )
        self._message_log_batch(bodies)
        self.env["sig.client.notice"]._queue_receipts(self)
        self._apply_assessment()

    def action_file(self):
        """File what a stranger sent; its date of arrival stays."""
        self._check_transition("file").write({"state": "received"})
        self._close_activities("sig_pqrs.activity_sig")  # it asked to file it
        self._record("filed", self.env._("Filed."))
        self.env["sig.client.notice"]._queue_receipts(self)
        return True

    @api.model
    def _load_demo_cases(self):
        from ...demo import scenario  # noqa: PLC0415 - a company that has cases of its own loads no demo

        scenario.load(self.env(su=True))

    def write(self, vals):
        by_hand = not self.env.su
        if by_hand:
            self._check_write_values(vals)
        before = self._describe_contacts() if by_hand and not vals.keys().isdisjoint(CONTACT_FIELDS) else {}
        result = super().write(vals)
        self._record_contacts(before)
        if not vals.keys().isdisjoint(("attachment_ids", *self._picture_fields)):
            self.env["sig.case.binding"]._record_missing(self)
        return result

    def _describe_contacts(self):
        """:return: ``{case: {label of the field: text}}`` of the contact data of filed cases."""
        fields = [self._fields[name] for name in CONTACT_FIELDS]
        return {
            case: {
                field._description_string(self.env): str(field.convert_to_export(case[field.name], case) or "")
                for field in fields
            }
            for case in self.sudo().filtered(lambda case: case.state != "to_file")
        }

    def _record_contacts(self, before):
        after = self.browse(case.id for case in before)._describe_contacts()
        for case, old in before.items():
            before[case] = [(label, text, after[case][label]) for label, text in old.items()]
        self._append_corrections(before)

    @api.model
    def _append_corrections(self, changes):
        """Append an act to each case whose contact data changed, with commitments to both versions.

        :param changes: ``{case: [(label, old text, new text)]}``.
        """
        notes, data, bodies = {}, {}, {}
        for case, rows in changes.items():
            if changed := [row for row in rows if row[1] != row[2]]:
                labels, old, new = zip(*changed, strict=True)
                notes[case] = ", ".join(labels)
                before, after = (case._commit_private("\n".join(texts)) for texts in (old, new))
                data[case] = {"before": before, "after": after}
                text = "\n".join(f"{label}: {was or '—'} → {became or '—'}" for label, was, became in changed)
                bodies[case.id] = case._log_on_identity(text, notes[case])[case]
        cases = self.sudo().browse(bodies)
        self.env["sig.pqrs.act"]._append(cases, "contact_corrected", notes=notes, data=data)
        cases._message_log_batch(bodies)

    def _check_write_values(self, vals):
        self._check_not_anonymized()
        self._check_email(vals)

        def describe(names):
            return ", ".join(sorted(self._fields[name]._description_string(self.env) for name in names))

        if fixed := FILING_FIELDS & vals.keys():
            raise UserError(self.env._("These are set when the case is filed and do not change: %s.", describe(fixed)))
        if not vals.keys().isdisjoint(ANSWER_FIELDS):
            self._check_not_leaving()
        ours = self._get_own_names(vals)
        for case in self:
            allowed = set(CLASSIFYING_FIELDS)
            if case.state in transitions.RUNNING:
                allowed |= WORKING_FIELDS
            if case.petition_editable:
                allowed |= PETITION_FIELDS
            if case.due_by_authority and not case.attachment_ids:
                allowed.add("attachment_ids")
            if refused := ours - allowed:
                args = {"case": case.name, "labels": describe(refused)}
                raise UserError(self.env._("%(case)s: this can no longer be changed: %(labels)s.", **args))

    @api.model
    def _check_email(self, vals):
        address = vals.get("email_from")
        if address and not tools.email_normalize(address):
            raise UserError(self.env._("“%s” is not an email address. Leave it empty if there is none.", address))

    def _check_answer_open(self, states=transitions.OPEN):
        if any(case.state not in states for case in self.sudo()):
            raise UserError(self.env._("The case is closed: its answer can no longer be changed."))
        self._check_not_leaving()

    def _check_not_leaving(self):
        if not all(map(transitions.not_delivering, self.sudo())):
            raise UserError(self.env._("The answer is on its way to the client and can no longer be changed."))
