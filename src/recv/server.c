#include "config.h"

#include "recv/server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/sig.h"
#include "net/httpd.h"
#include "net/listen.h"
#include "recv/deliver.h"
#include "recv/intake.h"
#include "recv/tally.h"

struct server {
	const struct recv_conf	*conf;
	const struct clock	*clock;
	struct recv_tally	 tally;
	struct intake		*intake;
	struct deliver		*out;
	struct httpd		*httpd;
	struct listen_addr	 addr;
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

/*
 * Only this machine may send, for now: whoever reaches the port can write
 * into the traces, so another address has to come with authentication.
 */
static int
bind_socket(struct server *s)
{
	struct err e;
	int fd;

	if (listen_parse(s->conf->listen, RECV_PORT, &s->addr, &e) == -1) {
		log_error("--listen: %s", e.msg);
		return -EXIT_USAGE;
	}
	if (!listen_is_loopback(&s->addr)) {
		log_error("--listen: %s: only loopback addresses "
		    "(127.0.0.1, [::1]) can be served: requests are not "
		    "authenticated", s->conf->listen);
		return -EXIT_USAGE;
	}
	fd = listen_open(&s->addr, &e);
	if (fd == -1) {
		log_error("cannot listen on %s", e.msg);
		return -EXIT_UNAVAIL;
	}
	return fd;
}

static int
start_httpd(struct server *s, int fd)
{
	const struct recv_conf *conf = s->conf;
	struct httpd_conf hc = { .fd = fd,
	    .max_conns = (size_t)conf->max_conns,
	    .max_header = RECV_MAX_HEADER, .head_ns = RECV_HEAD,
	    .idle_ns = conf->idle, .request_ns = conf->request,
	    .rate_bytes = conf->min_rate,
	    .drain_bytes = RECV_DRAIN_BODIES * conf->max_body,
	    .clock = s->clock, .ops = intake_ops(), .arg = s->intake };
	struct err e;

	s->httpd = httpd_new(&hc, &e);
	if (s->httpd == NULL) {
		log_error("%s", e.msg);
		close(fd);
		return EXIT_UNAVAIL;
	}
	return 0;
}

/* Says where we listen: in the log, and to whoever waits on --ready-fd. */
static int
announce(struct server *s, const char *name)
{
	char line[LISTEN_NAME_MAX + 1];
	size_t n = strlen(name);
	int fd = (int)s->conf->ready_fd;

	log_info("listening on %s", name);
	if (fd == -1)
		return 0;
	memcpy(line, name, n);
	line[n] = '\n';
	if (file_write_all(fd, line, n + 1) == -1 || close(fd) == -1) {
		log_error("--ready-fd %d: %s", fd, strerror(errno));
		return EXIT_IO;
	}
	return 0;
}

static int
start(struct server *s)
{
	char name[LISTEN_NAME_MAX];
	struct err e;
	int fd, rc;

	sig_ignore_pipe();
	if (sig_init() == -1) {
		log_error("cannot set up signals: %s", strerror(errno));
		return EXIT_SOFT;
	}
	raise_limit(s->conf);
	fd = bind_socket(s);
	if (fd < 0)
		return -fd;
	if (listen_name(fd, name) == -1) {
		log_error("%s: %s", s->conf->listen, strerror(errno));
		close(fd);
		return EXIT_UNAVAIL;
	}
	s->intake = intake_new(s->conf, s->addr.host, &s->tally);
	if (s->intake == NULL) {
		log_error("%s", strerror(errno));
		close(fd);
		return EXIT_SOFT;
	}
	s->out = deliver_new(STDOUT_FILENO, "standard output", s->conf->wait,
	    s->clock, intake_delivered, s->intake, &e);
	if (s->out == NULL) {
		log_error("%s", e.msg);
		close(fd);
		return EXIT_IO;
	}
	intake_to(s->intake, s->out);
	rc = start_httpd(s, fd);
	return rc != 0 ? rc : announce(s, name);
}

static int
shorter(int a, int b)
{
	if (a == -1)
		return b;
	return b == -1 || a < b ? a : b;
}

/* Waits for something to do and does it. 0, or an exit code. */
static int
turn(struct server *s)
{
	struct pollfd pfd[3] = {
		{ .fd = httpd_fd(s->httpd), .events = POLLIN },
		{ .fd = sig_fd(), .events = POLLIN },
	};
	int ms = shorter(httpd_timeout(s->httpd), deliver_timeout(s->out));
	struct err e;

	ms = shorter(ms, intake_expire(s->intake, clock_mono(s->clock),
	    false));
	if (s->stop_at != 0)
		ms = shorter(ms, 100);
	deliver_poll(s->out, &pfd[2]);
	if (poll(pfd, 3, ms) == -1 && errno != EINTR) {
		log_error("poll: %s", strerror(errno));
		return EXIT_SOFT;
	}
	if (pfd[1].revents != 0)
		sig_drain();
	if (sig_take_usr1())
		recv_tally_log(&s->tally);
	if (sig_take_hup())
		log_info("SIGHUP: nothing to reload");
	deliver_run(s->out, pfd[2].revents);
	if (httpd_run(s->httpd, &e) == -1) {
		log_error("%s", e.msg);
		return EXIT_SOFT;
	}
	s->tally.bytes_out = deliver_bytes(s->out);
	return 0;
}

/* Has everything come to its end that shall, once we are stopping? */
static bool
finished(struct server *s)
{
	int64_t now = clock_mono(s->clock);

	if (s->stop_at == 0) {
		log_info("stopping: %zu requests to finish",
		    httpd_busy(s->httpd));
		s->stop_at = now + RECV_FINISH + s->conf->wait;
		httpd_quiesce(s->httpd);
	}
	if (httpd_busy(s->httpd) == 0)
		(void)intake_expire(s->intake, now, true);
	if (httpd_busy(s->httpd) == 0 && deliver_queued(s->out) == 0)
		return true;
	return now >= s->stop_at;
}

/*
 * Whoever still waits hears 503 before we go. A piece that was begun and not
 * finished is lost with us, and nobody was told otherwise.
 */
static int
last_words(struct server *s)
{
	size_t lost = deliver_queued(s->out);
	struct err e;

	httpd_quiesce(s->httpd);
	deliver_give_up(s->out);
	for (int i = 0; i < 10 && httpd_busy(s->httpd) > 0; i++) {
		struct pollfd pfd = { .fd = httpd_fd(s->httpd),
		    .events = POLLIN };

		if (httpd_run(s->httpd, &e) == -1 ||
		    (httpd_busy(s->httpd) > 0 && poll(&pfd, 1, 20) == -1))
			break;
	}
	if (lost == 0)
		return 0;
	log_error("standard output: %zu bytes could not be handed on in time",
	    lost);
	return EXIT_IO;
}

static int
serve(struct server *s)
{
	int rc, error;

	for (;;) {
		rc = turn(s);
		if (rc != 0)
			return rc;
		error = deliver_error(s->out);
		if (error != 0) {
			(void)last_words(s);
			log_error("standard output: %s%s", strerror(error),
			    error == EPIPE ? " (the reader has gone)" : "");
			return EXIT_IO;
		}
		if (sig_stop() && finished(s))
			return last_words(s);
	}
}

int
server_run(const struct recv_conf *conf)
{
	struct server s = { .conf = conf, .clock = clock_system() };
	int rc = start(&s);

	if (rc == 0)
		rc = serve(&s);
	httpd_free(s.httpd);
	deliver_free(s.out);
	intake_free(s.intake);
	if (log_level() >= LOG_LEVEL_INFO)
		recv_tally_log(&s.tally);
	return rc;
}
