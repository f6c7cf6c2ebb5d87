import { Component } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The steps of the procedure that are taken now and then, in one menu of the header. */
export class MoreSteps extends Component {
    static template = "sig_pqrs.MoreSteps";
    static components = { Dropdown, DropdownItem };
    static props = { ...standardWidgetProps };

    get steps() {
        return this.props.record.data.step_menu || [];
    }

    open(step) {
        return this.env.onClickViewButton({
            clickParams: { type: "object", name: "action_open_step", context: { default_step: step } },
            getResParams: () =>
                pick(this.props.record, "context", "evalContext", "resModel", "resId", "resIds"),
        });
    }
}

registry.category("view_widgets").add("sig_more_steps", {
    component: MoreSteps,
    fieldDependencies: [{ name: "step_menu", type: "json" }],
});
