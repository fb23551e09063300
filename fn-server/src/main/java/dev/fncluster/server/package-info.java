/**
 * Every node type in one program, chosen by {@code FN_NODE_TYPE}.
 *
 * <p>Starting points: {@link dev.fncluster.server.ServerMain}, {@link
 * dev.fncluster.server.ApiNode}, {@link dev.fncluster.server.FullNode}.
 */
@NullMarked
package dev.fncluster.server;

import org.jspecify.annotations.NullMarked;
