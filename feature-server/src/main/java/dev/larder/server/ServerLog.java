package dev.larder.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import io.dropwizard.logging.common.ConsoleAppenderFactory;
import io.dropwizard.logging.common.DefaultLoggingFactory;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The process's log: standard error, from WARN up; the environment variable {@code LARDER_LOG} names another level. */
final class ServerLog {
    private static final String VARIABLE = "LARDER_LOG";
    /** Warn, with a stack trace, of every request that is larger than allowed or not well-formed; its caller is told. */
    private static final List<String> TALKATIVE =
            List.of("io.grpc.netty.NettyServerStream", "io.grpc.netty.NettyServerHandler");

    private static final List<String> LEVELS = List.of("ERROR", "WARN", "INFO", "DEBUG", "TRACE");

    private ServerLog() {}

    /**
     * @return to be stopped at the end, when it writes what it still holds
     * @throws LarderException {@code ARGUMENT_INVALID} if the variable names no level
     */
    static DefaultLoggingFactory start(MetricRegistry metrics) {
        String level = System.getenv().getOrDefault(VARIABLE, "WARN").toUpperCase(Locale.ROOT);
        if (!LEVELS.contains(level)) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%s: '%s' is no level (expected: %s)".formatted(VARIABLE, level, String.join(", ", LEVELS)));
        }
        ConsoleAppenderFactory<ILoggingEvent> console = new ConsoleAppenderFactory<>();
        console.setTarget(ConsoleAppenderFactory.ConsoleStream.STDERR);
        DefaultLoggingFactory logging = new DefaultLoggingFactory();
        logging.setLevel(level);
        logging.setLoggers(
                TALKATIVE.stream().collect(Collectors.toMap(Function.identity(), name -> TextNode.valueOf("ERROR"))));
        logging.setAppenders(List.of(console));
        logging.configure(metrics, "larder");
        return logging;
    }
}
