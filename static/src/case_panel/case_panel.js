import {Component, onWillUpdateProps, useState, xml} from "@odoo/owl";

import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

import {openStep, press} from "../more_steps/more_steps";

/** The most urgent warning of a case; the others behind their count. */
export class CaseWarnings extends Component {
    static template = "sig_pqrs.CaseWarnings";
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({open: false});
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.props.record.resId) {
                this.state.open = false;
            }
        });
    }

    get warnings() {
        return this.props.record.data.warnings || [];
    }

    get shown() {
        return this.state.open ? this.warnings : this.warnings.slice(0, 1);
    }

    press({step, method, action}) {
        const {env, props} = this;
        if (step) {
            return openStep(env, props.record, step);
        }
        return press(env, props.record, method ? {type: "object", name: method} : {type: "action", name: action});
    }
}

/** What is known of who asks and of the client, while a case is typed. */
export class CaseIntake extends Component {
    static template = "sig_pqrs.CaseIntake";
    static props = {...standardWidgetProps};

    get lists() {
        return this.props.record.data.intake_panel || [];
    }
}

/** Who has the case and each part of its answer, since when, until when, and what the user does with it. */
export class CaseParts extends Component {
    static template = "sig_pqrs.CaseParts";
    static props = {...standardWidgetProps};

    get parts() {
        return this.props.record.data.parts || [];
    }

    open({id}) {
        return press(
            this.env,
            this.props.record,
            {type: "object", name: "action_open"},
            {resModel: "sig.pqrs.assignment", resId: id, resIds: [id]}
        );
    }
}

/** Business days until the deadline, or since. */
export class DaysLeft extends Component {
    static template = xml`<span t-att-class="{'text-danger fw-bold': days lt 0}" t-esc="text"/>`;
    static props = {...standardFieldProps};

    get days() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.days < 0 ? _t("overdue by %s", -this.days) : _t("%s left", this.days);
    }
}

registry.category("fields").add("sig_days_left", {component: DaysLeft, supportedTypes: ["integer"]});

/** What who drafts or approves has beside the text: facts, request, annexes and earlier answers to the client. */
export class AssignmentBrief extends Component {
    static template = "sig_pqrs.AssignmentBrief";
    static props = {...standardWidgetProps};

    setup() {
        this.action = useService("action");
    }

    get brief() {
        return this.props.record.data.brief || {};
    }

    open(answer) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sig.pqrs.answer",
            res_id: answer.id,
            views: [[false, "form"]],
            target: "new",
        });
    }
}

for (const [name, component, field] of [
    ["sig_case_warnings", CaseWarnings, "warnings"],
    ["sig_case_parts", CaseParts, "parts"],
    ["sig_case_intake", CaseIntake, "intake_panel"],
    ["sig_assignment_brief", AssignmentBrief, "brief"],
]) {
    registry.category("view_widgets").add(name, {
        component,
        fieldDependencies: [{name: field, type: "json"}],
    });
}
