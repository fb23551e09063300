/** What a call is made of while it is under way: its context, its body and its answer. */
@NullMarked
package dev.fncluster.api.call;

import org.jspecify.annotations.NullMarked;
