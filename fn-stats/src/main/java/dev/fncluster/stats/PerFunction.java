package dev.fncluster.stats;

import io.opencensus.stats.Measure;
import io.opencensus.tags.TagKey;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The recorders of calls: one set for all calls, or one for each app or function where a view has
 * the tag {@link #APP_ID} or {@link #FN_ID}. Which it is has been decided by whoever registered the
 * views.
 *
 * <p>Thread-safe, lock-free once a function is known. Rows of metrics never go away, so functions
 * beyond a limit are recorded together, as {@link #OTHER}.
 *
 * @param <T> the recorders that a call needs
 */
public final class PerFunction<T> {
  /** The tag for the id of a call's app. */
  public static final String APP_ID = "app_id";

  /** The tag for the id of a call's function. */
  public static final String FN_ID = "fn_id";

  /** What stands for ids that are too many to be told apart. */
  public static final String OTHER = "other";

  private static final int MOST = 1_000;
  private static final Ids OTHERS = new Ids(OTHER, OTHER);

  private final ViewRegistry views;
  private final boolean byApp;
  private final boolean byFn;
  private final int most;
  private final Function<Recorders, T> maker;
  private final @Nullable T ofAll;
  private final Map<Ids, T> known = new ConcurrentHashMap<>();

  private record Ids(String app, String fn) {}

  private PerFunction(
      ViewRegistry views, Set<String> keys, int most, Function<Recorders, T> maker) {
    this.views = views;
    this.byApp = keys.contains(APP_ID);
    this.byFn = keys.contains(FN_ID);
    this.most = most;
    this.maker = maker;
    this.ofAll = byApp || byFn ? null : maker.apply(views);
  }

  /**
   * Recorders of {@code measures}, whose views {@code views} know by now.
   *
   * @param own tags that {@code maker} has values for
   * @param maker makes the recorders of a function
   * @throws IllegalArgumentException when a view has another tag, which would stay empty
   */
  public static <T> PerFunction<T> create(
      ViewRegistry views,
      Collection<? extends Measure> measures,
      List<TagKey> own,
      Function<Recorders, T> maker) {
    return create(views, measures, own, MOST, maker);
  }

  static <T> PerFunction<T> create(
      ViewRegistry views,
      Collection<? extends Measure> measures,
      List<TagKey> own,
      int most,
      Function<Recorders, T> maker) {
    Set<String> asked = new HashSet<>();
    for (Measure measure : measures) {
      Set<String> columns = new HashSet<>(views.columns(measure));
      own.forEach(key -> columns.remove(key.getName()));
      for (String column : columns) {
        if (!column.equals(APP_ID) && !column.equals(FN_ID)) {
          throw new IllegalArgumentException(
              "a view of "
                  + measure.getName()
                  + " has the tag "
                  + column
                  + ", for which calls have no value; expected "
                  + APP_ID
                  + " or "
                  + FN_ID);
        }
      }
      asked.addAll(columns);
    }
    return new PerFunction<>(views, asked, most, maker);
  }

  /** Those of a call of that function. */
  public T of(String appId, String fnId) {
    return ofAll == null ? told(new Ids(byApp ? appId : "", byFn ? fnId : "")) : ofAll;
  }

  private T told(Ids ids) {
    T found = known.get(ids);
    return found == null
        ? known.computeIfAbsent(known.size() < most ? ids : OTHERS, this::make)
        : found;
  }

  private T make(Ids ids) {
    List<String> values = List.of(APP_ID, ids.app(), FN_ID, ids.fn());
    return maker.apply((measure, tags) ->
        views.recorder(
            measure, Stream.concat(values.stream(), Stream.of(tags)).toArray(String[]::new)));
  }
}
