import {Component, onWillStart, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

/** What is still to be set up in the company: the steps that `sig.setup` gives, each ticked by its own data. */
export class SetupPanel extends Component {
    static template = "sig_pqrs.SetupPanel";
    static props = {onHide: {type: Function, optional: true}};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.state = useState({panel: {steps: []}});
        onWillStart(() => this.load());
    }

    async load() {
        this.state.panel = await this.orm.call("sig.setup", "get_panel", []);
    }

    get isComplete() {
        return this.state.panel.done === this.state.panel.total;
    }

    get percentage() {
        return Math.round((100 * this.state.panel.done) / (this.state.panel.total || 1));
    }

    get progress() {
        return _t("%(done)s of %(total)s", this.state.panel);
    }

    async open(step) {
        const action = await this.orm.call("sig.setup", "action_open_step", [step.key]);
        return this.action.doAction(action, {onClose: () => this.load()});
    }

    async show(shown) {
        await this.orm.call("sig.setup", "action_show", [shown]);
        if (!shown) {
            this.notification.add(_t("Bring the steps back in Configuration › Set-up."), {type: "info"});
            await this.props.onHide?.();
        }
        await this.load();
    }
}

/** The same steps as a screen of their own, also once they are hidden from the day. */
export class SetupScreen extends Component {
    static template = "sig_pqrs.SetupScreen";
    static components = {Layout, SetupPanel};
    static props = {...standardActionServiceProps};

    setup() {
        this.display = {controlPanel: {}};
    }
}

registry.category("actions").add("sig_pqrs.setup", SetupScreen);
