package org.mailserv.server.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InodesTest {
    @Test
    void tells_a_part(@TempDir Path folder) throws Exception {
        assertThat(Inodes.freeFraction(folder)).isBetween(0.0, 1.0).isPositive();
        assertThat(Inodes.freeFraction(folder.resolve("nothing"))).isEqualTo(1);
        assertThat(new RealDisk().freeFraction(folder)).isPositive().isLessThanOrEqualTo(Inodes.freeFraction(folder));
    }
}
