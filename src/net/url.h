/* URLs of servers: just as much as is needed to complete and check them. */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/buf.h"
#include "base/err.h"

/*
 * http:// or https://, a host, no user name or password in it (they would
 * show in messages), no white space or control characters. 0, or -1 with what
 * is wrong and which URL, without showing a password.
 */
int url_check(const char *url, struct err *e);

/*
 * Appends base and path with one slash between. People give bases that hold a
 * part of the path already: base is cut where root, a beginning of the path,
 * stands in it.
 *
 *	"https://h/x/", "/v1/traces", "/v1/"        https://h/x/v1/traces
 *	"https://h/x/v1/logs", "/v1/traces", "/v1/" https://h/x/v1/traces
 */
void url_under(struct buf *out, const char *base, const char *path,
    const char *root);

/* Appends the host's name or address, without port and brackets. */
void url_host(struct buf *out, const char *url);

#endif
