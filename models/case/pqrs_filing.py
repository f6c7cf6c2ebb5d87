from uuid import uuid4

from odoo import api, models
from odoo.exceptions import UserError

from ...tools import act_chain
from .. import clock

#: channels that the SIG notes; the others have pages or a mailbox of their own
DESK_CHANNELS = ("phone", "visit", "letter", "whatsapp", "email", "api")


class PqrsFiling(models.Model):
    """Filing: a case gets its number, its dates and its first act, for many cases as for one."""

    _inherit = "sig.pqrs"

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super  # `_create_with_acts` does
        """File cases: number, dates, first act. The acknowledgement is queued.

        Only the SIG, and the channels of this addon as superuser, file cases.
        """
        if not self.env.su:
            self.browse().check_access("create")
            self._check_filing_values(vals_list)
        now = clock.now()
        vals_list = [self._add_missing_default_values(dict(vals)) for vals in vals_list]
        kinds = self._look_up_types(vals_list)
        vals_list = [self._complete_filing_values(vals, kind, now) for vals, kind in zip(vals_list, kinds, strict=True)]
        for vals in vals_list:  # as far as it is known here: a later update would be of a row with dozens of indexes
            addressed = vals.get("email_from") or vals.get("partner_id")
            vals["acknowledgement_pending"] = bool(vals["state"] == "received" and addressed)
        links = [] if self.env.su else [self._pop_links(vals) for vals in vals_list]
        identities = self.env["sig.pqrs.identity"]._take_from_values(vals_list)
        self.env["sig.case.number"]._set_numbers(vals_list)
        first_acts = self._set_terms_and_acts(vals_list, now)
        cases = self._create_with_acts(vals_list, first_acts)
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
        """Store complete cases and the first act of each; the right to file has been proven."""
        quiet = self.sudo().with_context(mail_create_nolog=True, tracking_disable=True)
        # pylint: disable-next=super-method-mismatch  # past `create`, which numbers and dates what is filed now
        cases = super(PqrsFiling, quiet).create(vals_list)
        cases = cases.with_env(self.env)
        cases.check_access("create")
        self.env["sig.pqrs.act"]._append_first(cases, first_acts)
        return cases

    @api.model
    def _check_filing_values(self, vals_list):
        names = {name for vals in vals_list for name in vals}
        names.update(key[8:] for key in self.env.context if key.startswith("default_"))
        for name in names & self._fields.keys():
            self._check_field_access(self._fields[name], "write")
        channels = {vals.get("channel", self.env.context.get("default_channel", "phone")) for vals in vals_list}
        if not channels <= set(DESK_CHANNELS):
            raise UserError(self.env._("Cases of the website and of HERA are filed by their own pages."))
        for vals in vals_list:
            self._check_email(vals)

    @api.model
    def _pop_links(self, vals):
        """Take the commands on other records out of the values: they run with the rights of the user."""
        names = [name for name in vals if name in self._fields and self._fields[name].type in ("one2many", "many2many")]
        links = {name: vals[name] for name in names}
        vals.update({name: [] for name in names})  # not removed: the defaults of the context would come again
        return links

    @api.model
    def _look_up_types(self, vals_list):
        """The type that each of the values names, looked up once for all; empty where there is none."""
        ids = [vals.get("type_id") for vals in vals_list]
        ids = [id_ if isinstance(id_, int) and not isinstance(id_, bool) else 0 for id_ in ids]
        Type = self.env["sig.pqrs.type"].sudo()
        found = Type.browse(dict.fromkeys(filter(None, ids))).exists()
        return [found & Type.browse(id_ or []) for id_ in ids]

    @api.model
    def _complete_filing_values(self, vals, kind, now):
        """Values of a new case, with the moments, the company and the identity that filing gives it.

        :param dict vals: with the defaults.
        :param kind: the type that they name, empty when there is none.
        """
        company = self.env["res.company"].browse(vals["company_id"]).sudo()
        if not kind:
            raise UserError(self.env._("Choose the type of the case."))
        if not (vals.get("subject") or "").strip():
            raise UserError(self.env._("A case needs a subject."))
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
        deadline = vals.get("authority_deadline") and company._sig_moment(vals["authority_deadline"])
        if kind.due_by_authority and not deadline:
            raise UserError(self.env._("Write the date and hour that the authority set."))
        if deadline and deadline < received:
            raise UserError(self.env._("The authority cannot ask for an answer before its request was received."))
        return {
            **vals,
            "type_id": kind.id,
            "date_received": received,
            "date_recorded": now,
            "authority_deadline": deadline if kind.due_by_authority else False,
            "uuid": vals.get("uuid") or str(uuid4()),
            "state": vals.get("state") or "received",
        }

    @api.model
    def _set_terms_and_acts(self, vals_list, now):
        """Complete the values with the dates and the head of the chain; return the first acts by uuid."""
        first_acts = {}
        for vals in vals_list:
            company = self.env["res.company"].browse(vals["company_id"]).sudo()
            kind = self.env["sig.pqrs.type"].sudo().browse(vals["type_id"])
            vals.update(
                self._get_term_values(
                    company, kind, vals["date_received"], (), vals["authority_deadline"], company._sig_local_date(now)
                )
            )
            data = {"restricted": True} if vals.get("restricted") else {}
            act = self._prepare_first_act("received", vals, now, **data)
            first_acts[vals["uuid"]] = act
            vals.update(act_number=1, act_head=act["digest"])
        return first_acts

    @api.model
    def _prepare_first_act(self, kind, vals, now, note="", **data):
        """The act with which the chain of a case begins: what was filed, and a commitment to what was asked.

        :param dict vals: of the case.
        :param data: more of its data.
        """
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
        """What follows a filing. Hook for channels and for other addons."""
        bodies = {}
        for case in self.sudo():
            if case.state == "to_file":
                bodies[case.id] = self.env._("Arrived from a stranger: file it, or say that it is not a PQRS.")
            else:
                bodies[case.id] = self.env._(
                    "Filed as %(number)s (%(type)s). To be answered by %(date)s.",
                    number=case.name,
                    type=case.type_id.name,
                    date=case._format_deadline(),
                )
        self._message_log_batch(bodies)
        self._queue_acknowledgement()

    def action_file(self):
        """File what a stranger sent; its date of arrival stays."""
        proven = self._check_transition("file")
        proven.write({"state": "received"})
        self._record("filed", dict.fromkeys(self, self.env._("Filed.")))
        self._queue_acknowledgement()
        return True

    @api.model
    def _load_demo_cases(self):
        """Called by the demo data."""
        from ...demo import scenario  # noqa: PLC0415 - a company that has cases of its own loads no demo

        scenario.load(self.env(su=True))
