package org.mailserv.app.http.view;

import java.util.stream.Collectors;
import org.mailserv.app.api.DkimKeyInfo;
import org.mailserv.app.api.DnsRecordInfo;
import org.mailserv.app.api.DomainInfo;
import org.mailserv.app.api.SettingSource;

/**
 * A local domain.
 *
 * @param checked whether the records were looked up
 * @param mayRemove whether the person may remove domains
 */
public record DomainPage(Layout layout, DomainInfo domain, boolean checked, boolean mayRemove) {
    /** Returns whether the domain can be removed here. */
    public boolean isRemovable() {
        return mayRemove && domain.source() == SettingSource.FILE;
    }

    /** Returns whether keys wait for their records. */
    public boolean hasWaitingKeys() {
        return domain.keys().stream().anyMatch(key -> key.state() == DkimKeyInfo.State.WAITING);
    }

    /** Returns all records as a zone file has them. */
    public String zone() {
        return domain.records().stream().map(DnsRecordInfo::zoneLine).collect(Collectors.joining("\n"));
    }

    /** Returns the state of a key in words. */
    public static String words(DkimKeyInfo key) {
        return switch (key.state()) {
            case WAITING -> "waits for its record";
            case SCHEDULED -> "signs from " + Words.time(key.activeFrom()) + " " + Words.zone();
            case SIGNING -> "signs";
            case REPLACED -> "replaced; keep its record for a week";
        };
    }

    /** Returns the result of looking a record up in words. */
    public static String words(DnsRecordInfo record) {
        DnsRecordInfo.State state = record.state();
        if (state == null) {
            return "not looked up";
        }
        return switch (state) {
            case PUBLISHED -> "published";
            case MISSING -> record.required() ? "missing" : "not published, optional";
            case DIFFERENT -> "different";
            case UNKNOWN -> "unknown";
        };
    }

    /** Returns the style of the result of looking a record up. */
    public static String style(DnsRecordInfo record) {
        DnsRecordInfo.State state = record.state();
        if (state == DnsRecordInfo.State.PUBLISHED) {
            return "tag good";
        }
        return state == null || !record.required() ? "tag" : "tag bad";
    }
}
