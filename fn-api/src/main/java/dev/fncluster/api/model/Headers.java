package dev.fncluster.api.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * HTTP headers: an ordered list of names and values in which a name may stand several times.
 *
 * <p>Names are kept in canonical form ({@code Content-Type}), which is how the protocol between
 * nodes and the function container contract want them; see {@link HeaderNames#canonical}. Values
 * are taken as they are.
 *
 * <p>Not thread-safe.
 */
@API(status = API.Status.STABLE, since = "0.1")
public final class Headers {
  private final List<String> names;
  private final List<String> values;

  /** No headers yet. */
  public Headers() {
    this(8);
  }

  /** No headers yet, with room for {@code expected} of them. */
  public Headers(int expected) {
    names = new ArrayList<>(expected);
    values = new ArrayList<>(expected);
  }

  /** An independent copy. */
  public Headers copy() {
    Headers copy = new Headers(names.size() + 4);
    copy.names.addAll(names);
    copy.values.addAll(values);
    return copy;
  }

  /** Adds a value, keeping those that stand under the same name. */
  public Headers add(String name, String value) {
    // Before anything is added: a name without its value would break whoever goes through them.
    Objects.requireNonNull(value, "value");
    names.add(HeaderNames.canonical(name));
    values.add(value);
    return this;
  }

  /** Puts one value in the place of all that stand under {@code name}. */
  public Headers set(String name, String value) {
    Objects.requireNonNull(value, "value");
    String canonical = HeaderNames.canonical(name);
    int first = indexOf(canonical);
    if (first < 0) {
      names.add(canonical);
      values.add(value);
      return this;
    }
    values.set(first, value);
    for (int i = names.size() - 1; i > first; i--) {
      if (names.get(i).equals(canonical)) {
        names.remove(i);
        values.remove(i);
      }
    }
    return this;
  }

  /** Takes all values of {@code name} away. */
  public Headers remove(String name) {
    String canonical = HeaderNames.canonical(name);
    for (int i = names.size() - 1; i >= 0; i--) {
      if (names.get(i).equals(canonical)) {
        names.remove(i);
        values.remove(i);
      }
    }
    return this;
  }

  /** The first value of {@code name}, or null. */
  public @Nullable String first(String name) {
    int i = indexOf(HeaderNames.canonical(name));
    return i < 0 ? null : values.get(i);
  }

  /** All values of {@code name} in their order; empty when there are none. */
  public List<String> all(String name) {
    String canonical = HeaderNames.canonical(name);
    List<String> found = new ArrayList<>(2);
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equals(canonical)) {
        found.add(values.get(i));
      }
    }
    return found;
  }

  /** Whether a value stands under {@code name}. */
  public boolean contains(String name) {
    return indexOf(HeaderNames.canonical(name)) >= 0;
  }

  /** How many name-value pairs there are. */
  public int size() {
    return names.size();
  }

  /** The canonical name of pair {@code index}. */
  public String name(int index) {
    return names.get(index);
  }

  /** The value of pair {@code index}. */
  public String value(int index) {
    return values.get(index);
  }

  /** Visits all pairs in their order. */
  public void forEach(BiConsumer<String, String> visitor) {
    for (int i = 0; i < names.size(); i++) {
      visitor.accept(names.get(i), values.get(i));
    }
  }

  /** The values by name, names in the order of their first occurrence. A copy. */
  public Map<String, List<String>> toMap() {
    Map<String, List<String>> map = new LinkedHashMap<>();
    forEach((name, value) -> map.computeIfAbsent(name, n -> new ArrayList<>(1)).add(value));
    return map;
  }

  /** The indexes of all pairs in the order of their names, pairs of one name in their own order. */
  int[] orderByName() {
    int[] order = new int[names.size()];
    for (int i = 0; i < order.length; i++) {
      String name = names.get(i);
      int low = 0;
      int high = i;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (names.get(order[middle]).compareTo(name) <= 0) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      System.arraycopy(order, low, order, low + 1, i - low);
      order[low] = i;
    }
    return order;
  }

  private int indexOf(String canonical) {
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).equals(canonical)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Headers h && names.equals(h.names) && values.equals(h.values);
  }

  @Override
  public int hashCode() {
    return 31 * names.hashCode() + values.hashCode();
  }

  /** The names only: values may hold secrets. */
  @Override
  public String toString() {
    return "Headers" + names;
  }
}
