package dev.larder.server.ports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class ListenPortTest {
    @Test
    void aFreePortIsTakenAsItIs() throws IOException {
        int free;
        try (ServerSocket probe = open(0)) {
            free = probe.getLocalPort();
        }
        try (ServerSocket opened = ListenPort.preferably(free).open(ListenPortTest::open)) {
            assertThat(opened.getLocalPort()).isEqualTo(free);
        }
    }

    @Test
    void onlyAPreferredPortGivesWayToAnother() throws IOException {
        try (ServerSocket taken = open(0)) {
            int number = taken.getLocalPort();
            assertThatThrownBy(() -> ListenPort.exactly(number).open(ListenPortTest::open))
                    .isInstanceOf(BindException.class);
            try (ServerSocket opened = ListenPort.preferably(number).open(ListenPortTest::open)) {
                assertThat(opened.getLocalPort()).isNotEqualTo(number).isPositive();
            }
        }
    }

    @Test
    void theFirstFailureIsTheOneThatCounts() {
        assertThatThrownBy(() -> ListenPort.preferably(6565).open(number -> {
                    throw new IOException("no " + number);
                }))
                .hasMessage("no 6565")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .extracting(Throwable::getMessage)
                        .containsExactly("no 0"));
    }

    @Test
    void onlyAPortThatIsOpenElsewhereHasMoved() {
        assertThat(ListenPort.preferably(0).movedTo(40_000)).isFalse();
        assertThat(ListenPort.preferably(8081).movedTo(8081)).isFalse();
        assertThat(ListenPort.preferably(8081).movedTo(-2)).isFalse();
        assertThat(ListenPort.preferably(8081).movedTo(40_000)).isTrue();
    }

    private static ServerSocket open(int number) throws IOException {
        return new ServerSocket(number, 1, InetAddress.getLoopbackAddress());
    }
}
