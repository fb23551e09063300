package dev.fncluster.systemtests.conformance;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one cluster with an extension that they share; it lives from the first to the
 * last, and has heard nothing when one begins.
 */
final class ExtendedClusterExtension implements ParameterResolver, BeforeEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ExtendedClusterExtension.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    cluster(context).heard().forget();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ExtendedCluster.class;
  }

  @Override
  public ExtendedCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return cluster(context);
  }

  // JUnit closes it with the store of the whole run.
  private static ExtendedCluster cluster(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            ExtendedCluster.class, key -> ExtendedCluster.start(), ExtendedCluster.class);
  }
}
