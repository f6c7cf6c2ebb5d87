from collections import Counter, defaultdict

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..mixin.transitions import UNAPPROVED

TONES = {"week": "warning", "overdue": "danger"}


class Workload(models.AbstractModel):
    """Open parts of cases by process and responsible, counted when read, with the rights of the reader.

    Who reads all cases sees all processes. Others see those for which they act as leader: of the rest they read some
    parts alone.
    """

    _name = "sig.workload"
    _description = "Workload of Processes and People"

    @api.model
    @api.readonly
    def get_workload(self):
        """Figures of all processes, then of each one, followed by those of each responsible in it.

        :return: ``{"date_text": str, "labels": {key: str}, "rows": [dict]}``; rows have ``kind name note cells``, where
            kind is ``total process person``, and cells ``key text domain tone share``: the domain of the parts that are
            counted, if they are, and the percentage of what the most loaded person has.
        """
        today = self.env.company._sig_today()
        processes = self._get_processes()
        domains = self._get_domains(processes, today)
        parts = self._count_parts(domains)
        loads = Counter()
        for people in parts.values():
            loads.update({user: counts["open"] for user, counts in people.items()})
        everything = [counts for people in parts.values() for counts in people.values()]
        rows = [self._make_row("total", self.env._("Total"), everything, domains)]
        for process in processes:
            if process.active or process in parts:
                rows += self._make_process_rows(process, parts[process], loads, domains)
        labels = {
            "open": self.env._("Open"),
            "week": self.env._("Due by Sunday"),
            "overdue": self.env._("Parts overdue"),
            "age": self.env._("Mean age, business days"),
            "load": self.env._("Load per person"),
        }
        return {"date_text": tools.format_date(self.env, today, date_format="full"), "labels": labels, "rows": rows}

    def _get_processes(self):
        Process = self.env["sig.process"]
        roles = ("sig_director", "top_management", "auditor")
        reads_all = any(self.env.user.has_group(f"sig_pqrs.group_{role}") for role in roles)
        domain = Domain.TRUE if reads_all else Domain("id", "in", Process._get_led_ids())
        return Process.search(domain & Domain("active", "in", (True, False)))

    def _get_domains(self, processes, today):
        """:return: ``{figure: domain of assignments}``."""
        parts = Domain([("process_id", "in", processes.ids), *UNAPPROVED])
        running = Domain("deadline_state", "not in", ("overdue", "suspended"))
        sunday = fields.Date.to_string(fields.Date.end_of(today, "week"))
        return {
            "open": parts,
            "week": parts & running & Domain("date_due", "<=", sunday),
            "overdue": parts & Domain("deadline_state", "=", "overdue"),
        }

    def _count_parts(self, domains):
        """:return: ``{process: {user: Counter}}`` of the figures, and of the business days since the assignment."""
        Assignment, place = self.env["sig.pqrs.assignment"], ["process_id", "user_id"]
        parts = defaultdict(lambda: defaultdict(Counter))
        company = self.env.company
        local = Assignment.with_context(tz=company._sig_zone().zone)
        assigned = local._read_group(domains["open"], [*place, "date_assigned:day"], ["__count"])
        calendar = company._sig_calendar(*(day.date() for _process, _user, day, _count in assigned), internal=True)
        for process, user, day, count in assigned:
            days = count * calendar.count(day.date(), company._sig_today())
            parts[process][user].update(open=count, days=days)
        for key in ("week", "overdue"):
            for process, user, count in Assignment._read_group(domains[key], place, ["__count"]):
                parts[process][user][key] = count
        return parts

    def _make_process_rows(self, process, people, loads, domains):
        most, of_process = max(loads.values(), default=0), Domain("process_id", "=", process.id)
        staff = process._get_people()
        name = " · ".join(filter(None, [process.name, process.company_id._sig_get_name_beside()]))
        row = self._make_row("process", name, people.values(), domains, of_process)
        load = sum(counts["open"] for counts in people.values()) / len(staff.union(*people) or [0])
        row["cells"].append(self._make_cell("load", load, most=most, digits=1))
        free = [user.name for user in staff if user not in people]
        idle = free and self.env._("Without open parts: %s.", ", ".join(free))
        rows = [{**row, "note": " ".join(filter(None, [process.absence_notice, idle]))}]
        for user in sorted(people, key=lambda user: (-people[user]["open"], user.id)):
            of_user = Domain("user_id", "=", user.id)
            row = self._make_row("person", user.sudo().name, [people[user]], domains, of_process & of_user)
            row["cells"].append(self._make_cell("load", loads[user], domains["open"] & of_user, most=most))
            rows.append(row)
        return rows

    def _make_row(self, kind, name, counts, domains, place=Domain.TRUE):
        total = sum(counts, Counter())
        cells = [self._make_cell(key, total[key], domain & place) for key, domain in domains.items()]
        age = total["days"] / total["open"] if total["open"] else 0
        cells.append(self._make_cell("age", age, domains["open"] & place, digits=1))
        return {"kind": kind, "name": name, "note": "", "cells": cells}

    def _make_cell(self, key, value, domain=None, most=0, digits=0):
        return {
            "key": key,
            "text": self.env["sig.charts"]._format(value, digits),
            "domain": list(domain) if domain and value else False,
            "tone": TONES.get(key, "") if value else "",
            "share": round(100 * value / most) if most else 0,
        }
