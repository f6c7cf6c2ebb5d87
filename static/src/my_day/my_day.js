import {Component, onWillStart, useState} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

import {SetupPanel} from "../setup/setup";
import {TOURS} from "../tour/tours";

/** Models whose deadlines a calendar shows. */
const WITH_CALENDAR = ["sig.pqrs", "sig.pqrs.assignment"];

/** The action that opens the records of a domain. */
export function getListAction(name, model, domain) {
    const types = ["list", "kanban", ...(WITH_CALENDAR.includes(model) ? ["calendar"] : []), "form"];
    return {
        type: "ir.actions.act_window",
        name,
        res_model: model,
        domain,
        mobile_view_mode: "kanban",
        views: types.map((type) => [false, type]),
    };
}

/** What waits for whom: the tiles that `sig.my.day.get_my_day` gives the current user. */
export class MyDay extends Component {
    static template = "sig_pqrs.MyDay";
    static components = {Dropdown, DropdownItem, Layout, SetupPanel};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.tourService = useService("tour_service");
        this.display = {controlPanel: {}};
        this.state = useState({day: {roles: [], tiles: []}});
        onWillStart(() => this.load());
    }

    async load() {
        this.state.day = await this.orm.call("sig.my.day", "get_my_day", []);
    }

    /** A tour is shown with the pointer, which small screens have no room for. */
    get tours() {
        const {roles, tiles} = this.state.day;
        const shown = new Set(tiles.map(({key}) => key));
        const held = TOURS.filter(({role}) => roles.includes(role) && !this.env.isSmall);
        return held.filter((tour) => !tour.tiles || tour.tiles.some((key) => shown.has(key)));
    }

    /** Core's mode "manual" would also begin the tours of other applications for this user, for good. */
    startTour({name}) {
        const rainbowManMessage = _t("That is the tour. The guide tells the rest.");
        return this.tourService.startTour(name, {mode: "interactive", redirect: false, rainbowManMessage});
    }

    get isCalm() {
        return !this.state.day.tiles.length;
    }

    openRecord(tile, record) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: tile.model,
            res_id: record.id,
            views: [[false, "form"]],
        });
    }

    openAll(tile) {
        return this.action.doAction(tile.action || getListAction(tile.label, tile.model, tile.domain));
    }

    register() {
        return this.action.doAction("sig_pqrs.action_pqrs_register");
    }

    async call(tile) {
        const action = await this.orm.call(tile.model, tile.method, []);
        return this.action.doAction(action, {onClose: () => this.load()});
    }
}

registry.category("actions").add("sig_pqrs.my_day", MyDay);
