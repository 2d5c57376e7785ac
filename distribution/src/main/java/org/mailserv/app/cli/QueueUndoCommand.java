package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.QueueOrderId;
import org.mailserv.app.api.QueueOrderInfo;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv queue undo}: removals and bounces of the admin page or the API that have not taken effect yet. */
@Command(
        name = "undo",
        description = {
            "Undoes a removal or bounce that has not taken effect yet.",
            "Without an order, lists those that wait and those of the last five minutes. The admin page gives ten seconds."
        },
        mixinStandardHelpOptions = true)
final class QueueUndoCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Subcommand queue;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "ORDER", arity = "0..1", description = "The id of the order.")
    @Nullable
    private String order;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Override
    public Integer call() throws ConfigurationException, StartupException, ApiException {
        ControlClient server = Subcommand.server(queue.config());
        List<QueueOrderInfo> orders = order == null
                ? server.ask(Calls.QUEUE_ORDERS, Nothing.NOTHING)
                : List.of(server.ask(Calls.UNDO_ORDER, new QueueOrderId(order)));
        PrintWriter out = spec.commandLine().getOut();
        orders.forEach(each -> out.println(json ? Json.write(each) : line(each)));
        if (orders.isEmpty() && !json) {
            out.println("No removal or bounce waits.");
        }
        out.flush();
        return 0;
    }

    private static String line(QueueOrderInfo order) {
        return order.id() + "  " + order.takesEffect() + "  " + order.action().label() + "  recipients "
                + order.recipients() + "  by " + order.by() + "  " + Json.label(order.state())
                + (order.result() == null ? "" : ": " + order.result());
    }
}
