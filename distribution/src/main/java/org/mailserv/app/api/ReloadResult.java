package org.mailserv.app.api;

import java.util.List;

/**
 * The result of a reload.
 *
 * @param restartNeeded keys of changed settings that take effect only after a restart
 * @param changes of a dry run, one line per change
 */
public record ReloadResult(List<String> restartNeeded, List<String> changes) {}
