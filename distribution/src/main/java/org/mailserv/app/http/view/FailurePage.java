package org.mailserv.app.http.view;

import java.util.List;

/**
 * Something that was not done, and why.
 *
 * @param back path of the page to return to
 */
public record FailurePage(Layout layout, List<String> lines, String back) {}
