package dev.fncluster.systemtests;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one observed cluster that they share. It is started by the first test that asks
 * for it and stopped after the last; tests look at it and leave its counts of calls alone.
 */
final class ObservedClusterExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ObservedClusterExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ObservedCluster.class;
  }

  @Override
  public ObservedCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    // JUnit closes it with the store of the whole run.
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            ObservedCluster.class, key -> ObservedCluster.start(), ObservedCluster.class);
  }
}
