/* Waits until something changes in folders (inotify(7)). */
#ifndef IMPORT_WATCH_H
#define IMPORT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct watch {
	int	fd;		/* -1: not to be had */
	bool	blind;		/* some folder cannot be watched */
};

void watch_init(struct watch *w);
void watch_fini(struct watch *w);

/* Watches the folder; again is harmless. */
void watch_folder(struct watch *w, const char *path);

/*
 * Returns when something has changed and a short rest has come, after at most
 * ns, or when stop_fd is readable. Without inotify: looks again every two
 * seconds.
 */
void watch_wait(struct watch *w, int stop_fd, int64_t ns);

#endif
