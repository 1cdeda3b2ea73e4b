package dev.larder.server;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A private key in PEM, in each form that openssl writes and Python's servers read: PKCS#8 ({@code PRIVATE KEY}), PKCS#1 ({@code
 * RSA PRIVATE KEY}) and SEC 1 ({@code EC PRIVATE KEY}). Java reads PKCS#8 alone, which is the others in an envelope that names
 * the algorithm: {@code SEQUENCE {INTEGER 0, SEQUENCE {algorithm, parameters}, OCTET STRING key}}.
 */
final class PemKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final String WAY_OUT =
            "Write it as PKCS#8 without a password: openssl pkcs8 -topk8 -nodes -in %s -out key.pem";
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519", "Ed448");

    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int PARAMETERS = 0xA0;
    private static final byte[] VERSION_0 = {2, 1, 0};
    /** OBJECT IDENTIFIER 1.2.840.113549.1.1.1, and NULL for its parameters. */
    private static final byte[] RSA = {6, 9, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 1, 1, 1, 5, 0};
    /** OBJECT IDENTIFIER 1.2.840.10045.2.1; its parameters name the curve. */
    private static final byte[] ELLIPTIC = {6, 7, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 2, 1};

    private PemKey() {}

    /**
     * @param file for messages
     * @throws LarderException {@code ARGUMENT_INVALID} if the text holds no private key that can be used
     */
    static PrivateKey parse(Path file, String text) {
        Matcher block = BLOCK.matcher(text);
        if (!block.find()) {
            throw invalid(
                    "--key %s holds no private key (expected: PEM, -----BEGIN PRIVATE KEY-----; the certificate goes to --cert)."
                            .formatted(file),
                    null);
        }
        String form = block.group(1);
        String base64 = block.group(2);
        if (form.startsWith("ENCRYPTED") || base64.contains("ENCRYPTED")) {
            throw invalid("--key %s is encrypted. ".formatted(file) + WAY_OUT.formatted(file), null);
        }
        try {
            return privateKey(pkcs8(form, Base64.getMimeDecoder().decode(base64)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw invalid(
                    "--key %s holds a %s that cannot be read. ".formatted(file, form) + WAY_OUT.formatted(file), e);
        }
    }

    private static PrivateKey privateKey(byte[] pkcs8) throws GeneralSecurityException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        GeneralSecurityException first = null;
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new GeneralSecurityException("no algorithm") : first;
    }

    private static byte[] pkcs8(String form, byte[] key) {
        return switch (form) {
            case "RSA PRIVATE KEY" -> envelope(RSA, key);
            case "EC PRIVATE KEY" -> envelope(concat(ELLIPTIC, curve(key)), key);
            default -> key;
        };
    }

    private static byte[] envelope(byte[] algorithm, byte[] key) {
        return der(SEQUENCE, concat(VERSION_0, der(SEQUENCE, algorithm), der(OCTETS, key)));
    }

    /** SEC 1: {@code SEQUENCE {INTEGER 1, OCTET STRING key, [0] curve, [1] public key}}. */
    private static byte[] curve(byte[] key) {
        int at = contentStart(key, 0);
        while (at < key.length) {
            int start = contentStart(key, at);
            int end = start + contentLength(key, at);
            if (end > key.length) {
                break;
            }
            if ((key[at] & 0xFF) == PARAMETERS) {
                return Arrays.copyOfRange(key, start, end);
            }
            at = end;
        }
        throw new IllegalArgumentException("the key names no curve");
    }

    private static int contentStart(byte[] der, int at) {
        int first = byteAt(der, at + 1);
        return at + 2 + (first < 0x80 ? 0 : first & 0x7F);
    }

    private static int contentLength(byte[] der, int at) {
        int first = byteAt(der, at + 1);
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7F); i++) {
            length = length << 8 | byteAt(der, at + 2 + i);
        }
        if (length < 0) {
            throw new IllegalArgumentException("length: " + length + " (expected: >= 0)");
        }
        return length;
    }

    private static int byteAt(byte[] der, int at) {
        if (at < 0 || at >= der.length) {
            throw new IllegalArgumentException("the key is cut short");
        }
        return der[at] & 0xFF;
    }

    private static byte[] der(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static LarderException invalid(String message, @Nullable Exception cause) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message, cause);
    }
}
