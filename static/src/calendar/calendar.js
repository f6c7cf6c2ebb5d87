import {registry} from "@web/core/registry";
import {CalendarCommonRenderer} from "@web/views/calendar/calendar_common/calendar_common_renderer";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {CalendarRenderer} from "@web/views/calendar/calendar_renderer";
import {calendarView} from "@web/views/calendar/calendar_view";

/** Red, orange, green and blue among the colours of calendars; grey for what ended. */
const COLORS = {overdue: 1, due_today: 2, due_soon: 2, on_track: 10, suspended: 4};

/** Weeks from Monday, whatever the language of the user says; the colours of the deadline states. */
class DeadlineCalendarModel extends CalendarModel {
    setup(...args) {
        super.setup(...args);
        this.meta.firstDayOfWeek = 1;
    }

    normalizeRecord(rawRecord) {
        const record = super.normalizeRecord(rawRecord);
        const subject = rawRecord.subject || rawRecord.case_subject || "";
        // A phone has room for the last digits of the number alone.
        const [number] = record.title.split(" · ");
        const title = this.env.isSmall ? number.split("-").pop() : `${record.title} · ${subject}`;
        return {...record, title, colorIndex: COLORS[rawRecord.deadline_state] || 0};
    }
}

class DeadlineDays extends CalendarCommonRenderer {
    get options() {
        return {...super.options, weekNumbers: false};
    }

    /** One press opens the record. */
    onEventClick(info) {
        this.props.editRecord(this.props.model.records[info.event.id]);
    }
}

class DeadlineCalendarRenderer extends CalendarRenderer {
    static components = {...CalendarRenderer.components, month: DeadlineDays};
}

registry.category("views").add("sig_calendar", {
    ...calendarView,
    Model: DeadlineCalendarModel,
    Renderer: DeadlineCalendarRenderer,
});
