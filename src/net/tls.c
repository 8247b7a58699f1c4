#include "config.h"

#include "net/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct tls_ctx {
	gnutls_certificate_credentials_t	 cred;
	gnutls_priority_t			 priority;
	const char				*alpn;
};

struct tls {
	gnutls_session_t	 s;
	bool			 ready;		/* the handshake is over */
};

static gnutls_datum_t
datum(const char *s)
{
	union { const char *c; unsigned char *u; } a = { .c = s };

	return (gnutls_datum_t){ a.u, (unsigned)strlen(s) };
}

struct tls_ctx *
tls_ctx_new(const char *cert, const char *key, const char *alpn,
    struct err *e)
{
	static const char want[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";
	struct tls_ctx *ctx = calloc(1, sizeof(*ctx));
	gnutls_datum_t c = datum(cert), k = datum(key);
	int rc;

	if (ctx == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	ctx->alpn = alpn;
	rc = gnutls_certificate_allocate_credentials(&ctx->cred);
	if (rc == 0)
		rc = gnutls_certificate_set_x509_key_mem(ctx->cred, &c, &k,
		    GNUTLS_X509_FMT_PEM);
	if (rc >= 0)
		rc = gnutls_priority_init(&ctx->priority, want, NULL);
	if (rc >= 0)
		return ctx;
	(void)err_set(e, "%s", gnutls_strerror(rc));
	tls_ctx_free(ctx);
	return NULL;
}

void
tls_ctx_free(struct tls_ctx *ctx)
{
	if (ctx == NULL)
		return;
	if (ctx->priority != NULL)
		gnutls_priority_deinit(ctx->priority);
	if (ctx->cred != NULL)
		gnutls_certificate_free_credentials(ctx->cred);
	free(ctx);
}

struct tls *
tls_new(const struct tls_ctx *ctx, int fd)
{
	struct tls *t = calloc(1, sizeof(*t));
	gnutls_datum_t alpn = datum(ctx->alpn);

	if (t == NULL)
		return NULL;
	if (gnutls_init(&t->s, GNUTLS_SERVER | GNUTLS_NONBLOCK |
	    GNUTLS_NO_SIGNAL) != 0) {
		free(t);
		return NULL;
	}
	if (gnutls_priority_set(t->s, ctx->priority) != 0 ||
	    gnutls_credentials_set(t->s, GNUTLS_CRD_CERTIFICATE,
	    ctx->cred) != 0 ||
	    gnutls_alpn_set_protocols(t->s, &alpn, 1, 0) != 0) {
		gnutls_deinit(t->s);
		free(t);
		return NULL;
	}
	gnutls_transport_set_int(t->s, fd);
	return t;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->ready)
		(void)gnutls_bye(t->s, GNUTLS_SHUT_WR);
	gnutls_deinit(t->s);
	free(t);
}

/* In the terms of recv(2). */
static ssize_t
result(ssize_t rc)
{
	if (rc >= 0)
		return rc;
	if (rc == GNUTLS_E_AGAIN)
		errno = EAGAIN;
	else if (rc == GNUTLS_E_INTERRUPTED)
		errno = EINTR;
	else {
		log_debug("TLS: %s", gnutls_strerror((int)rc));
		errno = EPROTO;
	}
	return -1;
}

/* 0, or -1 with errno. What a peer warns of is not the end. */
static int
handshake(struct tls *t)
{
	int rc;

	if (t->ready)
		return 0;
	do
		rc = gnutls_handshake(t->s);
	while (rc == GNUTLS_E_WARNING_ALERT_RECEIVED);
	if (rc < 0)
		return (int)result(rc);
	t->ready = true;
	return 0;
}

ssize_t
tls_recv(struct tls *t, void *p, size_t n)
{
	ssize_t rc;

	if (handshake(t) == -1)
		return -1;
	do
		rc = gnutls_record_recv(t->s, p, n);
	while (rc == GNUTLS_E_WARNING_ALERT_RECEIVED);
	return result(rc);
}

ssize_t
tls_send(struct tls *t, const void *p, size_t n)
{
	if (handshake(t) == -1)
		return -1;
	return result(gnutls_record_send(t->s, p, n));
}

bool
tls_wants_write(const struct tls *t)
{
	return gnutls_record_get_direction(t->s) == 1;
}
