/*
 * TLS for servers whose sockets do not block, the one door to GnuTLS (that of
 * HTTP is inside libmicrohttpd). TLS 1.2 and later.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct tls_ctx;
struct tls;

/*
 * A server's certificate chain and key, PEM texts. alpn: the protocol spoken
 * inside, constant ("h2"). NULL with the cause in e.
 */
struct tls_ctx *tls_ctx_new(const char *cert, const char *key,
    const char *alpn, struct err *e);
void tls_ctx_free(struct tls_ctx *ctx);

/* The server's side on a connected descriptor. NULL: out of memory. */
struct tls *tls_new(const struct tls_ctx *ctx, int fd);
/* Says good-bye if that can be done at once. The descriptor stays open. */
void tls_free(struct tls *t);

/*
 * As recv(2) and send(2) with the descriptor: EAGAIN when there is nothing to
 * do now. The handshake happens in the first calls. A send that said EAGAIN
 * has to be repeated with the same bytes first.
 */
ssize_t tls_recv(struct tls *t, void *p, size_t n);
ssize_t tls_send(struct tls *t, const void *p, size_t n);

/* After EAGAIN: is it room to write that is missing? */
bool tls_wants_write(const struct tls *t);

#endif
