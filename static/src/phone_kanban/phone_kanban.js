import {utils} from "@web/core/ui/ui_service";
import {registry} from "@web/core/registry";
import {SearchModel} from "@web/search/search_model";
import {kanbanView} from "@web/views/kanban/kanban_view";

/**
 * Columns of which a phone shows one at a time hide what is in the others, and the first is often empty: there cards are
 * one below the other, until somebody groups them.
 */
export class PhoneKanbanSearchModel extends SearchModel {
    async load(config) {
        return super.load(utils.isSmall() ? {...config, defaultGroupBy: null} : config);
    }
}

registry.category("views").add("sig_phone_kanban", {...kanbanView, SearchModel: PhoneKanbanSearchModel});
