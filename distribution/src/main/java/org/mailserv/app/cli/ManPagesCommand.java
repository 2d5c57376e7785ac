package org.mailserv.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.mailserv.app.Version;
import org.mailserv.app.manual.ManPage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mailserv man-pages}: writes the manual pages when a package is built. */
@Command(
        name = "man-pages",
        description = "Writes the manual pages of mailserv into a folder.",
        hidden = true,
        mixinStandardHelpOptions = true)
public final class ManPagesCommand extends Subcommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "Folder for the files, which is created.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path folder;

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(folder);
        List<ManPage> pages = ManPage.of(spec.root().commandLine(), Version.text());
        for (ManPage page : pages) {
            Files.writeString(folder.resolve(page.name() + ".1"), page.roff());
        }
        out().println(pages.size() + " pages written to " + folder);
        return 0;
    }
}
