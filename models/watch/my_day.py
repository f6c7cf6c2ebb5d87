from odoo import api, fields, models, tools
from odoo.fields import Domain

from ..case.priority import URGENT
from ..mixin.deadline_mixin import PRESSING
from ..mixin.transitions import NOT_LEFT, OPEN, RUNNING, TO_DRAFT
from ..term.pqrs_term import get_pressing_duties_domain

#: records of a tile that show at once
SHOWN = 5


class MyDay(models.AbstractModel):
    """The screen with which everybody starts: tiles of records that wait for the user.

    A tile is a dict with:

    - ``key label model``, and ``domain``: a JSON-serializable list, read with the rights of the user;
    - ``tone``: ``danger warning info secondary``;
    - ``order`` of the records, and optionally the fields of their date and state: ``date_field state_field``;
    - ``quiet``: hidden while it has no records;
    - ``rises``: its tone is ``danger`` while its first record is late or due soon;
    - ``method method_label``: a public method of the model, without arguments, that a button of the tile calls.
    """

    _name = "sig.my.day"
    _description = "My Day"

    @api.model
    @api.readonly
    def get_my_day(self):
        """The tiles of the current user.

        :return: ``{"date": ISO date, "date_text": str, "name": str, "tiles": [dict], "can_register": bool, "setup":
            bool}``: ``setup``, whether the panel of the set-up is shown; each tile has ``key label tone model domain
            order count records method method_label``, and each record ``id name subject date date_text state tone
            urgent``.
        :raises AccessError: for users without a role.
        """
        Pqrs = self.env["sig.pqrs"]
        Pqrs.check_access("read")
        tiles = [self._get_my_day_tile(tile) for tile in self._get_my_day_tiles()]
        today = self.env.company._sig_today()
        return {
            "date": today.isoformat(),
            "date_text": tools.format_date(self.env, today, date_format="full"),
            "name": self.env.user.name,
            "can_register": Pqrs.has_access("create"),
            "setup": self.env["sig.setup"]._is_shown(),
            "tiles": [tile for tile in tiles if tile["count"] or not tile.get("quiet")],
        }

    @api.model
    def _get_my_day_tiles(self):
        """The tiles of the roles of the user. Hook."""
        user = self.env.user
        is_leader = user.has_group("sig_pqrs.group_process_leader")
        is_sig = user.has_group("sig_pqrs.group_sig_director")
        tiles = []
        if is_leader:
            unmeasured = [("priority", "=", URGENT), ("state", "in", RUNNING), ("immediate_measure_on", "=", False)]
            label = self.env._("Urgent, without immediate measures")
            tiles.append(self._make_tile("unmeasured", unmeasured, label, "danger", quiet=True))
        if is_sig:
            tiles += self._get_sig_tiles()
        if user.has_group("sig_pqrs.group_collaborator"):
            tiles += self._get_process_tiles(is_leader, is_sig)
        if user.has_group("sig_pqrs.group_top_management") and not is_sig:
            tiles += self._get_management_tiles()
        return tiles

    @api.model
    def _get_sig_tiles(self):
        make = self._make_tile
        Pqrs = self.env["sig.pqrs"]
        today, soon = Pqrs._get_deadline_limits(self.env.company)
        duties = get_pressing_duties_domain(today, soon)
        late = [("state", "=", "submitted"), ("date_due", "<", today.isoformat())]
        to_send = [("state", "=", "approved"), ("delivery_state", "in", NOT_LEFT)]
        wrote_after = [("communication_ids", "any", [("state", "=", "received"), ("purpose", "=", "late")])]
        unrated = [("rating_state", "in", ("asked", "reminded"))]
        triage = {"method": "action_triage_next", "method_label": self.env._("Triage")}
        by_duty = {"order": "next_duty_date, id", "date_field": "next_duty_date", "state_field": "next_duty"}
        return [
            make("duties", duties, self.env._("Legal duties about to lapse"), "danger", quiet=True, **by_duty),
            make("to_file", [("state", "=", "to_file")], self.env._("To file"), "warning", **triage),
            make("unassigned", [("state", "=", "received")], self.env._("Unassigned"), "warning", **triage),
            make("late_approvals", late, self.env._("To approve, late"), "danger", "sig.pqrs.assignment"),
            make("to_send", to_send, self.env._("To send"), "warning"),
            make("to_notify", [("to_notify", "!=", False)], self.env._("To notify"), "warning"),
            make("wrote_after", wrote_after, self.env._("Wrote after closing"), "warning", quiet=True),
            self._make_overdue_tile(),
            make("unrated", unrated, self.env._("Unrated"), "secondary", order="date_answered, id"),
        ]

    @api.model
    def _get_process_tiles(self, is_leader, is_sig):
        """Of drafters and approvers; deputies and substitutes may lack the role of leader."""
        make, Assignment = self._make_tile, "sig.pqrs.assignment"
        uid, quiet = self.env.uid, not is_leader or is_sig
        unpreserved = [
            *(("preserve_evidence", "=", True), ("evidence_preserved_on", "=", False)),
            ("state", "in", OPEN),
        ]
        led = [("is_of_led_process", "=", True)]
        running = [("pqrs_id.state", "in", OPEN)]
        to_approve = ["|", ("approval_user_id", "=", uid), *led, ("state", "=", "submitted"), *running]
        drafts = [*led, ("state", "in", TO_DRAFT), *running, ("deadline_state", "in", PRESSING)]
        mine = [("user_id", "=", uid), *running]
        returned, to_draft = [*mine, ("state", "=", "returned")], [*mine, ("state", "in", TO_DRAFT)]
        late = self.env._("Drafts of my processes, late or due soon")
        return [
            make("unpreserved", unpreserved, self.env._("Evidence to preserve"), "warning", quiet=True),
            make("to_approve", to_approve, self.env._("To approve"), "warning", Assignment, quiet=quiet),
            make("process_drafts", drafts, late, "danger", Assignment, quiet=quiet),
            make("returned", returned, self.env._("Returned to me for changes"), "danger", Assignment, quiet=True),
            make("mine", to_draft, self.env._("Mine to draft"), "info", Assignment, quiet=is_leader, rises=True),
        ]

    @api.model
    def _get_management_tiles(self):
        states = self.env["sig.pqrs"]._fields["state"]._description_selection(self.env)
        labels = {**dict(states), "received": self.env._("Filed cases")}
        due_soon = [("state", "in", RUNNING), ("deadline_state", "in", ("due_today", "due_soon"))]
        return [
            self._make_overdue_tile(),
            self._make_tile("due_soon", due_soon, self.env._("Due soon"), "warning"),
            *(self._make_tile(f"state_{state}", [("state", "=", state)], labels[state], "info") for state in OPEN),
        ]

    @api.model
    def _make_overdue_tile(self):
        domain = [("state", "in", RUNNING), ("deadline_state", "=", "overdue")]
        return self._make_tile("overdue", domain, self.env._("Overdue cases"), "danger")

    @api.model
    def _make_tile(self, key, domain, label, tone, model="sig.pqrs", order=None, **extra):
        order = order or f"{self.env[model]._deadline_field}, id"
        return {"key": key, "label": label, "domain": domain, "tone": tone, "model": model, "order": order, **extra}

    @api.model
    def _get_my_day_tile(self, tile):
        """A tile with its count and first records, in one query if there are few."""
        Model = self.env[tile["model"]]
        domain = Domain(tile["domain"])
        records = Model.search_fetch(domain, Model._get_my_day_fields(), order=tile["order"], limit=SHOWN + 1)
        count = len(records) if len(records) <= SHOWN else Model.search_count(domain)
        pressing = tile.get("rises") and records[:1].deadline_state in PRESSING
        return {
            **tile,
            "tone": "danger" if pressing else tile["tone"],
            "count": count,
            "records": [record._get_my_day_row(tile) for record in records[:SHOWN]] if count else [],
        }


class DeadlineMyDay(models.AbstractModel):
    _inherit = "sig.deadline.mixin"

    @api.model
    def _get_my_day_fields(self):
        return [self._deadline_field, "deadline_state", "state"]

    def _get_my_day_row(self, tile):
        name, subject = self._get_waiting_names()
        day = self[tile.get("date_field", self._deadline_field)]
        state_field = tile.get("state_field", "state")
        tones = {"overdue": "danger", "due_today": "warning", "due_soon": "warning", "on_track": "success"}
        return {
            "id": self.id,
            "name": name,
            "subject": subject or "",
            "date": fields.Date.to_string(day) if day else False,
            "date_text": tools.format_date(self.env, day) if day else "",
            "state": dict(self._fields[state_field]._description_selection(self.env)).get(self[state_field], ""),
            "tone": tile["tone"] if "date_field" in tile else tones.get(self.deadline_state, "muted"),
            "urgent": self._is_urgent(),
        }

    def _is_urgent(self):
        return False
