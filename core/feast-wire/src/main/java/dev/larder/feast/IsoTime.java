package dev.larder.feast;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A point in time as ISO-8601 text, in the forms in which programs write it: {@code 2024-06-01}, {@code 2024-06-01 12:00},
 * {@code 2024-06-01T12:00:00.123456+02:00}, {@code ...Z}, {@code ...+0200[Europe/Berlin]}.
 *
 * @param zone as it was given; null if it was not
 */
public record IsoTime(LocalDateTime local, @Nullable ZoneId zone) {
    /** For messages. */
    public static final String EXAMPLES = "2024-06-01T12:00:00.123456Z, 2024-06-01 14:00:00+02:00 or 2024-06-01 (UTC)";

    private static final DateTimeFormatter FORM = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendLiteral('T')
            .appendPattern("HH:mm")
            .optionalStart()
            .appendLiteral(':')
            .appendValue(ChronoField.SECOND_OF_MINUTE, 2)
            .optionalStart()
            .appendFraction(ChronoField.NANO_OF_SECOND, 1, 9, true)
            .optionalEnd()
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HHMM", "Z")
            .optionalEnd()
            .optionalStart()
            .parseLenient()
            .appendOffset("+HH:mm:ss", "Z")
            .parseStrict()
            .optionalEnd()
            .optionalStart()
            .appendLiteral('[')
            .parseCaseSensitive()
            .appendZoneRegionId()
            .appendLiteral(']')
            .optionalEnd()
            .optionalEnd()
            .toFormatter(Locale.ROOT)
            .withResolverStyle(ResolverStyle.STRICT);

    private static final int DATE_LENGTH = "2024-06-01".length();

    /** @throws DateTimeException if the text is no such time */
    public static IsoTime parse(String text) {
        String form = text.strip();
        if (form.length() > DATE_LENGTH && form.charAt(DATE_LENGTH) == ' ') {
            form = form.substring(0, DATE_LENGTH)
                    + 'T'
                    + form.substring(DATE_LENGTH + 1).replace(" ", "");
        }
        TemporalAccessor parsed = FORM.parse(form);
        LocalTime time = parsed.query(TemporalQueries.localTime());
        LocalDate date = LocalDate.from(parsed);
        return new IsoTime(
                date.atTime(time == null ? LocalTime.MIDNIGHT : time),
                // The region, where both are given.
                parsed.query(TemporalQueries.zone()));
    }

    /** A time without a zone is UTC, as in Feast. */
    public Instant instant() {
        return local.atZone(zone == null ? ZoneOffset.UTC : zone).toInstant();
    }
}
