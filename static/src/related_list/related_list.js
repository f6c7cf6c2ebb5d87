import { Component, xml } from "@odoo/owl";

import { rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { View } from "@web/views/view";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Records that belong to the record of a form, read once their tab is opened: the form itself opens without them. */
export class RelatedList extends Component {
    static template = xml`<View t-if="props.record.resId" t-key="props.record.id" t-props="viewProps"/>`;
    static components = { View };
    static props = { ...standardWidgetProps, model: String, inverse: String, cards: Boolean };

    setup() {
        this.action = useService("action");
        useBus(rpcBus, "RPC:RESPONSE", ({ detail: { data } }) => {
            const { model, method } = data.params || {};
            if (model === this.props.model && method.startsWith("action_")) {
                this.reload();
            }
        });
    }

    /** A button of a row may change what the form says. */
    reload() {
        if (!this.props.record.dirty) {
            this.props.record.load();
        }
    }

    get viewProps() {
        const type = this.env.isSmall || this.props.cards ? "kanban" : "list";
        return {
            resModel: this.props.model,
            type,
            views: [
                [false, type],
                [false, "search"],
            ],
            domain: [[this.props.inverse, "=", this.props.record.resId]],
            display: { controlPanel: false }, // without a pager: all of them show
            limit: 1000,
            ...(type === "list" && { allowSelectors: false }),
            selectRecord: (resId) =>
                this.action.doAction(
                    {
                        type: "ir.actions.act_window",
                        res_model: this.props.model,
                        res_id: resId,
                        views: [[false, "form"]],
                        target: this.props.cards ? "current" : "new",
                    },
                    { onClose: () => this.reload() }
                ),
        };
    }
}

registry.category("view_widgets").add("sig_related_list", {
    component: RelatedList,
    extractProps: ({ attrs }) => ({ model: attrs.model, inverse: attrs.inverse, cards: Boolean(attrs.cards) }),
});
