#include "config.h"

#include "net/grpccall.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"

#define HEADER_COST	32	/* a header costs this and its text (RFC 9113) */

static bool
named(const char *name, size_t n, const char *want)
{
	return strlen(want) == n && memcmp(name, want, n) == 0;
}

/* What does not fit cannot be one of ours. */
static void
keep(char *to, size_t size, const char *value, size_t n)
{
	if (n >= size || memchr(value, '\0', n) != NULL)
		n = 0;
	memcpy(to, value, n);
	to[n] = '\0';
}

/* The first one counts. */
static int
keep_auth(struct grpcd_req *r, const char *value, size_t n)
{
	if (r->auth == NULL)
		r->auth = strndup(value, n);
	return r->auth != NULL ? 0 : -1;
}

int
grpccall_header(struct grpcd_req *r, const char *name, size_t nlen,
    const char *value, size_t vlen)
{
	static const char type[] = "application/grpc";

	r->header_bytes += nlen + vlen + HEADER_COST;
	if (r->header_bytes > GRPC_HEADERS_MAX)
		return -1;
	if (named(name, nlen, ":path"))
		keep(r->path, sizeof(r->path), value, vlen);
	else if (named(name, nlen, ":authority"))
		keep(r->authority, sizeof(r->authority), value, vlen);
	else if (named(name, nlen, ":method"))
		r->post = named(value, vlen, "POST");
	else if (named(name, nlen, "grpc-encoding"))
		keep(r->encoding, sizeof(r->encoding), value, vlen);
	else if (named(name, nlen, "authorization"))
		return keep_auth(r, value, vlen);
	else if (named(name, nlen, "content-type"))
		r->grpc = vlen >= sizeof(type) - 1 &&
		    memcmp(value, type, sizeof(type) - 1) == 0 &&
		    (vlen == sizeof(type) - 1 ||
		    named(value + sizeof(type) - 1, vlen - sizeof(type) + 1,
		    "+proto") || value[sizeof(type) - 1] == ';');
	return 0;
}

static void
put_field(struct buf *b, char tag, const void *p, size_t n)
{
	buf_addc(b, tag);
	/* All of them are short. */
	if (n >= 0x80)
		buf_addc(b, (char)(n | 0x80));
	buf_addc(b, (char)(n >= 0x80 ? n >> 7 : n));
	buf_add(b, p, n);
}

/*
 * google.rpc.Status with a RetryInfo among its details: OTLP's way to say how
 * long to wait.
 */
static void
put_details(struct buf *b, const struct grpcd_reply *reply)
{
	static const char url[] = "type.googleapis.com/google.rpc.RetryInfo";
	char seconds[] = { 1 << 3, (char)(reply->retry_after & 0x7f) };
	struct buf info = { 0 }, any = { 0 }, status = { 0 };
	size_t n;

	put_field(&info, 1 << 3 | 2, seconds, sizeof(seconds));
	put_field(&any, 1 << 3 | 2, url, sizeof(url) - 1);
	put_field(&any, 2 << 3 | 2, info.p, info.n);
	buf_addc(&status, 1 << 3);
	buf_addc(&status, (char)reply->code);
	n = strlen(reply->message);
	put_field(&status, 2 << 3 | 2, reply->message, n < 1000 ? n : 1000);
	put_field(&status, 3 << 3 | 2, any.p, any.n);
	enc_base64(b, status.p, status.n);
	while (b->n > 0 && b->p[b->n - 1] == '=')
		b->n--;
	buf_fini(&info);
	buf_fini(&any);
	buf_fini(&status);
}

int
grpccall_answer(struct grpcd_req *r, const struct grpcd_reply *reply)
{
	unsigned char head[GRPCMSG_HEAD];
	size_t at[GRPC_TRAILERS_MAX + 1] = { 0 };
	static const char *const name[GRPC_TRAILERS_MAX] = { "grpc-status",
	    "grpc-message", "grpc-status-details-bin" };

	r->replied = true;
	if (reply->code == GRPC_OK) {
		grpcmsg_head(head, (uint32_t)reply->n);
		buf_add(&r->out, head, sizeof(head));
		buf_add(&r->out, reply->body, reply->n);
	}
	buf_addu(&r->text, (uint64_t)reply->code);
	at[++r->ntrailers] = r->text.n;
	if (reply->code != GRPC_OK && reply->message != NULL) {
		enc_percent(&r->text, reply->message, strlen(reply->message));
		at[++r->ntrailers] = r->text.n;
		if (reply->retry_after > 0) {
			put_details(&r->text, reply);
			at[++r->ntrailers] = r->text.n;
		}
	}
	for (size_t i = 0; i < r->ntrailers; i++)
		r->trailer[i] = (struct grpc_header){ name[i],
		    r->text.p + at[i], at[i + 1] - at[i] };
	return r->out.err != 0 || r->text.err != 0 ? -1 : 0;
}

size_t
grpccall_read(struct grpcd_req *r, void *p, size_t n)
{
	size_t left = r->out.n - r->out_off;

	if (n > left)
		n = left;
	memcpy(p, r->out.p + r->out_off, n);
	r->out_off += n;
	return n;
}

void
grpccall_fini(struct grpcd_req *r)
{
	buf_fini(&r->out);
	buf_fini(&r->text);
	if (r->auth != NULL)
		explicit_bzero(r->auth, strlen(r->auth));
	free(r->auth);
}

const char *
grpcd_auth(const struct grpcd_req *r)
{
	return r->auth;
}

const char *
grpcd_path(const struct grpcd_req *r)
{
	return r->path;
}

const char *
grpcd_authority(const struct grpcd_req *r)
{
	return r->authority;
}

const char *
grpcd_encoding(const struct grpcd_req *r)
{
	return r->msg.packed ? r->encoding : "";
}

void
grpcd_set(struct grpcd_req *r, void *own)
{
	r->own = own;
}

void *
grpcd_get(const struct grpcd_req *r)
{
	return r->own;
}
