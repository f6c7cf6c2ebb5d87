import json
import secrets

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools import act_chain
from .. import clock

#: acts of petitioners, which the system records for those who write by mail or whose identity is reserved
BY_PETITIONER = frozenset(
    {"received", "information_delivered", "message_received", "client_message", "rated", "withdrawn"}
)


class PqrsAct(models.Model):
    """One dated legal act on a case. Dates derive from acts, and nobody writes or deletes one.

    Each act holds the digest of the one before (see `tools.act_chain`). `_append` alone creates them, under a lock on
    the row of the case, which stores number and digest of the last act.
    """

    _name = "sig.pqrs.act"
    _description = "PQRS Act"
    _inherit = ["sig.record.mixin"]
    _order = "number, id"
    _rec_name = "kind"
    _sig_is_proof = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    number = fields.Integer(aggregator=None, required=True)
    kind = fields.Selection(
        [
            ("received", "Received"),
            ("acknowledged", "Acknowledged"),
            ("filed", "Filed"),
            ("assigned", "Assigned"),
            ("reassigned", "Reassigned"),
            ("declined", "Declined"),
            ("removed", "Process removed"),
            ("approver_named", "Approver named"),
            ("process_merged", "Process merged"),  # of before 19.0.2.0.0
            ("submitted", "Submitted for approval"),
            ("approved", "Approved"),
            ("returned", "Returned"),
            ("reclassified", "Reclassified"),
            ("requirement", "Information required"),
            ("information_delivered", "Information delivered"),
            ("completion", "Information complete"),
            ("completion_refused", "Information incomplete"),
            ("completion_extension", "Time to complete extended"),
            ("extension", "Extension"),
            ("claim_marked", "Marked as claim in process"),
            ("immediate_measure", "Immediate measure"),
            ("incident_flagged", "Incident with staff"),
            ("incident_unflagged", "No incident with staff after all"),
            ("regulator_notified", "Regulator notified"),
            ("evidence_preserved", "Evidence preserved"),
            ("requests", "Separate requests"),
            ("transfer", "Transfer to who is competent"),
            ("forwarded", "Transfer proved"),
            ("notified", "Petitioner notified"),
            ("legal_changed", "Legal review changed"),
            ("legal_requested", "Legal review requested"),
            ("legal_approved", "Approved by the legal reviewer"),
            ("legal_returned", "Returned by the legal reviewer"),
            ("common_answer", "Answered in common"),
            ("response_sent", "Answer sent"),
            ("delivered", "Delivered"),
            ("delivery_failed", "Delivery failed"),
            ("claim_unmarked", "Mark “claim in process” removed"),
            ("silence", "Deemed accepted by silence"),
            ("commitment", "Commitments made"),
            ("commitment_done", "Commitment fulfilled"),
            ("commitment_dropped", "Commitment cancelled"),
            ("withdrawn", "Withdrawal"),
            ("cancelled", "Cancelled"),
            ("closed", "Closed"),
            ("reopened", "Reopened"),
            ("client_message", "Message after the closing"),
            ("message_settled", "Message attended to"),
            ("rated", "Rated"),
            ("tracking_revoked", "Tracking code made void"),
            ("identity_reserved", "Identity reserved"),
            ("identity_revealed", "Identity revealed"),
            ("files_added", "Files added"),
            ("message_received", "Message received"),
            ("message_sent", "Message to the petitioner"),
            ("kept", "Added to the file"),
            ("contact_corrected", "Contact corrected"),
            ("annexes_hidden", "Annexes kept with the identity"),
            ("identity_checked", "Identity checked"),
            ("identity_unchecked", "Identity check void"),
            ("restricted", "Access restricted"),
            ("unrestricted", "Access no longer restricted"),
            ("readers_changed", "Who may see it changed"),
            ("calendar_change", "Dates changed by the calendar"),
            ("imported", "Imported"),
            ("hold_placed", "Legal hold placed"),
            ("hold_released", "Legal hold released"),
            ("data_exported", "Personal data handed over"),
            ("anonymized", "Personal data erased"),
            ("erasure", "Erasing of personal data attended to"),
        ],
        required=True,
    )
    date = fields.Datetime("Date of the fact", required=True)
    recorded_at = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", ondelete="restrict")
    user_name = fields.Char("Name of the user", readonly=True)
    by_name = fields.Char("By", compute="_compute_by_name", compute_sudo=True)
    user_salt = fields.Char(groups=fields.NO_ACCESS)
    user_commitment = fields.Char(
        readonly=True, help="Of a user from outside, who may have to be forgotten.", exportable=False
    )
    days = fields.Integer(aggregator=None)
    note = fields.Text()
    note_salt = fields.Char(groups=fields.NO_ACCESS)
    note_commitment = fields.Char(readonly=True, exportable=False)
    data = fields.Json(help="What a program reads of the act. Never personal text.")
    previous_digest = fields.Char(required=True, exportable=False)
    digest = fields.Char(required=True, exportable=False)

    _number_unique = models.Constraint("UNIQUE(pqrs_id, number)", "A case has one act of each number.")

    @api.depends("user_name", "user_id.name", "kind", "data")
    @api.depends_context("lang")
    def _compute_by_name(self):
        """Who truly acted: no user of a program stands for the system, or for a petitioner who wrote."""
        for act in self:
            is_public = bool(act.user_id) and act.user_id._is_public()
            if not is_public and act.user_id.id != SUPERUSER_ID:
                act.by_name = act.user_name or act.user_id.name
            elif act.kind not in BY_PETITIONER or (act.data or {}).get("outcome") == "tacitly_withdrawn":
                act.by_name = self.env._("The system")
            elif is_public:
                act.by_name = self.env._("The petitioner, on the website")
            else:
                act.by_name = self.env._("The petitioner")

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super
        return {}  # no default of a context or user enters an act

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Acts are recorded by the steps of the procedure, never by hand."))

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("An act cannot be changed: record what happened since as another one."))

    # -- Appending: only the methods below skip the refusals above --------------------------------------------------
    # pylint: disable=super-method-mismatch

    @api.model
    def _append(self, cases, kind, notes="", date=None, days=0, data=None):
        """Append one act to each case.

        :param cases: distinct ``sig.pqrs`` records on which the user may act.
        :param notes: plain text, or ``{case: text}``.
        :param date: moment of the fact, naive UTC, or ``{case: moment}``; now by default.
        :param int days: length of an extension.
        :param data: JSON-serializable dict, or ``{case: dict}``.
        """
        if not cases:
            return self.browse()
        if cases._with_system_user().env.uid != cases.env.uid:
            self = self.with_user(SUPERUSER_ID)
        now = clock.now()
        heads = self._lock_heads(cases)
        vals_list = []
        cases_sudo = cases.sudo().with_prefetch()
        for case in cases_sudo:
            number, previous = heads[case.id]
            vals_list.append(
                self._prepare_act(
                    case.id,
                    case.uuid,
                    number + 1,
                    previous,
                    kind,
                    note=notes.get(case, "") if isinstance(notes, dict) else notes,
                    date=(date.get(case) if isinstance(date, dict) else date) or now,
                    recorded_at=now,
                    days=days,
                    data=data.get(case) if isinstance(data, dict) and case in data else data,
                )
            )
        acts = self._insert(cases_sudo, vals_list)
        self._store_heads(vals_list)
        return acts

    @api.model
    def _append_first(self, cases, vals_by_uuid, data):
        """Create the first act of new cases, with more data (``{case: dict}``) of those that hold no head yet."""
        vals_list = []
        for case in cases.sudo():
            vals = {**vals_by_uuid[case.uuid], "pqrs_id": case.id}
            if case in data:
                vals["data"] = {**vals["data"], **data[case]}
                vals["digest"] = act_chain.digest(vals["previous_digest"], self._get_content(case.uuid, vals))
                self._store_heads([vals])
            vals_list.append(vals)
        return self._insert(cases, vals_list)

    @api.model
    def _insert(self, cases, vals_list):
        vals_list = [{**vals, "company_id": case.company_id.id} for case, vals in zip(cases, vals_list, strict=True)]
        return super(PqrsAct, self.sudo()).create(vals_list).sudo(self.env.su)

    @api.model
    def _prepare_act(
        self, case_id, uuid, number, previous, kind, note="", date=None, recorded_at=None, days=0, data=None
    ):
        salt = secrets.token_hex(16) if note else ""
        is_ours = self.env.user._is_internal()
        user_salt = "" if is_ours else secrets.token_hex(16)
        vals = {
            "pqrs_id": case_id,
            "number": number,
            "kind": kind,
            "date": date,
            "recorded_at": recorded_at,
            "user_id": self.env.uid,
            "user_name": self.env.user.name if is_ours else False,
            "user_salt": user_salt,
            "user_commitment": act_chain.commit(str(self.env.uid), user_salt) if user_salt else "",
            "days": days,
            "note": note,
            "note_salt": salt,
            "note_commitment": act_chain.commit(note, salt),
            "data": data or {},
            "previous_digest": previous,
        }
        vals["digest"] = act_chain.digest(previous, self._get_content(uuid, vals))
        return vals

    @api.model
    def _get_content(self, uuid, vals):
        return {
            "case": uuid,
            "number": vals["number"],
            "kind": vals["kind"],
            "date": f"{fields.Datetime.to_string(vals['date'])} {fields.Datetime.to_string(vals['recorded_at'])}",
            "user": vals.get("user_commitment") or vals["user_id"],
            "days": vals["days"],
            "data": json.dumps(vals["data"], sort_keys=True, ensure_ascii=False),
            "note_commitment": vals["note_commitment"] or "",
        }

    @api.model
    def _lock_heads(self, cases):
        """``{case id: (number, digest)}`` of the last acts. Locks the cases in the order of their ids, so that two
        transactions never wait for each other; others may refer to them meanwhile, as the writer of a pack does.
        """
        if not cases:
            return {}
        self.env["sig.pqrs"].flush_model(["act_number", "act_head"])
        return {
            case_id: (number, head)
            for case_id, number, head in self.env.execute_query(
                SQL(
                    "SELECT id, act_number, act_head FROM sig_pqrs WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
                    cases.ids,
                )
            )
        }

    @api.model
    def _store_heads(self, vals_list):
        Pqrs = self.env["sig.pqrs"]
        for vals in vals_list:
            case = Pqrs.browse(vals["pqrs_id"])
            Pqrs._fields["act_number"].write(case, vals["number"])
            Pqrs._fields["act_head"].write(case, vals["digest"])

    # -- Proof ------------------------------------------------------------------------------------------------------

    @api.model
    def _verify(self, cases, witnesses=None):
        """Faults of chains, ``{case: [(number, fault)]}`` (see `act_chain.verify`).

        :param witnesses: ``{filing number: (number of an act, digest)}`` from outside of the cases.
        """
        cases = cases.sudo()
        stored = self._read_entries(cases)
        faults = {}
        for case in cases:
            acts = stored.get(case.id, [])
            head = (case.act_number, case.act_head)
            found = act_chain.verify(acts, head, (witnesses or {}).get(case.name))
            if acts and acts[-1]["number"] > case.act_number:
                found.append((acts[-1]["number"], "beyond_head"))
            if found:
                faults[case] = found
        return faults

    @api.model
    def _read_entries(self, cases):
        """The acts of cases as `act_chain.verify` takes them, ``{id of the case: [entry]}``; read as superuser."""
        self.flush_model()
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT act.pqrs_id, act.number, act.kind, act.date, act.recorded_at, act.days, act.data,
                          act.user_id, act.user_salt, act.user_commitment,
                          act.note, act.note_salt, act.note_commitment, act.previous_digest, act.digest
                     FROM sig_pqrs_act act WHERE act.pqrs_id = ANY(%s) ORDER BY act.pqrs_id, act.number, act.id""",
                cases.ids,
            )
        )
        uuids = {case.id: case.uuid for case in cases}
        reserved = {
            identity.pqrs_id.id: identity.act_users or {}
            for identity in cases.identity_ids.filtered(lambda identity: identity.act_users)
        }
        # Acts whose user was erased with the personal data: the act of that is chained, and names them.
        sealed = {}
        for row in rows:
            if row["kind"] == "anonymized":
                sealed.setdefault(row["pqrs_id"], set()).update((row["data"] or {}).get("sealed", ()))
        entries = {}
        for row in rows:
            case_id = row["pqrs_id"]
            user = row["user_id"] or reserved.get(case_id, {}).get(str(row["number"]), False)
            erased = not user and row["number"] in sealed.get(case_id, ())
            vals = {**row, "user_id": user, "days": row["days"] or 0, "data": row["data"] or {}}
            if row["user_commitment"] and not erased:
                vals["user_commitment"] = act_chain.commit(str(user or ""), row["user_salt"] or "")
            entries.setdefault(case_id, []).append(
                {
                    **self._get_content(uuids[case_id], vals),
                    **{name: row[name] for name in ("note", "note_salt", "previous_digest", "digest")},
                    **({"user": None, "sealed": True} if erased and not row["user_commitment"] else {}),
                }
            )
        return entries

    def _clear_users(self):
        """Remove the users of acts; the chain stays valid while the identity of the case holds them.

        Acts of `act_chain.NEVER_SEALED` stay as they are, even if the petitioner works here and took them.

        :return: the acts without user.
        """
        acts = self.filtered(lambda act: act.kind not in act_chain.NEVER_SEALED)
        super(PqrsAct, acts).write({"user_id": False, "user_name": False})
        return acts

    def _erase_notes(self):
        return super().write({"note": False, "note_salt": False})

    def _restore_note(self, note, note_salt):
        return super().write({"note": note, "note_salt": note_salt})

    def _erase_persons(self):
        super(PqrsAct, self.filtered(lambda act: not act.user_id)).write({"user_salt": False})
        return self._erase_notes()
