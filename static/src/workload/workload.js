import {Component, onWillStart, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

import {getListAction} from "../my_day/my_day";

/** Open parts of cases by process and person: the figures that `sig.workload.get_workload` counts for the user. */
export class Workload extends Component {
    static template = "sig_pqrs.Workload";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = {controlPanel: {}};
        this.state = useState({workload: {}});
        onWillStart(() => this.load());
    }

    async load() {
        this.state.workload = await this.orm.call("sig.workload", "get_workload", []);
    }

    open(row, cell) {
        const name = `${row.name} · ${this.state.workload.labels[cell.key]}`;
        return this.action.doAction(getListAction(name, "sig.pqrs.assignment", cell.domain));
    }
}

registry.category("actions").add("sig_pqrs.workload", Workload);
