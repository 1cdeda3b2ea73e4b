package dev.larder.server.fuzz;

import java.nio.charset.StandardCharsets;

/**
 * A request as its bytes.
 *
 * @param last whether nothing follows on its connection
 * @param headOnly whether its answer has no body
 * @param broken whether it may as well be refused by closing the connection, as it is no request of HTTP
 */
record HttpInput(byte[] bytes, boolean last, boolean headOnly, boolean broken) {
    private static final int SHOWN = 600;

    /** A version of HTTP that there is not is the one thing for which HTTP itself asks for a status from 500 on. */
    boolean hasOddVersion() {
        return !new String(bytes, StandardCharsets.ISO_8859_1)
                .lines()
                .findFirst()
                .orElse("")
                .endsWith(" HTTP/1.1");
    }

    @Override
    public String toString() {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "... (" + text.length() + " bytes)" : text;
    }
}
