/**
 * Online reads: a request becomes a {@link dev.larder.server.online.ReadPlan}, the plan's rows become the answer. Start at
 * {@link dev.larder.server.online.OnlineFeatures}.
 */
@NullMarked
package dev.larder.server.online;

import org.jspecify.annotations.NullMarked;
