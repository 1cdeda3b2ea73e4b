package dev.larder.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FailureLogTest {
    private final LarderException away = new LarderException(ErrorCode.ONLINE_STORE_UNAVAILABLE, "Redis has gone.");

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private final Logger logger = new LoggerContext().getLogger("test");
    private final FailureLog log = new FailureLog(logger, nanos::get);

    @BeforeEach
    void listen() {
        events.start();
        logger.addAppender(events);
    }

    @Test
    void aStoreThatIsAwayDoesNotFillTheLog() {
        for (int second = 0; second < 25; second++) {
            for (int i = 0; i < 1_000; i++) {
                log.failed("/get-online-features", away);
            }
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }
        assertThat(events.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "Cannot answer /get-online-features",
                        "Cannot answer /get-online-features; 9999 requests before it had failed alike",
                        "Cannot answer /get-online-features; 9999 requests before it had failed alike");
        assertThat(events.list)
                .allSatisfy(event ->
                        assertThat(event.getThrowableProxy().getMessage()).isEqualTo("Redis has gone."));
    }

    @Test
    void anotherFailureIsToldAtOnce() {
        log.failed("/push", away);
        log.failed("/push", new LarderException(ErrorCode.ONLINE_STORE_CORRUPT, "A time is unreadable."));
        assertThat(events.list)
                .extracting(event -> event.getThrowableProxy().getMessage())
                .containsExactly("Redis has gone.", "A time is unreadable.");
    }
}
