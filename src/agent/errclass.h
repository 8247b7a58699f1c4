/*
 * Classes of failure: auth, rate_limit, timeout, server, client. Numbers
 * before words; words are matched as whole tokens, so that "generate" is not
 * "rate" and "author" is not "auth".
 */
#ifndef AGENT_ERRCLASS_H
#define AGENT_ERRCLASS_H

#include <stddef.h>
#include <stdint.h>

/*
 * status: the HTTP status or 0; text: what the client said, may be empty.
 * NULL when neither tells.
 */
const char *errclass(int64_t status, const char *text, size_t n);

#endif
