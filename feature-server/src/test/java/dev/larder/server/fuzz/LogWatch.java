package dev.larder.server.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Keeps what a server that runs in this process logs with a stack trace, and what ends a thread. To be opened after its start. */
public final class LogWatch implements AutoCloseable {
    private final Queue<String> traces = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Thread.@Nullable UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    private final Appender appender = new Appender();

    private LogWatch() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> traces.add(thread.getName() + " ended: " + e));
    }

    public static LogWatch open() {
        return new LogWatch();
    }

    /** What was logged since the last call. */
    public List<String> traces() {
        List<String> found = new ArrayList<>();
        for (String trace = traces.poll(); trace != null; trace = traces.poll()) {
            found.add(trace);
        }
        return found;
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    private final class Appender extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            IThrowableProxy thrown = event.getThrowableProxy();
            if (thrown != null && event.getLevel().isGreaterOrEqual(Level.WARN)) {
                traces.add(event.getLevel() + " " + event.getLoggerName() + ": " + event.getFormattedMessage() + "\n"
                        + ThrowableProxyUtil.asString(thrown));
            }
        }
    }
}
