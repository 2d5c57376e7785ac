package org.mailserv.server.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.EsmtpParameters;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.codec.smtp.SmtpReplies;

class CommandTableTest {
    private static final SmtpCommand MAIL = new SmtpCommand.Mail(ReversePath.NULL, EsmtpParameters.NONE);

    @Test
    @DisplayName("Every command that the codec reads has exactly one row in the command table")
    void everyCommandHasARow() {
        List<Class<?>> commands = Arrays.asList(SmtpCommand.class.getPermittedSubclasses());
        assertThat(SmtpExtensions.COMMANDS.types()).containsExactlyInAnyOrderElementsOf(commands);
    }

    @Test
    @DisplayName("The registered extensions define the parameters of MAIL and RCPT")
    void extensionsDefineTheParameters() {
        assertThat(SmtpExtensions.MAIL_PARAMETERS)
                .containsOnlyKeys("SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "REQUIRETLS", "AUTH");
        assertThat(SmtpExtensions.RCPT_PARAMETERS).containsOnlyKeys("NOTIFY", "ORCPT");
    }

    @Test
    @DisplayName("Two rows for one command are an error of the program")
    void rejectsASecondRow() {
        SmtpVerb<?> second = SmtpVerb.of(
                "NOOP",
                SmtpCommand.Noop.class,
                EnumSet.allOf(SessionState.class),
                (stages, noop) -> SessionContext.done(SmtpReplies.R250_OK));
        assertThatThrownBy(() -> new CommandTable(List.of(second)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("NOOP");
    }

    @Test
    @DisplayName("A row states the only states in which its command is valid")
    void mailIsValidBetweenTransactions() {
        assertThat(SmtpExtensions.COMMANDS.verbOf(MAIL).states()).containsExactly(SessionState.READY);
    }
}
