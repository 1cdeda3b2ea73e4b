package dev.larder.client;

import dev.larder.client.FeatureClientException.Reason;
import java.io.IOException;
import java.util.AbstractList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;

/** The answer to a request: one row for each entity, in the order in which they were asked. Immutable. */
public final class FeatureTable implements Iterable<FeatureRow> {
    private final List<Map<String, Object>> entities;
    private final FeatureNames names;
    private final Answer answer;

    private FeatureTable(List<Map<String, Object>> entities, FeatureNames names, Answer answer) {
        this.entities = entities;
        this.names = names;
        this.answer = answer;
    }

    /** @throws FeatureClientException {@code INTERNAL} if the bytes are no answer to this request */
    static FeatureTable of(FeatureRequest request, byte[] message) {
        try {
            Answer answer = Answer.read(message, request.rows().size());
            return new FeatureTable(request.rows(), FeatureNames.of(request, answer.names()), answer);
        } catch (IOException e) {
            throw new FeatureClientException(
                    Reason.INTERNAL, "The server's answer cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Names of the features as Feast forms them, {@code view__feature} or {@code feature}: those asked for by name in the order in
     * which they were asked, those of a feature service in the server's order.
     */
    public List<String> featureNames() {
        return Collections.unmodifiableList(names.names());
    }

    public int size() {
        return entities.size();
    }

    /** @throws IndexOutOfBoundsException if there is no such entity in the request */
    public FeatureRow row(int index) {
        return new FeatureRow(entities.get(index), names, answer, index);
    }

    public List<FeatureRow> rows() {
        return new Rows();
    }

    @Override
    public Iterator<FeatureRow> iterator() {
        return rows().iterator();
    }

    private final class Rows extends AbstractList<FeatureRow> implements RandomAccess {
        @Override
        public FeatureRow get(int index) {
            return row(index);
        }

        @Override
        public int size() {
            return FeatureTable.this.size();
        }
    }
}
