package dev.larder.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the rows of a view look where they come from, for those who write them without reading that source.
 *
 * @param pushSource name of the push source that feeds the view; null for a view that has another source
 * @param timestampField column of the event time in the batch source; empty where the registry names none
 * @param createdColumn column of the created time in the batch source; empty for none
 * @param fieldMapping from names of the batch source's columns to names in the view
 */
public record ViewSource(
        @Nullable String pushSource, String timestampField, String createdColumn, Map<String, String> fieldMapping) {
    public ViewSource {
        fieldMapping = Map.copyOf(fieldMapping);
    }
}
