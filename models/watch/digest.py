from odoo import fields, models, tools

#: records of a kind that a digest lists; it counts the others
NAMED = 15
#: kinds that its subject tells
TOLD = 3


class Digest(models.AbstractModel):
    """One mail for each user on business-day mornings: what of their day cannot wait, in all their companies."""

    _name = "sig.digest"
    _description = "Digest of What Waits"
    _inherit = ["sig.record.mixin"]

    def _send_digests(self):
        """Mail the digests of companies that were reviewed today, once a day to each user.

        A digest is of all companies of the user, some of which may be reviewed later. Companies and users are locked
        and marked, so that two workers or runs send no digest twice. The next run continues companies with failures.
        """
        companies = self.env["res.company"].search([("sig_watched_on", "!=", False)])
        companies = companies.filtered(self._is_digest_due).try_lock_for_update(allow_referencing=True)
        if not companies:
            return
        today = max(company._sig_today() for company in companies)
        pending = {company: self._get_pending(company, today) for company in companies}
        people = self.env["res.users"].union(*pending.values()).try_lock_for_update(allow_referencing=True)
        done = people - self._in_isolation(people, lambda users: self._mail_digests(users, today))
        for company, users in pending.items():
            if users <= done:
                company.sig_digested_on = company._sig_today()

    def _is_digest_due(self, company):
        today = company._sig_today()
        return company.sig_watched_on == today and company.sig_digested_on != today and self._is_business_day(company)

    def _is_business_day(self, company):
        return company._sig_calendar(internal=True).is_business_day(company._sig_today())

    def _get_pending(self, company, today):
        """Who had no digest today or tomorrow (as it is further east); later dates are of a clock that ran ahead.

        Who is away from all of their processes gets none, but the SIG director, for whom nobody stands in.
        """
        days = (today, fields.Date.add(today, days=1))
        staff = company._sig_filter_own(self.env.ref("sig_pqrs.group_collaborator").sudo().all_user_ids)
        of_company, Process = [("company_id", "=", company.id)], self.env["sig.process"]
        absent = self.env["sig.process.absence"]._search_current(of_company).grouped("user_id")
        processes = Process.search(of_company)
        away = self.env["res.users"].union(
            *(
                user
                for user, absences in absent.items()
                if processes.filtered_domain(Process._get_domain_of_people(user)) <= absences.process_id
            )
        )
        present = staff - away | staff & company._sig_get_director()
        return present.filtered(lambda user: user.email and user.sig_digested_on not in days)

    def _mail_digests(self, users, today):
        exports = self._get_exported_heads(users.company_ids)
        working = users.company_ids.filtered(self._is_business_day)
        rows, notified = [], users.browse()
        for user in users:
            companies = (user.company_id | user.company_ids) & working
            Day = self.env["sig.my.day"].with_user(user)
            tiles = Day.with_context(allowed_company_ids=companies.ids, lang=user.lang)._get_pressing_tiles(NAMED)
            if tiles:
                subject, body = self.with_context(lang=user.lang)._write_digest(tiles, exports.get(user, ()))
                url = f"{self.get_base_url()}/odoo/action-sig_pqrs.action_my_work"
                rows.append((user, user.company_id, subject, body, url))
                notified |= user
        notified.sig_digested_on = today
        self.env["sig.staff.notice"]._mail(rows)

    def _get_exported_heads(self, companies):
        """``{SIG director: last exports of heads}``."""
        exports = {}
        for company in companies:
            export = self.env["sig.act.head.export"]._get_last(company)
            director = company._sig_get_director()
            exports[director] = exports.get(director, export) | export
        return exports

    def _write_digest(self, tiles, exports=()):
        """Subject and markup of tiles of *Mi día*, in the language of the context."""
        notes = [
            self.env._(
                "Heads of the acts of %(company)s on %(day)s, SHA-256 of the file: %(digest)s",
                company=export.company_id.name,
                day=tools.format_date(self.env, export.date),
                digest=export.digest,
            )
            for export in exports
        ]
        for tile in tiles:
            for row in tile["records"]:
                row["url"] = self.env["sig.staff.notice"]._get_url(self.env[tile["model"]].browse(row["id"]))
            rest = tile["count"] - len(tile["records"])
            tile["more"] = rest and self.env._("and %s more", rest)
        values = {"tiles": tiles, "notes": notes}
        body = self.env["ir.qweb"]._render("sig_pqrs.mail_digest", values, minimal_qcontext=True)
        titles = [f"{tile['label']} ({tile['count']})" for tile in tiles]
        return self.env._("Your PQRS of today: %s", ", ".join(titles[:TOLD])), body
