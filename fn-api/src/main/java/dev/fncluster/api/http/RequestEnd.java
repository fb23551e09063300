package dev.fncluster.api.http;

import dev.fncluster.api.error.Blame;
import dev.fncluster.api.model.Call;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * How a request ended.
 *
 * @param method of HTTP, or {@link RequestObserver#OTHER_METHOD}
 * @param route the pattern of its route, or {@link RequestObserver#INVALID_ROUTE}
 * @param status what was sent, or 444 when the client had gone
 * @param blame who is the cause: the user for function errors and answers of functions
 * @param fdkVersion what the answer says of its function's development kit; may be empty
 * @param call what the request was; null when it was no call, or did not come so far
 * @param client where it came from, trusted proxies left out; null where that can't be told
 * @param nanos since it started
 */
public record RequestEnd(
    String method,
    String route,
    int status,
    Blame blame,
    String fdkVersion,
    @Nullable Call call,
    @Nullable InetAddress client,
    long nanos) {}
