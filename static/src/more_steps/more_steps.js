import {Component} from "@odoo/owl";

import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {registry} from "@web/core/registry";
import {pick} from "@web/core/utils/objects";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** Press a button of a form for its record, or for another one that a widget shows. */
export function press(env, record, clickParams, target = {}) {
    return env.onClickViewButton({
        clickParams,
        getResParams: () => ({
            ...pick(record, "context", "evalContext", "resModel", "resId", "resIds"),
            ...target,
        }),
    });
}

/** Open the dialog of a step of the record. */
export function openStep(env, record, step) {
    return press(env, record, {type: "object", name: "action_open_step", context: {default_step: step}});
}

/** The steps of the procedure that are taken now and then, in one menu of the header. */
export class MoreSteps extends Component {
    static template = "sig_pqrs.MoreSteps";
    static components = {Dropdown, DropdownItem};
    static props = {...standardWidgetProps};

    get steps() {
        return this.props.record.data.step_menu || [];
    }

    open(step) {
        return openStep(this.env, this.props.record, step);
    }
}

registry.category("view_widgets").add("sig_more_steps", {
    component: MoreSteps,
    fieldDependencies: [{name: "step_menu", type: "json"}],
});
