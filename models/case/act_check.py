import logging
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...tools import act_chain
from .. import clock

_logger = logging.getLogger(__name__)

#: cases verified together, and whole chains verified again in a night besides those that moved
BATCH = 1000
MAX_A_NIGHT = 200_000

#: how a fault is stored: the number of the act, and the code
FAULT = re.compile(r"(\d+) \((\w+)\)")


class ActCheck(models.Model):
    """Up to which act the chain of a case was verified, when, and what did not hold.

    Every night what moved is verified from where it was left, and then whole chains again, those that were verified
    longest ago first. What does not hold is told once, to the SIG and to management.
    """

    _name = "sig.act.check"
    _description = "Verification of Acts"
    _order = "date desc, id desc"
    _rec_name = "pqrs_id"
    _check_company_auto = True

    pqrs_id = fields.Many2one("sig.pqrs", "PQRS", required=True, readonly=True, ondelete="restrict", check_company=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    number = fields.Integer("Up to act", aggregator=None, readonly=True)
    digest = fields.Char(readonly=True)
    date = fields.Datetime("Verified on", readonly=True)
    whole_on = fields.Datetime("Whole chain verified on", readonly=True, index=True)
    faults = fields.Char(
        "Codes of what does not hold", readonly=True, index="btree_not_null", help="As `tools.act_chain` gives them."
    )
    faults_told = fields.Char("What does not hold", compute="_compute_faults_told")
    mailed_number = fields.Integer(
        "Head mailed", aggregator=None, readonly=True, help="The last act whose digest management was sent."
    )

    _pqrs_unique = models.UniqueIndex("(pqrs_id)")

    @api.depends("faults")
    @api.depends_context("lang")
    def _compute_faults_told(self):
        for check in self:
            check.faults_told = self._say_stored(check.faults)

    @api.model
    def _check(self, cases, whole=True):
        """Verify chains and keep how far they hold.

        :param bool whole: from the first act, and not from where the last verification left it.
        :return: ``{case: [(number, fault)]}`` of those that do not hold.
        """
        if not cases:
            return {}
        cases = cases.sudo()
        known = self.sudo().search_fetch([("pqrs_id", "in", cases.ids)]).grouped("pqrs_id")
        partial = {
            case: check
            for case, check in known.items()
            if not whole and not check.faults and check.number and check.number <= case.act_number
        }
        since = {case.id: check.number for case, check in partial.items()}
        entries = self.env["sig.pqrs.act"]._read_entries(cases, since)
        faults = {}
        for case in cases:
            found = self._find_faults(case, entries.get(case.id, []), partial.get(case))
            if found:
                faults[case] = found
        news = {case: found for case, found in faults.items() if known.get(case, self).faults != self._describe(found)}
        self._store(cases, faults, cases.browse(case.id for case in cases if case not in partial))
        self._tell(news)
        return faults

    @api.model
    def _find_faults(self, case, entries, check):
        """Faults of a chain.

        :param entries: its acts; with a ``check``, from the one that was verified last.
        """
        head = (case.act_number, case.act_head)
        if not check:
            found = act_chain.verify(entries, head)
        elif not entries or entries[0]["digest"] != check.digest:
            found = [(check.number, "witness_mismatch" if entries else "truncated")]
        else:
            found = act_chain.verify(entries[1:], head, after=(check.number, check.digest))
        if entries and entries[-1]["number"] > case.act_number:
            found.append((entries[-1]["number"], "beyond_head"))
        return found

    @api.model
    def _describe(self, found):
        return ", ".join(f"{number} ({fault})" for number, fault in found)[:500]

    @api.model
    def _store(self, cases, faults, whole):
        now = clock.now()
        self.flush_model()
        self.env.cr.execute_values(
            """INSERT INTO sig_act_check (pqrs_id, company_id, number, digest, date, whole_on, faults, mailed_number,
                                          create_uid, write_uid, create_date, write_date)
               VALUES %s
               ON CONFLICT (pqrs_id) DO UPDATE
                  SET number = excluded.number, digest = excluded.digest, date = excluded.date,
                      whole_on = COALESCE(excluded.whole_on, sig_act_check.whole_on), faults = excluded.faults,
                      write_date = excluded.write_date""",
            [
                (
                    case.id, case.company_id.id, case.act_number, case.act_head, now, now if case in whole else None,
                    self._describe(faults[case]) if case in faults else None, 0,
                    self.env.uid, self.env.uid, now, now,
                )
                for case in cases
            ],
            page_size=len(cases),
        )  # fmt: skip
        self.invalidate_model()

    # -- Telling ----------------------------------------------------------------------------------------------------

    @api.model
    def _get_fault_names(self):
        """``{code: what it says of an act}``; a code that is not here says itself."""
        return {
            "altered": self.env._("its content was altered"),
            "note_altered": self.env._("its text was altered"),
            "note_missing": self.env._("its text is missing"),
            "false_seal": self.env._("it hides its content, and nothing allows that"),
            "broken_link": self.env._("it does not follow the one before"),
            "gap": self.env._("the one before it is missing"),
            "reordered": self.env._("it is out of order"),
            "truncated": self.env._("it was noted, and is missing"),
            "witness_mismatch": self.env._("it is not the one that was noted"),
            "beyond_head": self.env._("it comes after the last one noted"),
            "file_altered": self.env._("a file that it added was altered"),
            "file_renamed": self.env._("a file that it added was given another name"),
            "file_missing": self.env._("a file that it added is missing"),
            "message_altered": self.env._("a message that it added was altered"),
            "message_missing": self.env._("a message that it added is missing"),
            "unreadable": self.env._("the acts cannot be read"),
        }

    @api.model
    def _say(self, found):
        """Faults in words, in the language of the environment.

        :param found: pairs of the number of an act, 0 for the chain as a whole, and a code.
        """
        names = self._get_fault_names()
        return "; ".join(
            self.env._("act %(number)s (%(fault)s)", number=number, fault=names.get(code, code))
            if number
            else names.get(code, code)
            for number, code in found
        )

    @api.model
    def _say_stored(self, faults):
        """The same, of the codes that `_describe` wrote."""
        return self._say((int(number), code) for number, code in FAULT.findall(faults or ""))

    @api.model
    def _tell(self, faults):
        """Tell of chains that do not hold: the log, the SIG by an activity on each, management and the SIG by mail."""
        if not faults:
            return
        People = self.env["sig.people"]
        cases = self.env["sig.pqrs"].sudo().union(*faults)
        for case, found in faults.items():
            _logger.error("The acts of PQRS %s (id %s) were altered: %s", case.name, case.id, self._describe(found))
        for company, theirs in cases.grouped("company_id").items():
            ours = self.with_context(lang=company._sig_lang())
            theirs.with_context(lang=company._sig_lang())._tell_director(
                lambda env: env._("The acts of the case were altered: find out how"),
                {case: ours._say(faults[case]) for case in theirs},
                "sig_pqrs.activity_chain",
            )
            url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_act_check"
            rows = []
            for user in company._sig_get_top_management() | company._sig_get_director():
                own = self.with_context(lang=user.lang)
                subject = own.env._("ALTERED: PQRS whose acts do not hold: %s", len(theirs))
                lines = "\n".join(f"{case.name}: {own._say(faults[case])}" for case in theirs)
                rows.append((user, company, subject, lines, url))
            People._mail(rows)

    # -- Every night ------------------------------------------------------------------------------------------------

    @api.model
    def _cron_check(self):
        """Verify a batch of the chains that moved, or else of whole chains again."""
        moved = self._get_moved(BATCH)
        if moved:
            self._enter(moved)
            self._check_apart(moved, whole=False)
            self.env["ir.cron"]._commit_progress(len(moved), remaining=BATCH)
            return
        stale, remaining = self._get_stale(BATCH)
        self._check_apart(stale, whole=True)
        self.env["ir.cron"]._commit_progress(len(stale), remaining=max(0, remaining - len(stale)))

    @api.model
    def _enter(self, cases):
        """Give those that were never verified a row, in a transaction of its own.

        A new row refers to its case, and fails when that one was locked whole and changed since the transaction began:
        so it begins here, and not with acts that take long to read. What is verified then changes rows that are there.
        """
        known = self.sudo().search_fetch([("pqrs_id", "in", cases.ids)], ["pqrs_id"]).pqrs_id
        if not cases - known:
            return
        self.env["ir.cron"]._commit_progress()
        now = clock.now()
        self.env.cr.execute(
            SQL(
                """INSERT INTO sig_act_check (pqrs_id, company_id, mailed_number,
                                              create_uid, write_uid, create_date, write_date)
                   SELECT id, company_id, 0, %(uid)s, %(uid)s, %(now)s, %(now)s
                     FROM sig_pqrs WHERE id = ANY(%(ids)s) ORDER BY id
                   ON CONFLICT DO NOTHING""",
                uid=self.env.uid,
                now=now,
                ids=(cases - known).ids,
            )
        )
        self.invalidate_model()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _check_apart(self, cases, whole):
        """Verify cases together; when that fails, each apart: one that cannot be read hides no other."""
        failed = self.env["sig.pqrs"]._in_isolation(cases, lambda records: self._check(records, whole))
        if failed:
            faults = {case: [(0, "unreadable")] for case in failed}
            self._store(failed, faults, failed)
            self._tell(faults)

    @api.model
    def _get_moved(self, limit):
        """Cases never verified, or whose head is not the one that was."""
        self.env["sig.pqrs"].flush_model(["act_number", "act_head"])
        rows = self.env.execute_query(
            SQL(
                """SELECT pqrs.id FROM sig_pqrs pqrs LEFT JOIN sig_act_check verified ON verified.pqrs_id = pqrs.id
                    WHERE verified.digest IS DISTINCT FROM pqrs.act_head
                       OR verified.number IS DISTINCT FROM pqrs.act_number
                    ORDER BY pqrs.id LIMIT %s""",
                limit,
            )
        )
        return self.env["sig.pqrs"].sudo().browse(id_ for (id_,) in rows)

    @api.model
    def _get_stale(self, limit):
        """Cases whose whole chain was not verified for a day, the oldest first, and how many there are for tonight."""
        night = clock.now() - timedelta(hours=20)
        done = self.sudo().search_count([("whole_on", ">=", night)], limit=MAX_A_NIGHT)
        domain = ["|", ("whole_on", "=", False), ("whole_on", "<", night)]
        room = MAX_A_NIGHT - done
        remaining = min(room, self.sudo().search_count(domain, limit=room)) if room > 0 else 0
        order = "whole_on NULLS FIRST, id"
        return self.sudo().search(domain, order=order, limit=min(limit, remaining)).pqrs_id, remaining

    def action_check_now(self):
        """Have all be verified now, by the job."""
        if not self.env.user.has_group("sig_pqrs.group_sig_director"):
            raise AccessError(self.env._("Only the SIG asks for the verification of all acts."))
        self.env.ref("sig_pqrs.cron_act_check").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": self.env._("The acts are being verified.")},
        }
