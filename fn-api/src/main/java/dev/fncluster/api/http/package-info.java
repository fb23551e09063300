/**
 * The HTTP front end. It knows nothing of runners.
 *
 * <p>Starting points: {@link dev.fncluster.api.http.HttpServer} for whoever puts a node together,
 * {@link dev.fncluster.api.http.HttpExchange} for handlers on the event loop, {@link
 * dev.fncluster.api.http.BlockingHandler} for those that need not care.
 *
 * <pre>
 *   socket ─▶ StrictRequestDecoder ─▶ Connection ─▶ Dispatcher ─▶ handler
 *                                       │  ▲ StreamedBody: pulled by whoever reads the body
 *   socket ◀── ResponseOutput ◀── ServerExchange ◀── head, data, complete
 * </pre>
 */
@NullMarked
package dev.fncluster.api.http;

import org.jspecify.annotations.NullMarked;
