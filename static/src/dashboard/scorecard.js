import * as spreadsheet from "@odoo/o-spreadsheet";
import { SEE_RECORDS_PIVOT, SEE_RECORDS_PIVOT_VISIBLE } from "@spreadsheet/pivot/pivot_actions";
import { patch } from "@web/core/utils/patch";

const OURS = /^sig-/;

/**
 * A figure of our dashboard opens the records that it counts, with the filters of the dashboard: those of the pivot at
 * the right of its cell. Core opens the menu of a figure, which knows nothing of them.
 */
patch(spreadsheet.components.ScorecardChart.prototype, {
    get sigPosition() {
        const { getters } = this.env.model;
        const { chartId } = this.props;
        if (!OURS.test(chartId)) {
            return undefined;
        }
        const { sheetId, zone } = getters.getRangeFromSheetXC(
            getters.getActiveSheetId(),
            getters.getChartDefinition(chartId).keyValue
        );
        const position = { sheetId, col: zone.right + 1, row: zone.top };
        return SEE_RECORDS_PIVOT_VISIBLE(position, getters) ? position : undefined;
    },
    async navigateToOdooMenu(newWindow) {
        const position = this.sigPosition;
        return position
            ? SEE_RECORDS_PIVOT(position, this.env, newWindow)
            : super.navigateToOdooMenu(newWindow);
    },
});
