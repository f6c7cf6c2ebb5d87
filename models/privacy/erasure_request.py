from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..case.transitions import ENDED


class PqrsDuty(models.Model):
    _inherit = "sig.pqrs"

    def _get_duty_until(self):
        """``{case: last day on which a duty keeps it}`` of ended cases; empty where none does.

        The years of the duty of its type from its last act, or of its retention when those are fewer.
        """
        last = self._get_last_act_dates()
        found = {}
        for case in self:
            kind = case.type_id
            years = min(kind.duty_years, kind.retention_years or kind.duty_years)
            day = last.get(case.id) if case.state in ENDED and years else None
            found[case] = day and day + relativedelta(years=years)
        return found


class ErasureRequest(models.Model):
    """Erasing that the person asked for, before the retention is over.

    Ley 1581 de 2012, art. 8 e; Decreto 1377 de 2013, art. 9: it does not proceed while a legal or contractual duty asks
    to keep the data. An administrator orders it, case by case it is said what is erased and why the rest is kept, in
    words that the answer to the person can have.
    """

    _inherit = "sig.anonymization"

    person = fields.Char("Of whom", readonly=True, help="Hidden in part: it is a proof, not a directory.")
    request_id = fields.Many2one(
        "sig.pqrs", "Claim", readonly=True, index="btree_not_null", ondelete="restrict", check_company=True
    )
    reference = fields.Char(
        "Where the request is",
        help="When no claim was filed: the letter or mail that asks, its date, and where it is kept.",
    )
    is_of_another = fields.Boolean("Of somebody else than who asks", readonly=True)
    answer = fields.Text("For the answer", compute="_compute_answer", help="What the person is told.")

    @api.depends("kind", "person")
    def _compute_display_name(self):
        result = super()._compute_display_name()
        for run in self.filtered(lambda run: run.kind == "request"):
            run.display_name = self.env._("Erasing asked for: %s", run.person)
        return result

    @api.depends("kind", "state", "line_ids.state", "line_ids.detail", "line_ids.is_of_another")
    def _compute_answer(self):
        for run in self:
            run.answer = run.kind == "request" and run.sudo()._say_answer()

    def _say_answer(self):
        """What is erased and what is kept, in the language of the company."""
        mine = self.with_context(lang=self.company_id._sig_lang())
        lines = []
        told = self.line_ids.filtered(lambda line: not line.is_of_another)
        for line in told.sorted(lambda line: (line.date_received, line.pqrs_id.id)):
            what = mine._say_outcome(line)
            day = tools.format_date(
                mine.env, self.company_id._sig_local_date(line.date_received), date_format="dd/MM/yyyy"
            )
            lines.append(mine.env._("- %(case)s, of %(day)s: %(what)s", case=line.pqrs_id.name, day=day, what=what))
        kept = self.line_ids.filtered(lambda line: line.state in ("held", "skipped"))
        if kept:
            lines.append(
                mine.env._(
                    "What a law or a contract asks to keep is not erased before its time (Ley 1581 de 2012, art. 8; "
                    "Decreto 1377 de 2013, art. 9)."
                )
            )
            kind = mine.request_id.type_id or mine.env["sig.pqrs.type"]._get_fallback(self.company_id, "datos_reclamo")
            if authority := kind.with_env(mine.env).recourse_authority:
                lines.append(mine.env._("You may also go to the %s.", authority))
        return "\n".join(lines)

    def _say_outcome(self, line):
        """What becomes of a case, or became of it."""
        if line.state == "done":
            return self.env._("its personal data were erased.")
        if line.state == "pending":
            if self.state == "cancelled":
                return self.env._("its personal data were not erased: the erasing was given up.")
            return self.env._("its personal data will be erased.")
        if line.state == "failed":
            if self.state == "cancelled":
                return self.env._("its personal data could not be erased.")
            return self.env._("its personal data could not be erased yet.")
        return self.env._("it is kept. %s", line.detail or "")

    # -- Asking for it ----------------------------------------------------------------------------------------------

    @api.model
    def _check_is_administrator(self):
        if not self.env.user.has_group("sig_pqrs.group_administrator"):
            raise AccessError(self.env._("Only an administrator of the SIG erases data because the person asks."))

    @api.model
    def _simulate_request(self, person, cases, request, reason, reference=""):
        """List what would be erased of the cases of a person who asks for it, and change nothing.

        :param Person person: of `sig.person.data`.
        :param request: the claim about personal data; empty when it came otherwise.
        :param str reason: see `sig.person.data` `_check_asked`.
        :param str reference: where the request is, when it is no claim.
        """
        self._check_is_administrator()
        Data = self.env["sig.person.data"]
        company, reason = self.env.company, (reason or "").strip()
        of_another = Data._check_asked(company, person, cases, request, reason)
        if not cases:
            raise UserError(self.env._("There is no case of this person in %s.", company.name))
        reference = (reference or "").strip()
        self._check_backed(request, reference)
        run = self.sudo().create(
            {
                "company_id": company.id,
                "date": company.sudo()._sig_today(),
                "kind": "request",
                "person": Data._mask(person),
                "request_id": request.id,
                "is_of_another": of_another,
                "reference": reference or False,
                "reason": reason,
            }
        )
        run._fill(run._get_kept_until(cases.sudo()), self.env["sig.survey.wave"].sudo())
        return run.with_env(self.env)

    @api.model
    def _check_backed(self, request, reference):
        if not request and not (reference or "").strip():
            raise UserError(
                self.env._(
                    "Choose the claim of the person, or write where the request is: letter or mail, its date, and "
                    "where it is kept."
                )
            )

    def _get_writable_fields(self):
        return super()._get_writable_fields() | {"reference"}

    def _find_again(self):
        if self.kind != "request":
            return super()._find_again()
        return self._get_kept_until(self.line_ids.pqrs_id), self.wave_ids

    def _check_may_erase(self):
        result = super()._check_may_erase()
        asked = self.filtered(lambda run: run.kind == "request")
        if asked:
            self._check_is_administrator()
        # The identity may have been found wrong, or the contact corrected, since the list was made.
        for request in asked.request_id:
            self.env["sig.person.data"]._check_request(request)
        return result

    def _check_may_change(self):
        result = super()._check_may_change()
        if self.filtered(lambda run: run.kind == "request"):
            self._check_is_administrator()
        return result

    @api.model
    def _forget(self, claims):
        """What was asked in claims that are erased tells no more of whom it was."""
        Erasure = self.env["sig.erasure"]
        runs = self.sudo().search([("request_id", "in", claims.ids)])
        Erasure._erase_notes({self._name: runs})
        for run in runs:
            erased = Erasure._say_erased(run.company_id)
            run.write({"person": erased, "reason": erased, "reference": False})
        Line = self.env["sig.anonymization.line"].sudo()
        told = Domain("pqrs_id", "in", claims.ids) | Domain("run_id.request_id", "in", claims.ids)
        Line.search(told & Domain("state", "=", "excluded")).write({"detail": False})

    # -- What may be erased -----------------------------------------------------------------------------------------

    def _get_kept_until(self, cases):
        return cases._get_duty_until() if self.kind == "request" else super()._get_kept_until(cases)

    def _judge(self, case, until):
        if self.kind != "request":
            return super()._judge(case, until)
        refusal = self._say_refusal(case, until)
        state = "held" if case.legal_hold and not case.anonymized_on else "skipped"
        return (state, refusal) if refusal else ("pending", False)

    def _say_refusal(self, case, until):
        """Why a case is kept, as the person is told; empty when it may be erased."""
        case = case.with_context(lang=case.company_id._sig_lang())
        if case.anonymized_on:
            return case.env._("Its personal data were erased before.")
        if case.legal_hold:
            return case.env._("A proceeding or an authority asks for it: it is kept until that ends.")
        if case.state not in ENDED or case.delivery_state == "pending":
            return case.env._("It is being attended to: ask again once it is answered.")
        if until and until >= case.company_id._sig_today():
            day = tools.format_date(case.env, until, date_format="dd/MM/yyyy")
            return case.env._(
                "It must be kept until %(day)s: %(why)s.", day=day, why=(case.type_id.duty_basis or "").rstrip(".")
            )
        return case._get_anonymization_refusal()

    # -- The deed ---------------------------------------------------------------------------------------------------

    def _get_act_note(self):
        if self.kind != "request":
            return super()._get_act_note()
        # Who asked, and how they were identified, stays with the run and the claim.
        mine = self.with_context(lang=self.company_id._sig_lang())
        return mine.env._("The person asked for it (Ley 1581 de 2012, art. 8 e).")

    def _get_act_data(self):
        data = super()._get_act_data()
        return {**data, "asked": True} if self.kind == "request" else data

    def action_confirm(self):
        self._check_may_erase()
        for run in self.filtered(lambda run: run.kind == "request"):
            self._check_backed(run.request_id, run.reference)
        return super().action_confirm()

    def _check_has_something(self):
        # That nothing of what a person asks for can be erased is an answer too, and is recorded.
        return self.kind == "request" or super()._check_has_something()

    def action_cancel(self):
        begun = self.filtered(lambda run: run.state != "draft")
        result = super().action_cancel()
        for run in begun.sudo():
            run._record_attended(self.env.user)
        return result

    def _finish(self):
        result = super()._finish()
        if not self._has_failed():
            self._record_attended(self.user_id)
        return result

    def _record_attended(self, user):
        """An act on the claim, once, that tells what became of the request when nothing of it waits any more.

        :param user: in whose name.
        """
        request = self.request_id.with_user(user)
        acts = self.request_id.sudo().act_ids.filtered(lambda act: act.kind == "erasure")
        if not request or any((act.data or {}).get("run") == self.id for act in acts):
            return
        counts = Counter(self.line_ids.mapped("state"))
        data = {"run": self.id, "erased": counts["done"], "kept": counts["held"] + counts["skipped"]}
        more = {"left_out": counts["excluded"], "failed": counts["failed"], "given_up": counts["pending"]}
        data.update({name: number for name, number in more.items() if number})
        # Who acts for the person is not written again on a claim that was erased itself.
        note = self.reason.strip() if self.is_of_another and not request.anonymized_on else ""
        self.env["sig.pqrs.act"].with_user(user)._append(request, "erasure", note, data=data)
