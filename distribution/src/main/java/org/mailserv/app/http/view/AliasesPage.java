package org.mailserv.app.http.view;

import java.util.List;
import org.mailserv.app.api.AliasInfo;
import org.mailserv.app.api.SettingSource;

/**
 * The aliases.
 *
 * @param aliases the first of those found
 * @param all the number of those found
 * @param text the text that their names or targets contain
 */
public record AliasesPage(Layout layout, List<AliasInfo> aliases, int all, String text) {
    /** Returns whether the person may change an alias here. */
    public boolean isEditable(AliasInfo alias) {
        return layout.changes() && alias.source() == SettingSource.FILE;
    }
}
