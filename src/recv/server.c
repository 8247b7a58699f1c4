#include "config.h"

#include "recv/server.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "base/sig.h"
#include "net/cred.h"
#include "net/grpcd.h"
#include "net/httpd.h"
#include "net/spool.h"
#include "net/systemd.h"
#include "net/tls.h"
#include "recv/auth.h"
#include "recv/doors.h"
#include "recv/grpcin.h"
#include "recv/intake.h"
#include "recv/state.h"

#define PEM_MAX		((size_t)1 << 20)

struct server {
	struct recv_state	 st;
	struct intake		*intake;
	struct grpcd		*grpcd;
	struct systemd		 sd;
	struct auth		*auth;
	struct buf		 cert, key;	/* PEM; empty: no TLS */
	struct tls_ctx		*tls;
	struct door		 http, grpc;
	char			 ready[2 * LISTEN_NAME_MAX + 16];
	int64_t			 alive_at;	/* next WATCHDOG=1 */
	int64_t			 stop_at;	/* 0: not stopping */
};

/* Each connection is a descriptor; the usual limit of 1024 is too low. */
static void
raise_limit(const struct recv_conf *conf)
{
	rlim_t want = (rlim_t)conf->max_conns + 128;
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1 || rl.rlim_cur >= want)
		return;
	rl.rlim_cur = rl.rlim_max < want ? rl.rlim_max : want;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		log_debug("cannot raise the limit of open files: %s",
		    strerror(errno));
}

static int
open_door(struct server *s, enum door_kind kind, struct door *d)
{
	bool guarded = auth_has_token(s->auth) || s->cert.n > 0;
	size_t n = strlen(s->ready);
	int rc = door_open(d, kind, s->st.conf, &s->sd, guarded);

	if (rc != 0)
		return rc;
	log_info("listening on %s%s%s", d->name, kind == DOOR_GRPC ?
	    " (gRPC)" : "", s->cert.n > 0 ? " with TLS" : "");
	(void)snprintf(s->ready + n, sizeof(s->ready) - n, "%s%s\n",
	    kind == DOOR_GRPC ? "grpc " : "", d->name);
	return 0;
}

static const char *
host_of(const struct door *d)
{
	return d->host[0] != '\0' ? d->host : NULL;
}

static int
start_httpd(struct server *s)
{
	const struct recv_conf *conf = s->st.conf;
	struct httpd_conf hc = { .max_conns = (size_t)conf->max_conns,
	    .max_header = RECV_MAX_HEADER, .head_ns = RECV_HEAD,
	    .idle_ns = conf->idle, .request_ns = conf->request,
	    .rate_bytes = conf->min_rate,
	    .drain_bytes = RECV_DRAIN_BODIES * conf->max_body,
	    .clock = s->st.clock, .ops = intake_ops(), .arg = s->intake };
	struct err e;
	int rc = open_door(s, DOOR_HTTP, &s->http);

	if (rc != 0)
		return rc;
	hc.fd = s->http.fd;
	s->st.http_host = host_of(&s->http);
	if (s->cert.n > 0) {
		hc.tls_cert = buf_cstr(&s->cert);
		hc.tls_key = buf_cstr(&s->key);
	}
	s->st.httpd = httpd_new(&hc, &e);
	if (s->st.httpd != NULL)
		return 0;
	log_error("%s", e.msg);
	close(hc.fd);
	return EXIT_UNAVAIL;
}

static int
start_grpcd(struct server *s)
{
	const struct recv_conf *conf = s->st.conf;
	struct grpcd_conf gc = { .max_conns = (size_t)conf->max_conns,
	    .max_message = (uint32_t)conf->max_body, .head_ns = RECV_HEAD,
	    .idle_ns = conf->idle, .request_ns = conf->request,
	    .tls = s->tls,
	    .clock = s->st.clock, .ops = grpcin_ops(), .arg = &s->st };
	struct err e;
	int rc = open_door(s, DOOR_GRPC, &s->grpc);

	if (rc != 0)
		return rc;
	gc.fd = s->grpc.fd;
	s->st.grpc_host = host_of(&s->grpc);
	s->grpcd = grpcd_new(&gc, &e);
	if (s->grpcd != NULL)
		return 0;
	log_error("%s", e.msg);
	close(gc.fd);
	return EXIT_UNAVAIL;
}

/* The certificate and its key, which must be as private as any secret. */
static int
load_tls(struct server *s)
{
	const struct recv_conf *conf = s->st.conf;
	struct err e;
	int fd;

	if (conf->tls_cert == NULL && conf->tls_key == NULL)
		return 0;
	if (conf->tls_cert == NULL || conf->tls_key == NULL) {
		log_error("--tls-cert and --tls-key go together");
		return EXIT_USAGE;
	}
	buf_init(&s->cert, PEM_MAX);
	buf_init(&s->key, PEM_MAX);
	fd = cred_open(conf->tls_key, &e);
	if (fd == -1 ||
	    file_read_fd(fd, conf->tls_key, PEM_MAX, &s->key, &e) == -1 ||
	    file_read(conf->tls_cert, PEM_MAX, &s->cert, &e) == -1) {
		log_error("%s", e.msg);
		if (fd != -1)
			close(fd);
		return EXIT_NOCREDS;
	}
	close(fd);
	s->tls = tls_ctx_new(buf_cstr(&s->cert), buf_cstr(&s->key), "h2", &e);
	if (s->tls != NULL)
		return 0;
	log_error("%s, %s: %s", conf->tls_cert, conf->tls_key, e.msg);
	return EXIT_NOCREDS;
}

/* Who may send, and how. */
static int
load_secrets(struct server *s)
{
	const struct recv_conf *conf = s->st.conf;
	struct err e;

	s->auth = auth_new(conf->token_file, conf->langfuse_keys ==
	    RECV_KEYS_ENV, &e);
	s->st.auth = s->auth;
	if (s->auth != NULL)
		return load_tls(s);
	log_error("%s", e.msg);
	return EXIT_NOCREDS;
}

/* Tells whoever waits on --ready-fd, in one write. */
static int
announce(struct server *s)
{
	int fd = (int)s->st.conf->ready_fd;

	if (fd == -1)
		return 0;
	if (file_write_all(fd, s->ready, strlen(s->ready)) == -1 ||
	    close(fd) == -1) {
		log_error("--ready-fd %d: %s", fd, strerror(errno));
		return EXIT_IO;
	}
	return 0;
}

/* Where the lines go. */
static int
start_output(struct server *s)
{
	const struct recv_conf *conf = s->st.conf;
	const struct spool_conf sc = { .dir = conf->spool,
	    .segment_bytes = conf->segment_size,
	    .segment_ns = conf->segment_age,
	    .retain_bytes = conf->retain_size, .retain_ns = conf->retain_age,
	    .pack = conf->compress, .clock = s->st.clock };
	struct err e;

	if (conf->spool == NULL) {
		s->st.out = deliver_new(STDOUT_FILENO, "standard output",
		    conf->wait, s->st.clock, &e);
	} else {
		s->st.spool = spool_open(&sc, &e);
		if (s->st.spool == NULL) {
			log_error("--spool: %s", e.msg);
			return EXIT_CANTCREATE;
		}
		if (spool_repaired(s->st.spool) > 0)
			log_warn("%s: %" PRIu64 " bytes of a line that was "
			    "never finished were cut off", conf->spool,
			    spool_repaired(s->st.spool));
		s->st.out = deliver_spool(s->st.spool, s->st.clock, &e);
	}
	if (s->st.out != NULL)
		return 0;
	log_error("%s", e.msg);
	return EXIT_IO;
}

/* All is open: from here on it only gets less. */
static int
lock_down(struct server *s)
{
	struct buf text = { 0 };
	struct err e;
	int got = sandbox_enter(s->st.conf->spool, &e);

	if (got == -1) {
		log_error("sandbox: %s (--sandbox=off does without)", e.msg);
		return EXIT_SOFT;
	}
	sandbox_text((unsigned)got, &text);
	log_info("sandbox: %s", buf_cstr(&text));
	buf_fini(&text);
	return 0;
}

static int
start(struct server *s)
{
	const struct recv_conf *conf = s->st.conf;
	struct err e;
	int rc;

	if (systemd_init(&s->sd, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_USAGE;
	}
	rc = load_secrets(s);
	if (rc != 0)
		return rc;
	sig_ignore_pipe();
	if (sig_init() == -1) {
		log_error("cannot set up signals: %s", strerror(errno));
		return EXIT_SOFT;
	}
	raise_limit(conf);
	buf_init(&s->st.lines, (size_t)conf->max_memory);
	s->intake = intake_new(&s->st);
	if (s->intake == NULL) {
		log_error("%s", strerror(errno));
		return EXIT_SOFT;
	}
	if (clean_new(&s->st.clean, conf, &e) == -1) {
		log_error("--redact: %s", e.msg);
		return EXIT_BADCONF;
	}
	rc = start_output(s);
	if (rc != 0)
		return rc;
	if (door_wanted(DOOR_HTTP, conf, &s->sd))
		rc = start_httpd(s);
	if (rc == 0 && door_wanted(DOOR_GRPC, conf, &s->sd))
		rc = start_grpcd(s);
	if (rc == 0 && conf->sandbox == RECV_SANDBOX_AUTO)
		rc = lock_down(s);
	if (rc == 0)
		rc = announce(s);
	if (rc == 0) {
		systemd_notify(&s->sd, "READY=1");
		s->alive_at = clock_mono(s->st.clock) + s->sd.watchdog;
	}
	return rc;
}

static int
shorter(int a, int b)
{
	if (a == -1)
		return b;
	return b == -1 || a < b ? a : b;
}

/* Everything that is due in the two servers. 0, or an exit code. */
static int
run_servers(struct server *s)
{
	struct err e;

	if ((s->st.httpd != NULL && httpd_run(s->st.httpd, &e) == -1) ||
	    (s->grpcd != NULL && grpcd_run(s->grpcd, &e) == -1)) {
		log_error("%s", e.msg);
		return EXIT_SOFT;
	}
	return 0;
}

static size_t
busy(const struct server *s)
{
	return (s->st.httpd != NULL ? httpd_busy(s->st.httpd) : 0) +
	    (s->grpcd != NULL ? grpcd_busy(s->grpcd) : 0);
}

static void
quiesce(struct server *s)
{
	if (s->st.httpd != NULL)
		httpd_quiesce(s->st.httpd);
	if (s->grpcd != NULL)
		grpcd_quiesce(s->grpcd);
}

/* Milliseconds from now, at least 0. */
static int
until(const struct server *s, int64_t at)
{
	int64_t now = clock_mono(s->st.clock);

	if (at <= now)
		return 0;
	return at - now < 60 * CLOCK_S ? (int)((at - now) / CLOCK_MS) + 1 :
	    60000;
}

/* A sign of life for the service manager, when one is due. */
static void
tell_alive(struct server *s)
{
	int64_t now = clock_mono(s->st.clock);

	if (s->sd.watchdog == 0 || now < s->alive_at)
		return;
	systemd_notify(&s->sd, "WATCHDOG=1");
	s->alive_at = now + s->sd.watchdog;
}

static int
timeout(struct server *s)
{
	int ms = deliver_timeout(s->st.out);

	if (s->st.httpd != NULL)
		ms = shorter(ms, httpd_timeout(s->st.httpd));
	if (s->grpcd != NULL)
		ms = shorter(ms, grpcd_timeout(s->grpcd));
	if (s->stop_at != 0)
		ms = shorter(ms, 100);
	if (s->sd.watchdog != 0)
		ms = shorter(ms, until(s, s->alive_at));
	return shorter(ms, intake_expire(s->intake,
	    clock_mono(s->st.clock), false));
}

/* Waits for something to do and does it. 0, or an exit code. */
static int
turn(struct server *s, int ms)
{
	struct pollfd pfd[4] = {
		{ .fd = s->st.httpd != NULL ? httpd_fd(s->st.httpd) : -1,
		    .events = POLLIN },
		{ .fd = s->grpcd != NULL ? grpcd_fd(s->grpcd) : -1,
		    .events = POLLIN },
		{ .fd = sig_fd(), .events = POLLIN },
	};
	int rc;

	deliver_poll(s->st.out, &pfd[3]);
	if (poll(pfd, 4, ms) == -1 && errno != EINTR) {
		log_error("poll: %s", strerror(errno));
		return EXIT_SOFT;
	}
	if (pfd[2].revents != 0)
		sig_drain();
	if (sig_take_usr1())
		recv_tally_log(&s->st.tally);
	if (sig_take_hup())
		log_info("SIGHUP: nothing to reload");
	deliver_run(s->st.out, pfd[3].revents);
	rc = run_servers(s);
	tell_alive(s);
	if (deliver_bytes(s->st.out) != s->st.tally.bytes_out)
		s->st.last_write = clock_wall(s->st.clock);
	s->st.tally.bytes_out = deliver_bytes(s->st.out);
	return rc;
}

/* Has everything come to its end that shall, once we are stopping? */
static bool
finished(struct server *s)
{
	int64_t now = clock_mono(s->st.clock);

	if (s->stop_at == 0) {
		log_info("stopping: %zu requests to finish", busy(s));
		systemd_notify(&s->sd, "STOPPING=1");
		s->stop_at = now + RECV_FINISH + s->st.conf->wait;
		quiesce(s);
	}
	if (busy(s) == 0)
		(void)intake_expire(s->intake, now, true);
	if (busy(s) == 0 && deliver_queued(s->st.out) == 0)
		return true;
	return now >= s->stop_at;
}

/*
 * Whoever still waits hears so before we go. A piece that was begun and not
 * finished is lost with us, and nobody was told otherwise.
 */
static int
last_words(struct server *s)
{
	size_t lost = deliver_queued(s->st.out);

	quiesce(s);
	deliver_give_up(s->st.out);
	for (int i = 0; i < 10; i++)
		if (turn(s, i == 0 ? 0 : 20) != 0 || busy(s) == 0)
			break;
	if (lost == 0)
		return 0;
	log_error("standard output: %zu bytes could not be handed on in time",
	    lost);
	return EXIT_IO;
}

static int
serve(struct server *s)
{
	int rc;

	for (;;) {
		rc = turn(s, timeout(s));
		if (rc != 0)
			return rc;
		if (deliver_broken(s->st.out)) {
			(void)last_words(s);
			log_error("%s", deliver_why(s->st.out));
			return EXIT_IO;
		}
		if (sig_stop() && finished(s))
			return last_words(s);
	}
}

int
server_run(const struct recv_conf *conf)
{
	struct server s = { .st = { .conf = conf, .clock = clock_system() } };
	int rc = start(&s);

	if (rc == 0)
		rc = serve(&s);
	httpd_free(s.st.httpd);
	grpcd_free(s.grpcd);
	deliver_free(s.st.out);
	clean_free(s.st.clean);
	spool_close(s.st.spool);
	intake_free(s.intake);
	tls_ctx_free(s.tls);
	buf_fini(&s.cert);
	if (s.key.p != NULL)
		explicit_bzero(s.key.p, s.key.cap);
	buf_fini(&s.key);
	auth_free(s.auth);
	systemd_fini(&s.sd);
	buf_fini(&s.st.lines);
	if (log_level() >= LOG_LEVEL_INFO)
		recv_tally_log(&s.st.tally);
	return rc;
}
