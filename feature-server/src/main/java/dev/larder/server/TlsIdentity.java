package dev.larder.server;

import dev.larder.model.ErrorCode;
import dev.larder.model.LarderException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server shows its clients: a private key and the chain of certificates that belongs to it.
 *
 * @param chain the server's own certificate first
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
    private static final byte[] PROBE = "belongs together".getBytes(StandardCharsets.US_ASCII);
    private static final String ALIAS = "server";

    public TlsIdentity {
        chain = List.copyOf(chain);
    }

    /**
     * Reads both files once; a file that changes later needs another start.
     *
     * @throws LarderException {@code PATH_UNUSABLE} for a file that cannot be read; {@code ARGUMENT_INVALID} for one that does not
     *     hold what it should, a certificate that is not valid now, and a key that belongs to another one
     */
    public static TlsIdentity read(Tls files, Clock clock) {
        PrivateKey key = PemKey.parse(files.key(), text("--key", files.key()));
        List<X509Certificate> chain = certificates(files.certificate());
        X509Certificate own = chain.get(0);
        checkDates(files.certificate(), own, clock.instant());
        if (!isPair(key, own.getPublicKey())) {
            throw invalid(
                    "--key %s does not belong to the certificate %s (of %s): give the key that this certificate was made with, and in --cert the server's own certificate first."
                            .formatted(
                                    files.key(),
                                    files.certificate(),
                                    own.getSubjectX500Principal().getName()),
                    null);
        }
        return new TlsIdentity(key, chain);
    }

    /** In memory, without a password. */
    KeyStore keyStore() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ALIAS, key, new char[0], chain.toArray(Certificate[]::new));
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw invalid("Cannot use the key and certificate given with --key and --cert: " + e.getMessage(), e);
        }
    }

    private static List<X509Certificate> certificates(Path file) {
        String text = text("--cert", file);
        try {
            List<X509Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
            if (!chain.isEmpty()) {
                return chain;
            }
            throw notACertificate(file, null);
        } catch (CertificateException e) {
            throw notACertificate(file, e);
        }
    }

    private static void checkDates(Path file, X509Certificate certificate, Instant now) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from) || now.isAfter(until)) {
            throw invalid(
                    "--cert %s is valid from %s until %s, not at %s: no client would accept it. Give a certificate that is valid."
                            .formatted(file, from, until, now),
                    null);
        }
    }

    private static boolean isPair(PrivateKey key, PublicKey certified) {
        String algorithm =
                switch (certified.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> certified.getAlgorithm();
                };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String text(String option, Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new LarderException(
                    ErrorCode.PATH_UNUSABLE,
                    "%s: cannot read %s (%s). Name a PEM file that this user may read."
                            .formatted(option, file, e.getClass().getSimpleName()),
                    e);
        }
    }

    private static LarderException notACertificate(Path file, @Nullable Exception cause) {
        return invalid(
                "--cert %s holds no certificate (expected: PEM, -----BEGIN CERTIFICATE-----; the private key goes to --key)."
                        .formatted(file),
                cause);
    }

    private static LarderException invalid(String message, @Nullable Exception cause) {
        return new LarderException(ErrorCode.ARGUMENT_INVALID, message, cause);
    }
}
