/**
 * Sites: which origin a URL stands for, who may ask, and under which key the answer is stored.
 *
 * <p>A request's path is decoded once, into {@link jarrah.accelerator.site.Target}; sites, access rules and keys of
 * buckets all use that one form, so that no other spelling of a path gets around a rule. Start with {@link
 * jarrah.accelerator.site.Sites}.
 */
@NullMarked
package jarrah.accelerator.site;

import org.jspecify.annotations.NullMarked;
