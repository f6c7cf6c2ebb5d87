from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import clock
from ..answer.pqrs_rating import UNRATED_MONTHS
from ..case.pqrs_triage import TRIAGE_ORDER
from ..case.priority import URGENT
from ..communication.communication import RECEIVED
from ..mixin.deadline_mixin import PRESSING
from ..mixin.transitions import NOT_LEFT, OPEN, RUNNING, TO_DRAFT
from ..term.pqrs_term import get_pressing_duties_domain

#: records of a tile that show at once
SHOWN = 5

#: order of the tiles: danger, legal duties, overdue, legal review, what waits for the user, the rest
DANGER, DUTY, OVERDUE, LEGAL, WAITING, REST = range(6)

ROLES = ("administrator", "sig_director", "process_leader", "collaborator", "top_management", "interviewer", "auditor")


class MyDay(models.AbstractModel):
    """The screen with which everybody starts: tiles of records that wait for the user, the most urgent first.

    A tile is a dict with:

    - ``key label model rank``, and ``domain``: a JSON-serializable list, read with the rights of the user;
    - ``tone``: ``danger warning info secondary``;
    - ``order`` of the records, and optionally the fields of date (or False) and state: ``date_field state_field``;
    - ``of_sig``: the digest tells it to the director of the company alone; ``told``: of what has no deadline, which;
    - ``rises``: its tone is ``danger`` while its first record is late or due soon;
    - ``fixed_count``: of what has no record yet;
    - ``action``: external id of the one that lists them all, in place of their list;
    - ``method method_label``: a public method of the model, without arguments, that a button of the tile calls;
    - ``get_notes``: function of the records that show, not sent to the browser: ``{record: text under it}``.

    A tile without records does not show.
    """

    _name = "sig.my.day"
    _description = "My Day"

    @api.model
    @api.readonly
    def get_my_day(self):
        """The tiles of the current user.

        :return: ``{"date_text": str, "roles": [str], "tiles": [dict], "can_register": bool, "setup": bool}``:
            ``roles``, those of `ROLES` that the user has; ``setup``, whether the panel of the set-up is shown; a tile
            has ``key label tone model domain order count records method method_label``, a record ``id name company
            subject about note date date_text left state tone urgent``: ``company``, its name where one sees several.
        :raises AccessError: for users without a role.
        """
        user = self.env.user
        if not (roles := [role for role in ROLES if user.has_group(f"sig_pqrs.group_{role}")]):
            raise AccessError(self.env._("You have no role in PQRS and satisfaction."))
        return {
            "date_text": tools.format_date(self.env, self.env.company._sig_today(), date_format="full"),
            "roles": roles,
            "can_register": self.env["sig.pqrs"].has_access("create"),
            "setup": self.env["sig.setup"]._is_shown(),
            "tiles": self._fill_tiles(self._get_my_day_tiles(), SHOWN),
        }

    def _get_pressing_tiles(self, limit):
        """The tiles of the digest: dated work that cannot wait, and of what can, what is late or due soon.

        What waits for the SIG of a company is told to its director alone, and not to all who may do it.
        """
        tiles, user = self._get_my_day_tiles(), self.env.user
        directed = self.env.companies.filtered(lambda company: company._sig_get_director() == user)
        own = [("company_id", "in", directed.ids)]
        tiles = [{**tile, "domain": [*tile["domain"], *own]} if tile.get("of_sig") else tile for tile in tiles]
        if directed:
            silence = [("id", "in", [case.id for case in self.env["sig.silence"]._find_risks(directed)])]
            label = self.env._("Deemed accepted by silence, or about to be")
            tiles.append(self._make_tile("silence", silence, label, "danger", DANGER))
        pressing = []
        for tile in tiles:
            if tile["rank"] < REST and ("told" in tile or "deadline_state" in self.env[tile["model"]]._fields):
                soon = [("deadline_state", "in", PRESSING)] if tile.get("rises") else tile.get("told", [])
                pressing.append({**tile, "domain": [*tile["domain"], *soon]})
        return self._fill_tiles(pressing, limit)

    def _fill_tiles(self, tiles, limit):
        """The tiles that have records, the most urgent first, with the first ``limit`` of each."""
        tiles = sorted(tiles, key=lambda tile: tile["rank"])
        found = self._find_records(tiles, limit)
        return [self._fill_tile(tile, *found[tile["key"]]) for tile in tiles if found[tile["key"]][1]]

    def _get_my_day_tiles(self):
        """The tiles of the roles of the user. Hook."""
        user = self.env.user
        is_leader = user.has_group("sig_pqrs.group_process_leader")
        is_sig = user.has_group("sig_pqrs.group_sig_director")
        tiles = []
        if is_leader:
            unmeasured = [("priority", "=", URGENT), ("state", "in", RUNNING), ("immediate_measure_on", "=", False)]
            label = self.env._("Urgent, without immediate measures")
            tiles.append(self._make_tile("unmeasured", unmeasured, label, "danger", DANGER))
        if is_sig:
            tiles += [{**tile, "of_sig": True} for tile in self._get_sig_tiles()]
        if user.has_group("sig_pqrs.group_collaborator"):
            tiles += self._get_process_tiles()
        if not is_sig and any(user.has_group(f"sig_pqrs.group_{role}") for role in ("top_management", "auditor")):
            due_soon = [("state", "in", RUNNING), ("deadline_state", "in", ("due_today", "due_soon"))]
            soon = self._make_tile("due_soon", due_soon, self.env._("Due soon"), "warning", OVERDUE)
            tiles += [self._make_overdue_tile(), soon]
        return tiles

    def _get_sig_tiles(self):
        make = self._make_tile
        today, soon = self.env["sig.pqrs"]._get_deadline_limits(self.env.company)
        duties = get_pressing_duties_domain(today, soon)
        of_running = [("pqrs_id.state", "in", RUNNING), ("pqrs_id.suspended", "=", False)]
        late = [("state", "=", "submitted"), ("date_due", "<", today.isoformat()), *of_running]
        to_send = [("state", "=", "approved"), ("delivery_state", "in", NOT_LEFT)]
        since = fields.Datetime.to_string(clock.now() - relativedelta(months=UNRATED_MONTHS))
        unrated = [("rating_state", "in", ("asked", "reminded")), ("date_answered", ">=", since)]
        to_notify = "sig_pqrs.action_pqrs_to_notify"
        triage = {"method": "action_triage_next", "method_label": self.env._("Triage"), "order": TRIAGE_ORDER}
        declined = {"get_notes": self._get_refusals, **triage}
        by_duty = {"order": "next_duty_date, id", "date_field": "next_duty_date", "state_field": "next_duty"}
        return [
            make("duties", duties, self.env._("Legal duties about to lapse"), "danger", DUTY, **by_duty),
            self._make_overdue_tile(),
            make("to_file", [("state", "=", "to_file")], self.env._("To file"), "warning", **triage),
            make("unassigned", [("state", "=", "received")], self.env._("Unassigned"), "warning", **declined),
            make("to_send", to_send, self.env._("To send"), "warning"),
            make("to_notify", [("to_notify", "!=", False)], self.env._("To notify"), "warning", action=to_notify),
            make("to_read", [("communication_ids", "any", list(RECEIVED))], self.env._("To read"), "warning"),
            make("late_approvals", late, self.env._("To approve, late"), "danger", model="sig.pqrs.assignment"),
            make("unrated", unrated, self.env._("Unrated"), "secondary", REST, order="date_answered, id"),
        ]

    def _get_process_tiles(self):
        """Tiles of drafters, approvers and legal reviewers; deputies and substitutes may lack the role of leader."""
        make, assignment = self._make_tile, {"model": "sig.pqrs.assignment"}
        uid = self.env.uid
        review = [("legal_state", "=", "pending"), ("legal_reviewer_id", "=", uid), ("state", "=", "approved")]
        unpreserved = [("preserve_evidence", "=", True), ("evidence_preserved_on", "=", False), ("state", "in", OPEN)]
        evidence = self.env._("Evidence to preserve within 24 hours")
        led = [("is_of_led_process", "=", True)]
        running = [("pqrs_id.state", "in", OPEN)]
        by_others = ["&", *led, ("submitted_by_id", "!=", uid)]
        to_approve = ["|", ("approval_user_id", "=", uid), *by_others, ("state", "=", "submitted"), *running]
        drafts = [*led, ("state", "in", TO_DRAFT), *running, ("deadline_state", "in", PRESSING)]
        mine = [("user_id", "=", uid), *running]
        returned, to_draft = [*mine, ("state", "=", "returned")], [*mine, ("state", "=", "pending")]
        came_back = {**assignment, "get_notes": lambda drafts: {draft: draft.return_reason or "" for draft in drafts}}
        late = self.env._("Drafts of my processes, late or due soon")
        promised = [("user_id", "=", uid), ("state", "=", "open")]
        commitment = {"model": "sig.pqrs.commitment", "rises": True}
        return [
            make("legal_review", review, self.env._("For my legal review"), "danger", LEGAL),
            make("unpreserved", unpreserved, evidence, "warning", DUTY, date_field=False, order="id"),
            make("to_approve", to_approve, self.env._("To approve"), "warning", **assignment),
            make("returned", returned, self.env._("Returned to me for changes"), "danger", **came_back),
            make("mine", to_draft, self.env._("Mine to draft"), "info", rises=True, **assignment),
            make("process_drafts", drafts, late, "danger", **assignment),
            make("commitments", promised, self.env._("Commitments to fulfil"), "info", **commitment),
        ]

    def _make_overdue_tile(self):
        domain = [("state", "in", RUNNING), ("deadline_state", "=", "overdue")]
        return self._make_tile("overdue", domain, self.env._("Overdue cases"), "danger", OVERDUE)

    def _make_tile(self, key, domain, label, tone, rank=WAITING, model="sig.pqrs", order=None, **extra):
        order = order or f"{self.env[model]._deadline_field}, id"
        tile = {"key": key, "label": label, "domain": domain, "tone": tone, "rank": rank, "model": model}
        return {**tile, "order": order, **extra}

    def _find_records(self, tiles, limit):
        """:return: ``{key: (first records, count)}``, in one query for all the tiles."""
        found = {tile["key"]: (self.env[tile["model"]], tile.get("fixed_count", 0)) for tile in tiles}
        queries, shown = [], {}
        for tile in tiles:
            if "fixed_count" not in tile:
                query = self.env[tile["model"]]._search(Domain(tile["domain"]), order=tile["order"], limit=limit)
                first = query.select()
                query.order = query.limit = None
                queries.append(SQL("SELECT %s, ARRAY(%s), (%s)", tile["key"], first, query.select(SQL("COUNT(*)"))))
        for key, ids, count in self.env.execute_query(SQL(" UNION ALL ").join(queries)) if queries else ():
            found[key] = found[key][0].browse(ids), count
            shown.setdefault(found[key][0]._name, []).extend(ids)
        # what the rows name is read for all the tiles at once
        return {key: (rows.with_prefetch(shown.get(rows._name)), count) for key, (rows, count) in found.items()}

    def _fill_tile(self, tile, records, count):
        pressing = tile.get("rises") and records.mapped("deadline_state")[0] in PRESSING
        notes = tile.pop("get_notes", lambda _records: {})(records)
        return {
            **tile,
            "tone": "danger" if pressing else tile["tone"],
            "count": count,
            "records": [
                {
                    **dict.fromkeys(("about", "left", "date_text", "state"), ""),
                    "id": record.id,
                    "company": "company_id" in record._fields and record.company_id._sig_get_name_beside(),
                    "date": False,
                    "tone": tile["tone"],
                    "urgent": False,
                    "note": notes.get(record, ""),
                    **record._get_my_day_row(tile),
                }
                for record in records
            ],
        }

    def _get_refusals(self, cases):
        """:return: ``{case: why a process declined it last}``."""
        acts = self.env["sig.pqrs.act"].search_fetch(
            [("pqrs_id", "in", cases.ids), ("kind", "=", "declined")], ["pqrs_id", "note"], order="number"
        )
        return {act.pqrs_id: self.env._("Declined: %s", act.note) for act in acts}


class DeadlineMyDay(models.AbstractModel):
    _inherit = "sig.deadline.mixin"

    def _get_waiting_names(self):
        """Number and subject by which people know the record."""
        raise NotImplementedError

    def _get_my_day_row(self, tile):
        name, subject = self._get_waiting_names()
        date_field = tile.get("date_field", self._deadline_field)
        day = date_field and self[date_field]
        state_field = tile.get("state_field", "state")
        tones = {"overdue": "danger", "due_today": "warning", "due_soon": "warning", "on_track": "success"}
        return {
            "name": name,
            "subject": subject or "",
            "date": fields.Date.to_string(day) if day else False,
            "date_text": tools.format_date(self.env, day) if day else "",
            "left": self._get_days_text(day) if day and self.deadline_state in (*PRESSING, "on_track") else "",
            "state": self._get_choices(state_field).get(self[state_field], ""),
            "tone": tile["tone"] if "date_field" in tile else tones.get(self.deadline_state, "muted"),
        }

    def _get_days_text(self, day):
        """:return: business days until a day, in words."""
        today = self.company_id._sig_today()
        days = self.company_id._sig_calendar(today, day, internal=self._deadline_is_internal).count(today, day)
        if not days:
            return self.env._("today")
        if days > 0:
            return self.env._("1 business day left") if days == 1 else self.env._("%s business days left", days)
        return self.env._("1 business day late") if days == -1 else self.env._("%s business days late", -days)
