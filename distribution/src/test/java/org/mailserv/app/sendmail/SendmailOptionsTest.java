package org.mailserv.app.sendmail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.app.sendmail.SendmailOptions.UsageException;

/** Command lines of real programs, and the options of sendmail, Postfix and Exim one by one. */
class SendmailOptionsTest {
    private static SendmailOptions parse(String line) throws UsageException {
        return SendmailOptions.parse(List.of(line.strip().split(" +")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cronie | -FCronDaemon -i -odi -oem -oi -t -f root",
                "Debian cron | -i -FCronDaemon -B8BITMIME -oem root",
                "systemd-cron | -i -B8BITMIME root",
                "git send-email | -i root",
                "git send-email with sender | -f a@x.test -i root",
                "mutt | -oem -oi -- root",
                "mutt with sender | -oem -oi -f a@x.test -N failure,delay -R hdrs -B8BITMIME -- root",
                "PHP | -t -i",
                "PHP with sender | -t -i -fa@x.test",
                "s-nail | -i -r a@x.test root",
                "bsd-mailx | -i root",
                "mailutils | -oi -f a@x.test -t",
                "perl MIME::Lite | -t -oi -oem",
                "smartd by mail | -i root",
                "logwatch | -t",
                "bugzilla | -i -fa@x.test -ODeliveryMode=deferred root",
                "sendmail's submit | -Ac -q -v -OTimeout.connect=30s -h 3 -p ESMTP:host root",
            })
    @DisplayName("what cron, git, PHP, mutt and others say is taken")
    void realPrograms(String program, String line) throws UsageException {
        SendmailOptions options = parse(line);
        assertThat(options.ignored()).as(program).isEmpty();
        assertThat(options.mode()).isEqualTo("m");
        if (options.fromHeader()) {
            assertThat(options.recipients()).isEmpty();
        } else {
            assertThat(options.recipients()).as(program).containsExactly("root");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-em",
                "-e m",
                "-au",
                "-C /etc/mail/sendmail.cf",
                "-C/x",
                "-L tag",
                "-Ltag",
                "-X /dev/null",
                "-O A=b",
                "-OA=b",
                "-p proto",
                "-pproto:host",
                "-q",
                "-q30m",
                "-qRx.test",
                "-R full",
                "-RHDRS",
                "-V id",
                "-Vid",
                "-N never",
                "-Nsuccess,delay",
                "-B 7BIT",
                "-B8BITMIME",
                "-h 5",
                "-h5",
                "-n",
                "-v",
                "-vv",
                "-bm",
                "-b m",
                "-G",
                "-U",
                "-A c",
                "-Am",
                "-r a@x.test",
                "-ra@x.test",
                "-F name",
                "-Fname",
                "-faddr@x.test",
                "-f addr@x.test",
                "-oX",
                "-oA/x",
                "-odb",
                "-odq",
                "-oee",
                "-om",
                "-o7",
                "-oQ/tmp",
                "-d",
                "-d0.1",
                "-D log",
                "-m",
                "-s",
                "-x",
                "-T",
                "-dropcr",
                "-oMr local",
                "-oA /etc/aliases",
                "-oP /run/x.pid",
                "-oMa 192.0.2.1",
                "-oB 20",
                "-i -i",
                "-oi -oi -oi",
                "-vtn",
                "-e",
                "-c",
                "-M id",
                "-Q",
                "-Qreason",
                "-i -oi -t -ti"
            })
    @DisplayName("an option of sendmail, Postfix or Exim takes its value, and no recipient with it")
    void eachOption(String option) throws UsageException {
        for (String line : List.of(option + " ann", "ann " + option, option + " -- ann")) {
            SendmailOptions options = parse(line);
            assertThat(options.recipients()).as(line).containsExactly("ann");
            assertThat(options.ignored()).as(line).isEmpty();
        }
    }

    @Test
    @DisplayName("an option may be said again: the last one counts")
    void lastWins() throws UsageException {
        SendmailOptions options = parse(
                "-f a@x.test -fb@x.test -r c@x.test -F one -Ftwo -N never -N success -R full -R hdrs -V 1 -V 2 x");
        assertThat(options.sender()).isEqualTo("c@x.test");
        assertThat(options.fullName()).isEqualTo("two");
        assertThat(options.notifyOn()).isEqualTo("SUCCESS");
        assertThat(options.ret()).isEqualTo("HDRS");
        assertThat(options.envelopeId()).isEqualTo("2");
    }

    @Test
    @DisplayName("letters in one word are options of their own, up to one with a value")
    void bundles() throws UsageException {
        SendmailOptions options = parse("-tif a@x.test -vnFme");
        assertThat(options.fromHeader()).isTrue();
        assertThat(options.ignoreDots()).isTrue();
        assertThat(options.sender()).isEqualTo("a@x.test");
        assertThat(options.fullName()).isEqualTo("me");
    }

    @Test
    @DisplayName("a value may begin with a dash or be empty, and -- ends the options")
    void oddValues() throws UsageException {
        SendmailOptions options = SendmailOptions.parse(List.of("-f", "-x@x.test", "-F", "", "--", "-ann", "--"));
        assertThat(options.sender()).isEqualTo("-x@x.test");
        assertThat(options.fullName()).isEmpty();
        assertThat(options.recipients()).containsExactly("-ann", "--");
    }

    @ParameterizedTest
    @CsvSource({
        "-i,true",
        "-oi,true",
        "-oitrue,true",
        "-oiFalse,false",
        "-O IgnoreDots,true",
        "-OIgnoreDots=false,false",
        "-v,false"
    })
    void dots(String option, boolean ignored) throws UsageException {
        assertThat(parse(option + " ann").ignoreDots()).isEqualTo(ignored);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--foo", "--foo=bar", "-Z", "-Zfoo", "-tZ", "-7"})
    @DisplayName("an option that nobody knows is ignored, and named")
    void unknown(String option) throws UsageException {
        SendmailOptions options = parse(option + " ann");
        assertThat(options.ignored()).containsExactly(option);
        assertThat(options.recipients()).containsExactly("ann");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-f",
                "ann -F",
                "-N",
                "-N sometimes ann",
                "-N never,success ann",
                "-R some ann",
                "-N success, ann"
            })
    @DisplayName("a value that lacks, or would lose what the sender asks for, is a mistake of the caller")
    void usage(String line) {
        assertThatThrownBy(() -> parse(line)).isInstanceOf(UsageException.class);
    }

    @ParameterizedTest
    @CsvSource({"-bs,s", "-bp,p", "-bi,i", "-I,i", "-bv x,v", "-bd,d", "-bt,t", "-b s,s"})
    void modes(String line, String mode) throws UsageException {
        assertThat(parse(line).mode()).isEqualTo(mode);
    }

    @Test
    @DisplayName("-q alone tries the queue; with recipients or -t a message is sent")
    void flush() throws UsageException {
        assertThat(parse("-q").isFlush()).isTrue();
        assertThat(parse("-q15m -v").isFlush()).isTrue();
        assertThat(parse("-q ann").isFlush()).isFalse();
        assertThat(parse("-t -q").isFlush()).isFalse();
    }
}
