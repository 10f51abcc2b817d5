package jarrah.accelerator.store;

import jarrah.accelerator.rules.Vary;
import jarrah.http.Headers;

/**
 * The head of a stored answer.
 *
 * @param status 200 to 599
 * @param headers as stored; never changed after this
 * @param requestMillis when it was asked for, or last validated; milliseconds of the epoch
 * @param responseMillis when its head arrived
 * @param vary the request fields that it was chosen by
 */
public record StoredHead(int status, Headers headers, long requestMillis, long responseMillis, Vary vary) {}
