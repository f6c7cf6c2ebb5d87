import {Component, xml} from "@odoo/owl";

import {rpcBus} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {View} from "@web/views/view";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/**
 * What belongs to the record of a form, read once its tab is opened: the form itself opens without it. Records of another
 * model, as a list or as cards, or more fields of the record itself, by the form view with the external id `form`.
 */
export class RelatedList extends Component {
    static template = xml`<View t-if="props.record.resId" t-key="props.record.id" t-props="viewProps"/>`;
    static components = {View};
    static props = {
        ...standardWidgetProps,
        model: {type: String, optional: true},
        inverse: {type: String, optional: true},
        cards: Boolean,
        form: {type: String, optional: true},
    };

    setup() {
        this.action = useService("action");
        useBus(rpcBus, "RPC:RESPONSE", ({detail: {data}}) => {
            const {model, method} = data.params || {};
            if (model === this.props.model && method?.startsWith("action_")) {
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
        const {record, form} = this.props;
        if (form) {
            return {
                resModel: record.resModel,
                resId: record.resId,
                type: "form",
                views: [[false, "form"]],
                context: {form_view_ref: form},
                display: {controlPanel: false},
            };
        }
        const type = this.env.isSmall || this.props.cards ? "kanban" : "list";
        return {
            resModel: this.props.model,
            type,
            views: [
                [false, type],
                [false, "search"],
            ],
            domain: [[this.props.inverse, "=", record.resId]],
            context: {sig_in_case: true},
            display: {controlPanel: false}, // without a pager: all of them show
            limit: 1000,
            useSampleModel: false,
            ...(type === "list" && {allowSelectors: false}),
            selectRecord: (resId) =>
                this.action.doAction(
                    {
                        type: "ir.actions.act_window",
                        res_model: this.props.model,
                        res_id: resId,
                        views: [[false, "form"]],
                        target: this.props.cards ? "current" : "new",
                    },
                    {onClose: () => this.reload()}
                ),
        };
    }
}

registry.category("view_widgets").add("sig_related_list", {
    component: RelatedList,
    extractProps: ({attrs: {model, inverse, cards, form}}) => ({model, inverse, cards: Boolean(cards), form}),
});
