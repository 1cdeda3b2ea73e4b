/**
 * Objects in a bucket of S3, or of a store with its protocol. Start at {@link dev.larder.objectstorage.Bucket}.
 */
@NullMarked
package dev.larder.objectstorage;

import org.jspecify.annotations.NullMarked;
