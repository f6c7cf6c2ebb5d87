import {Component, markup, onWillUpdateProps, useEffect, useState} from "@odoo/owl";

import {registry} from "@web/core/registry";
import {KeepLast} from "@web/core/utils/concurrency";
import {htmlJoin} from "@web/core/utils/html";
import {useService} from "@web/core/utils/hooks";
import {pick} from "@web/core/utils/objects";
import {useDebounced} from "@web/core/utils/timing";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const TYPED = ["subject", "description", "remedy", "site", "email_from", "anonymous"];
const NOTHING = {similar: [], same_fact: []};
const LINKS = ["client_id", "reason_id", "company_id", "partner_id"];

/** Cases like the one that is typed, triaged or answered; asked for once the form is there, so that it opens as fast. */
export class SimilarCases extends Component {
    static template = "sig_pqrs.SimilarCases";
    static props = {...standardWidgetProps, onDemand: {type: Boolean, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({...NOTHING, loaded: false});
        onWillUpdateProps(({record}) => {
            if (record.resId !== this.props.record.resId) {
                this.keepLast.add(Promise.resolve());
                Object.assign(this.state, NOTHING, {loaded: false});
            }
        });
        this.loadSoon = useDebounced(this.load, 300);
        if (!this.props.onDemand) {
            useEffect(
                () => {
                    this.loadSoon();
                },
                () => [JSON.stringify(this.asked)]
            );
        }
    }

    /** What is asked: the case of a form that is about one, or what is typed of a new one. */
    get asked() {
        const {data, resModel} = this.props.record;
        if (resModel !== "sig.pqrs") {
            return {case_id: data.pqrs_id.id};
        }
        const values = pick(data, ...TYPED);
        for (const name of LINKS) {
            values[name] = data[name] && data[name].id;
        }
        values.incident_date = data.incident_date && data.incident_date.toISODate();
        return {values};
    }

    async load() {
        const {values} = this.asked;
        const isEmpty = values && !values.subject && !values.description;
        const asked = isEmpty ? NOTHING : this.orm.silent.call("sig.similar", "get_similar", [], this.asked);
        const found = await this.keepLast.add(Promise.resolve(asked));
        Object.assign(this.state, found, {loaded: true});
    }

    onToggle(ev) {
        if (ev.target.open && !this.state.loaded) {
            this.load();
        }
    }

    openAnswer({name, answer}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "sig.pqrs.answer",
            res_id: answer.id,
            views: [[false, "form"]],
            target: "new",
        });
    }

    get writes() {
        const {resModel, data} = this.props.record;
        return resModel === "sig.pqrs.assignment" && data.is_mine_to_draft && data.state !== "approved";
    }

    /** Put the text of an answer below what is written. */
    async startFrom(section) {
        const {record} = this.props;
        const text = await this.orm.call("sig.similar", "get_starting_point", [section]);
        await record.isDirty(); // the editor hands over what is typed in it
        await record.update({response: htmlJoin([record.data.response || "", markup(text)])});
    }
}

registry.category("view_widgets").add("sig_similar_cases", {
    component: SimilarCases,
    extractProps: ({options}) => ({onDemand: Boolean(options.on_demand)}),
    supportedOptions: [{label: "On demand", name: "on_demand", type: "boolean"}],
});
