package dev.larder.cli;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** Points in time as a person types them; without a zone UTC is meant, as in Feast. */
final class Instants {
    private Instants() {}

    /** Reads {@code 2026-11-01}, {@code 2026-11-01T06:00:00}, either with {@code Z} or an offset, {@code today} or {@code now}. */
    static Instant parse(String argument, String text, Clock clock) {
        if (text.equals("now")) {
            return clock.instant();
        }
        if (text.equals("today")) {
            return LocalDate.now(clock.withZone(ZoneOffset.UTC))
                    .atStartOfDay(ZoneOffset.UTC)
                    .toInstant();
        }
        String iso = text.trim().replace(' ', 'T');
        try {
            if (!iso.contains("T")) {
                return LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            if (iso.endsWith("Z") || iso.matches(".*T.*[+-]\\d\\d:?\\d\\d$")) {
                return OffsetDateTime.parse(iso).toInstant();
            }
            return LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new LarderException(
                    ErrorCode.ARGUMENT_INVALID,
                    "%s: '%s' is no point in time (expected: 2026-11-01, 2026-11-01T06:00:00Z, today or now)"
                            .formatted(argument, text),
                    e);
        }
    }
}
