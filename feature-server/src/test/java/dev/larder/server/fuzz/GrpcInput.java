package dev.larder.server.fuzz;

import java.util.HexFormat;
import java.util.List;

/**
 * A call as its headers and the pieces of its body.
 *
 * @param headers names and values, after the four that each request of HTTP/2 has
 * @param reset whether the caller gives up instead of ending
 * @param broken whether it is no call of gRPC, so gRPC itself says INTERNAL or refuses it in another way
 */
record GrpcInput(String method, String path, List<String> headers, List<byte[]> pieces, boolean reset, boolean broken) {
    private static final int SHOWN = 300;

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(method + " " + path + " " + headers);
        for (byte[] piece : pieces) {
            String hex = HexFormat.of().formatHex(piece, 0, Math.min(SHOWN, piece.length));
            text.append(' ').append(hex).append(piece.length > SHOWN ? "... (" + piece.length + " bytes)" : "");
        }
        return text + (reset ? " reset" : "");
    }
}
