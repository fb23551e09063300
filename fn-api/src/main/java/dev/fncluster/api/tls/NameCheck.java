package dev.fncluster.api.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts whom another trust manager trusts, if the certificate also carries one of the allowed
 * names: as the common name of its subject, or as a DNS name, URI or IP address of its alternative
 * names. A name that begins with {@code *.} allows exactly one more label. Thread-safe.
 */
final class NameCheck extends X509ExtendedTrustManager {
  // The kinds of alternative names, as certificates number them.
  private static final Set<Integer> KINDS = Set.of(2, 6, 7);

  private final X509ExtendedTrustManager trust;
  private final List<String> allowed;

  NameCheck(X509ExtendedTrustManager trust, List<String> allowed) {
    this.trust = trust;
    this.allowed = allowed.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  private void checkName(X509Certificate[] chain) throws CertificateException {
    Set<String> names = names(chain[0]);
    for (String name : names) {
      for (String each : allowed) {
        if (matches(each, name.toLowerCase(Locale.ROOT))) {
          return;
        }
      }
    }
    throw new CertificateException(
        "the certificate is for " + names + ", and none of these is an allowed name");
  }

  private static boolean matches(String allowed, String name) {
    if (!allowed.startsWith("*.")) {
      return allowed.equals(name);
    }
    int dot = name.indexOf('.');
    return dot > 0 && name.substring(dot).equals(allowed.substring(1));
  }

  private static Set<String> names(X509Certificate certificate) throws CertificateException {
    Set<String> names = new LinkedHashSet<>();
    try {
      for (Rdn rdn : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
        if (rdn.getType().equalsIgnoreCase("CN")) {
          names.add(rdn.getValue().toString());
        }
      }
    } catch (InvalidNameException e) {
      throw new CertificateParsingException("malformed subject", e);
    }
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      for (List<?> each : alternatives) {
        if (each.get(0) instanceof Integer kind && KINDS.contains(kind)) {
          names.add(String.valueOf(each.get(1)));
        }
      }
    }
    return names;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkClientTrusted(chain, type);
    checkName(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    trust.checkClientTrusted(chain, type, socket);
    checkName(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    trust.checkClientTrusted(chain, type, engine);
    checkName(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkServerTrusted(chain, type);
    checkName(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
      throws CertificateException {
    trust.checkServerTrusted(chain, type, socket);
    checkName(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine)
      throws CertificateException {
    trust.checkServerTrusted(chain, type, engine);
    checkName(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
