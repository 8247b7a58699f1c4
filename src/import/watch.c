#include "import/watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"

#define BLIND_MS	2000	/* between looks without inotify */
#define REST_MS		100	/* a writer writes several lines */
#define RESTS_MAX	10	/* but never rests */

void
watch_init(struct watch *w)
{
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->blind = w->fd == -1;
}

void
watch_fini(struct watch *w)
{
	if (w->fd != -1)
		(void)close(w->fd);	/* nothing was written */
	w->fd = -1;
}

void
watch_folder(struct watch *w, const char *path)
{
	if (w->fd == -1 || inotify_add_watch(w->fd, path, IN_MODIFY |
	    IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) == -1)
		w->blind = true;
}

/* What it says does not matter, only that it says something. */
static bool
drain(const struct watch *w)
{
	char b[4096];
	bool any = false;

	while (w->fd != -1 && read(w->fd, b, sizeof(b)) > 0)
		any = true;
	return any;
}

void
watch_wait(struct watch *w, int stop_fd, int64_t ns)
{
	struct pollfd pfd[2] = { { .fd = stop_fd, .events = POLLIN },
	    { .fd = w->fd, .events = POLLIN } };
	int ms = (int)(ns / CLOCK_MS);

	if (w->blind && ms > BLIND_MS)
		ms = BLIND_MS;
	if (poll(pfd, 2, ms) <= 0 || pfd[0].revents != 0)
		return;
	for (int i = 0; i < RESTS_MAX && drain(w); i++)
		if (poll(pfd, 1, REST_MS) != 0)
			return;
}
