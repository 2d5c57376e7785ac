package org.mailserv.app.http.view;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;

/** The templates of {@code src/main/jte}, which the build has compiled. Output is escaped by its place in the HTML. Thread-safe. */
public final class Templates {
    private static final TemplateEngine ENGINE = TemplateEngine.createPrecompiled(ContentType.Html);

    private Templates() {}

    /**
     * Returns a page as HTML.
     *
     * @param name of the template, without its extension
     * @param page the one parameter of the template
     */
    public static String render(String name, Object page) {
        StringOutput output = new StringOutput(16_384);
        ENGINE.render(name + ".jte", page, output);
        return output.toString();
    }
}
