package dev.fncluster.systemtests.conformance;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the one API node that they share; it lives from the first to the last, and each finds
 * its store empty.
 */
final class ApiNodeExtension implements ParameterResolver, BeforeEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ApiNodeExtension.class);

  private record ApiNode(LocalNodes nodes, Resources api) implements AutoCloseable {
    static ApiNode start() {
      try {
        LocalNodes nodes = new LocalNodes();
        return new ApiNode(nodes, new Resources(nodes.startApi(Map.of())));
      } catch (Exception failure) {
        throw new AssertionError("the API node can't start", failure);
      }
    }

    @Override
    public void close() throws IOException {
      nodes.close();
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    node(context).api().clear();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Resources.class;
  }

  @Override
  public Resources resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return node(context).api();
  }

  // JUnit closes it with the store of the whole run.
  private static ApiNode node(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(ApiNode.class, key -> ApiNode.start(), ApiNode.class);
  }
}
