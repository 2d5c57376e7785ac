package org.mailserv.app.http.view;

import org.mailserv.app.api.SettingSource;
import org.mailserv.app.api.UserInfo;

/** One user. */
public record AccountPage(Layout layout, UserInfo user) {
    private static final long MEBI = 1L << 20;

    /** Returns whether the person may change the user here. */
    public boolean isEditable() {
        return layout.changes() && user.source() == SettingSource.FILE;
    }

    /** Returns the quota in MiB, rounded up; 0 for none. */
    public long quotaMebi() {
        return (user.quotaOctets() + MEBI - 1) / MEBI;
    }

    /** Returns the size of the mailbox with its limit in words. */
    public static String usage(UserInfo user) {
        Long used = user.usedOctets();
        return (used == null ? "?" : Words.size(used))
                + (user.quotaOctets() == 0 ? "" : " of " + Words.size(user.quotaOctets()));
    }

    /** Returns whether a mailbox is nearly full. */
    public static boolean isNearlyFull(UserInfo user) {
        Long used = user.usedOctets();
        return used != null && user.quotaOctets() > 0 && used >= user.quotaOctets() / 10 * 9;
    }
}
