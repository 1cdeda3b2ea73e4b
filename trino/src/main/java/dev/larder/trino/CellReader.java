package dev.larder.trino;

import io.trino.jdbc.Row;
import io.trino.jdbc.RowField;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns what the driver gives into the values of {@link RowWriter}. */
final class CellReader {
    private static final String ZONED = "with time zone";
    private static final Pattern USELESS_ZEROS = Pattern.compile("(?:\\.|(\\.\\d*[1-9]))0+(?!\\d)");

    private CellReader() {}

    static List<@Nullable Object> row(ResultSet rows, List<Column> columns) throws SQLException {
        List<@Nullable Object> values = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            values.add(cell(rows, i + 1, columns.get(i).type()));
        }
        return values;
    }

    private static @Nullable Object cell(ResultSet rows, int index, String type) throws SQLException {
        Object value = rows.getObject(index);
        if (value instanceof java.util.Date && !(value instanceof Timestamp && type.endsWith(ZONED))) {
            // The text is what Trino has; the object has been through this machine's time zone.
            return isoTime(rows.getString(index));
        }
        return value == null ? null : plain(value, type);
    }

    private static @Nullable Object nullable(@Nullable Object value, String type) throws SQLException {
        return value == null ? null : plain(value, type);
    }

    private static Object plain(Object value, String type) throws SQLException {
        if (value instanceof Array array) {
            return elements(Arrays.asList((@Nullable Object[]) array.getArray()), type);
        }
        if (value instanceof List<?> list) {
            return elements(list, type);
        }
        if (value instanceof Map<?, ?> map) {
            return entries(map, type);
        }
        if (value instanceof Row row) {
            return fields(row, type);
        }
        if (value instanceof byte[] bytes) {
            return "0x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof Timestamp time) {
            return type.endsWith(ZONED) ? time.toInstant().toString() : isoTime(time.toString());
        }
        if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
            return ((Number) value).longValue();
        }
        if (type.equals("json")) {
            return new CellText.Json(value.toString());
        }
        return value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    private static List<@Nullable Object> elements(List<?> elements, String type) throws SQLException {
        String elementType = TypeArguments.of(type).get(0);
        List<@Nullable Object> values = new ArrayList<>(elements.size());
        for (Object element : elements) {
            values.add(nullable(element, elementType));
        }
        return values;
    }

    private static Map<String, @Nullable Object> entries(Map<?, ?> map, String type) throws SQLException {
        List<String> types = TypeArguments.of(type);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Object key = plain(Objects.requireNonNull(entry.getKey()), types.get(0));
            values.put(CellText.of(key), nullable(entry.getValue(), types.get(1)));
        }
        return values;
    }

    private static Map<String, @Nullable Object> fields(Row row, String type) throws SQLException {
        List<String> types = TypeArguments.of(type);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (RowField field : row.getFields()) {
            String declared = types.get(field.getOrdinal());
            Optional<String> name = field.getName();
            values.put(
                    name.orElse("field" + field.getOrdinal()),
                    nullable(field.getValue(), name.isPresent() ? TypeArguments.withoutName(declared) : declared));
        }
        return values;
    }

    /** {@code 2026-11-08 01:02:03.500000} as {@code 2026-11-08T01:02:03.5}; dates and times of day lose zeros alone. */
    private static String isoTime(String text) {
        return USELESS_ZEROS.matcher(text).replaceAll("$1").replace(' ', 'T');
    }
}
