package org.mailserv.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FileHandlesTest {
    @Test
    void connections_leave_handles_for_mail() {
        assertThat(FileHandles.connections(20_000, 100, 65_536)).isEqualTo(20_000);
        assertThat(FileHandles.connections(20_000, 100, 1_024)).isEqualTo(674);
        assertThat(FileHandles.connections(20_000, 100, 60)).isEqualTo(30);
        assertThat(FileHandles.connections(50, 100, -1)).as("no bound").isEqualTo(50);
    }

    @Test
    void limits_are_read_as_the_kernel_writes_them() {
        String head = "Limit                     Soft Limit           Hard Limit           Units     ";
        assertThat(FileHandles.handles(List.of(
                        head, "Max open files            1024                 1048576              files     ")))
                .isEqualTo(1024);
        assertThat(FileHandles.handles(List.of(
                        head, "Max open files            unlimited            unlimited            files     ")))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(FileHandles.handles(List.of(head))).isNegative();
    }

    @Test
    void a_listener_that_cannot_accept_waits_a_second() {
        EmbeddedChannel channel = new EmbeddedChannel(new FileHandles.AcceptFailures());
        channel.pipeline().fireExceptionCaught(new IOException("accept(..) failed: Too many open files"));
        assertThat(channel.config().isAutoRead()).isFalse();
        channel.checkException();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.config().isAutoRead()).isTrue();
    }
}
