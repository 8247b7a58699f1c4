#include "net/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/clock.h"

#define CONNECT_MS	10000L
#define MAX_FDS		8

struct transfer {
	LIST_ENTRY(transfer)	 link;
	CURL			*easy;
	struct curl_slist	*head;
	client_done		*done;
	void			*arg;
	struct buf		 body;
	size_t			 most;		/* of it */
	struct buf		 retry_after;
	char			 error[CURL_ERROR_SIZE];
};

struct client {
	CURLM				*multi;
	const char			*agent;
	const char			*ca_file;	/* from the environment */
	const char			*ca_dir;
	LIST_HEAD(, transfer)		 all;
	size_t				 busy;
	bool				 replied;
};

static const char *
env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

struct client *
client_new(const char *agent, struct err *e)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		err_set(e, "out of memory");
		return NULL;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		err_set(e, "libcurl cannot start");
		free(c);
		return NULL;
	}
	c->agent = agent;
	LIST_INIT(&c->all);
	/* The library leaves these to the program; curl(1) reads them. */
	c->ca_file = env("CURL_CA_BUNDLE");
	if (c->ca_file == NULL)
		c->ca_file = env("SSL_CERT_FILE");
	c->ca_dir = env("SSL_CERT_DIR");
	if ((c->multi = curl_multi_init()) == NULL) {
		err_set(e, "libcurl cannot start");
		curl_global_cleanup();
		free(c);
		return NULL;
	}
	return c;
}

/* Headers may be secrets. */
static void
head_free(struct curl_slist *head)
{
	for (struct curl_slist *l = head; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(head);
}

static void
transfer_free(struct transfer *t)
{
	if (t->easy != NULL)
		curl_easy_cleanup(t->easy);
	head_free(t->head);
	buf_fini(&t->body);
	buf_fini(&t->retry_after);
	free(t);
}

/* Off the list, out of libcurl. */
static void
transfer_end(struct client *c, struct transfer *t)
{
	LIST_REMOVE(t, link);
	c->busy--;
	(void)curl_multi_remove_handle(c->multi, t->easy);
}

void
client_free(struct client *c)
{
	struct transfer *t;

	if (c == NULL)
		return;
	while ((t = LIST_FIRST(&c->all)) != NULL) {
		transfer_end(c, t);
		transfer_free(t);
	}
	(void)curl_multi_cleanup(c->multi);
	curl_global_cleanup();
	free(c);
}

size_t
client_busy(const struct client *c)
{
	return c->busy;
}

/* What is over the ceiling is read and thrown away. */
static size_t
take_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t room = t->most - t->body.n;

	(void)size;	/* libcurl: always 1 */
	buf_add(&t->body, p, n < room ? n : room);
	return t->body.err == 0 ? n : 0;
}

static size_t
take_header(char *p, size_t size, size_t n, void *arg)
{
	static const char name[] = "retry-after:";
	struct transfer *t = arg;
	size_t k = sizeof(name) - 1, end = n;

	(void)size;
	if (n < k || strncasecmp(p, name, k) != 0)
		return n;
	while (k < end && (p[k] == ' ' || p[k] == '\t'))
		k++;
	while (end > k && strchr("\r\n \t", p[end - 1]) != NULL)
		end--;
	buf_reset(&t->retry_after);
	buf_add(&t->retry_after, p + k, end - k);
	return n;
}

static int
add_header(struct transfer *t, const char *line)
{
	struct curl_slist *l = curl_slist_append(t->head, line);

	if (l == NULL)
		return -1;
	t->head = l;
	return 0;
}

static bool
set_headers(struct transfer *t, const struct client_req *r)
{
	/* No round trip for permission before a body is sent. */
	if (add_header(t, "Expect:") == -1)
		return false;
	for (size_t i = 0; r->headers != NULL && r->headers[i] != NULL; i++)
		if (add_header(t, r->headers[i]) == -1)
			return false;
	if (r->secret != NULL && add_header(t, r->secret) == -1)
		return false;
	return curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->head) ==
	    CURLE_OK;
}

/* Collects the results: one failure is enough. */
static bool
set_long(CURL *h, CURLoption o, long v)
{
	return curl_easy_setopt(h, o, v) == CURLE_OK;
}

static bool
set_ptr(CURL *h, CURLoption o, const void *p)
{
	return p == NULL || curl_easy_setopt(h, o, p) == CURLE_OK;
}

static bool
set_tls(struct client *c, CURL *h, const struct client_tls *tls)
{
	return set_ptr(h, CURLOPT_CAINFO,
	    tls->ca_file != NULL ? tls->ca_file : c->ca_file) &&
	    set_ptr(h, CURLOPT_CAPATH, c->ca_dir) &&
	    set_ptr(h, CURLOPT_SSLCERT, tls->cert_file) &&
	    set_ptr(h, CURLOPT_SSLKEY, tls->key_file);
}

static bool
set_all(struct client *c, struct transfer *t, const struct client_req *r)
{
	CURL *h = t->easy;
	long ms = (long)(r->timeout_ns / CLOCK_MS);

	if (!set_ptr(h, CURLOPT_URL, r->url) ||
	    !set_ptr(h, CURLOPT_PROTOCOLS_STR, "http,https") ||
	    !set_ptr(h, CURLOPT_USERAGENT, c->agent) ||
	    !set_ptr(h, CURLOPT_ERRORBUFFER, t->error) ||
	    !set_ptr(h, CURLOPT_PRIVATE, t) ||
	    !set_long(h, CURLOPT_NOSIGNAL, 1) ||
	    !set_long(h, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS) ||
	    !set_long(h, CURLOPT_TIMEOUT_MS, ms) ||
	    !set_tls(c, h, &r->tls) || !set_headers(t, r))
		return false;
	if (curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body) != CURLE_OK ||
	    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header) !=
	    CURLE_OK || !set_ptr(h, CURLOPT_WRITEDATA, t) ||
	    !set_ptr(h, CURLOPT_HEADERDATA, t))
		return false;
	if (r->body == NULL)
		return true;
	return set_long(h, CURLOPT_POST, 1) &&
	    set_ptr(h, CURLOPT_POSTFIELDS, r->body) &&
	    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)r->n) == CURLE_OK;
}

int
client_send(struct client *c, const struct client_req *r, client_done *done,
    void *arg, struct err *e)
{
	struct transfer *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return err_set(e, "out of memory");
	t->done = done;
	t->most = r->most != 0 ? r->most : CLIENT_MAX_REPLY;
	t->arg = arg;
	if ((t->easy = curl_easy_init()) == NULL || !set_all(c, t, r) ||
	    curl_multi_add_handle(c->multi, t->easy) != CURLM_OK) {
		err_set(e, "%s: cannot set up a request%s%s", r->url,
		    t->error[0] != '\0' ? ": " : "", t->error);
		transfer_free(t);
		return -1;
	}
	LIST_INSERT_HEAD(&c->all, t, link);
	c->busy++;
	return 0;
}

/*
 * A certificate that is not trusted counts as set-up: whoever answers, it is
 * not the one we were told to trust.
 */
static enum client_trouble
trouble_of(CURLcode rc)
{
	switch (rc) {
	case CURLE_OK:
		return CLIENT_OK;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_ENGINE_NOTFOUND:
		return CLIENT_SETUP;
	default:
		return CLIENT_NETWORK;
	}
}

static void
reply(struct client *c, struct transfer *t, CURLcode rc)
{
	struct client_reply r = { .trouble = trouble_of(rc) };
	char *type = NULL, *location = NULL;
	long status = 0;

	if (rc != CURLE_OK)
		r.why = t->error[0] != '\0' ? t->error :
		    curl_easy_strerror(rc);
	/* Each leaves its default when there is nothing to tell. */
	(void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(t->easy, CURLINFO_CONTENT_TYPE, &type);
	(void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &location);
	r.status = (int)status;
	r.type = type;
	r.location = location;
	if (t->retry_after.n > 0)
		r.retry_after = buf_cstr(&t->retry_after);
	r.body = buf_cstr(&t->body);
	r.n = t->body.n;
	c->replied = true;
	transfer_end(c, t);
	t->done(t->arg, &r);
	transfer_free(t);
}

void
client_step(struct client *c)
{
	struct transfer *t;
	CURLMsg *m;
	CURLcode rc;
	int n;

	if (c->busy == 0)
		return;
	/* Trouble of one transfer comes as its message. */
	(void)curl_multi_perform(c->multi, &n);
	while ((m = curl_multi_info_read(c->multi, &n)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		rc = m->data.result;
		t = NULL;
		(void)curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
		if (t != NULL)
			reply(c, t, rc);
	}
}

int
client_wait(struct client *c, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	struct curl_waitfd fd[MAX_FDS] = { 0 };

	if (c->busy == 0)
		return poll(pfd, n, timeout_ms);
	if (n > MAX_FDS) {
		errno = EINVAL;
		return -1;
	}
	for (nfds_t i = 0; i < n; i++) {
		fd[i].fd = pfd[i].fd;
		if (pfd[i].events & POLLIN)
			fd[i].events |= CURL_WAIT_POLLIN;
		if (pfd[i].events & POLLOUT)
			fd[i].events |= CURL_WAIT_POLLOUT;
	}
	c->replied = false;
	client_step(c);
	if (!c->replied && timeout_ms != 0) {
		if (curl_multi_poll(c->multi, fd, (unsigned)n, timeout_ms,
		    NULL) != CURLM_OK) {
			errno = EIO;
			return -1;
		}
		client_step(c);
	}
	/* libcurl folds POLLHUP and POLLERR; the caller sees them as they are. */
	return poll(pfd, n, 0);
}
