#include "config.h"

#include "net/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "net/lockfile.h"
#include "net/spoolpack.h"

#define MARK		".shipped"	/* net/spooled.c writes it */
#define SUFFIX		".ndjson"
#define STAMP_LEN	SPOOL_STAMP_LEN
#define NAME_LEN	SPOOL_NAME_LEN
#define REPAIR_LAST	8		/* segments looked at when opening */
#define REPAIR_BLOCK	65536
#define LOOK_NS		(60 * CLOCK_S)
#define PATIENCE_NS	CLOCK_S		/* a reader locks for a moment */

struct spool {
	struct spool_conf	 conf;
	int			 dir, lock, fd;
	char			 name[NAME_LEN + 1];	/* of the segment */
	unsigned		 seq;
	int64_t			 size;		/* of the segment */
	int64_t			 begun;		/* mono */
	int64_t			 look_at;	/* for what is too old */
	bool			 dirty;		/* appended, not committed */
	char			 floor[STAMP_LEN + 1];	/* no name before it */
	uint64_t		 bytes, dropped, lost, repaired;
};

static int
fail(const struct spool *s, struct err *e, const char *what)
{
	return err_set(e, "%s: %s%s%s", s->conf.dir, what,
	    what[0] != '\0' ? ": " : "", strerror(errno));
}

static int
is_segment(const struct dirent *d)
{
	return spoolpack_is_segment(d->d_name);
}

static void
free_list(struct dirent **list, int n)
{
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

/* Where the last whole line of the file ends; -1 with errno. */
static off_t
whole_lines(int fd, off_t size)
{
	char block[REPAIR_BLOCK];
	off_t at = size;

	while (at > 0) {
		size_t n = at < REPAIR_BLOCK ? (size_t)at : REPAIR_BLOCK;
		ssize_t got = pread(fd, block, n, at - (off_t)n);
		char *nl;

		if (got != (ssize_t)n) {
			if (got >= 0)
				errno = EIO;
			return -1;
		}
		nl = memrchr(block, '\n', n);
		if (nl != NULL)
			return at - (off_t)n + (nl - block) + 1;
		at -= (off_t)n;
	}
	return 0;
}

/* Takes away a line that a crash has cut. */
static int
repair(struct spool *s, const char *name)
{
	int fd = openat(s->dir, name, O_RDWR | O_CLOEXEC), rc = -1;
	struct stat st;
	off_t end;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 &&
	    (end = whole_lines(fd, st.st_size)) != -1) {
		rc = 0;
		if (end < st.st_size) {
			s->repaired += (uint64_t)(st.st_size - end);
			rc = ftruncate(fd, end) == 0 && fsync(fd) == 0 ? 0 :
			    -1;
		}
		if (rc == 0 && end == 0)
			rc = unlinkat(s->dir, name, 0);
	}
	close(fd);
	return rc;
}

/* Names that we give sort behind this one. */
static void
raise_floor(struct spool *s, const char *name)
{
	unsigned seq = (unsigned)strtoul(name + STAMP_LEN + 1, NULL, 10);

	if (seq > s->seq)
		s->seq = seq;
	if (memcmp(name, s->floor, STAMP_LEN) > 0)
		memcpy(s->floor, name, STAMP_LEN);
}

/* The segment a reader was last done with, and how far; false for none. */
static bool
read_mark(const struct spool *s, char *name, int64_t *at)
{
	char text[NAME_LEN + 32];
	int fd = openat(s->dir, MARK, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd != -1)
		(void)close(fd);	/* only read */
	if (n <= (ssize_t)NAME_LEN)
		return false;
	text[n] = '\0';
	memcpy(name, text, NAME_LEN);
	name[NAME_LEN] = '\0';
	*at = strtoll(text + NAME_LEN, NULL, 10);
	return spoolpack_is_segment(name);
}

static int
is_part(const struct dirent *d)
{
	return spoolpack_is_part(d->d_name);
}

/* What a crash left that came while a segment was packed. */
static int
remove_parts(struct spool *s, struct err *e)
{
	struct dirent **list;
	int n = scandirat(s->dir, ".", &list, is_part, alphasort), rc = 0;

	if (n == -1)
		return fail(s, e, "");
	for (int i = 0; i < n && rc == 0; i++)
		if (unlinkat(s->dir, list[i]->d_name, 0) == -1)
			rc = fail(s, e, list[i]->d_name);
	free_list(list, n);
	return rc;
}

/*
 * The newest segments are repaired; names go on behind the highest there is
 * or was, since a reader looks for nothing before what it is done with: also
 * if the clock was set back, and within a second.
 */
static int
recover(struct spool *s, struct err *e)
{
	struct dirent **list;
	int n = scandirat(s->dir, ".", &list, is_segment, alphasort);
	char mark[NAME_LEN + 1];
	int64_t at;

	if (n == -1)
		return fail(s, e, "");
	if (read_mark(s, mark, &at))
		raise_floor(s, mark);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		bool packed = spoolpack_is_packed(name);
		int rc = 0;

		raise_floor(s, name);
		/* Until it is packed for good, the plain one stays: both by
		 * a crash in between. The plain one has all of it. */
		if (packed && i > 0 &&
		    strncmp(list[i - 1]->d_name, name, NAME_LEN) == 0)
			rc = unlinkat(s->dir, name, 0) == -1 &&
			    errno != ENOENT ? -1 : 0;
		else if (!packed && i >= n - REPAIR_LAST)
			rc = repair(s, name);
		if (rc == -1) {
			(void)fail(s, e, name);
			free_list(list, n);
			return -1;
		}
	}
	free_list(list, n);
	return 0;
}

/* Begins a segment; its name is durable before anything is in it. */
static int
begin(struct spool *s, struct err *e)
{
	time_t now = (time_t)(clock_wall(s->conf.clock) / CLOCK_S);
	struct tm tm;
	char stamp[STAMP_LEN + 1];

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm) != STAMP_LEN)
		return err_set(e, "%s: no time for a name", s->conf.dir);
	if (memcmp(stamp, s->floor, STAMP_LEN) < 0)
		memcpy(stamp, s->floor, STAMP_LEN);
	else
		memcpy(s->floor, stamp, STAMP_LEN);
	s->seq = s->seq % 999999 + 1;
	(void)snprintf(s->name, sizeof(s->name), "%s-%06u%s", stamp, s->seq,
	    SUFFIX);
	s->fd = openat(s->dir, s->name, O_WRONLY | O_CREAT | O_EXCL |
	    O_APPEND | O_CLOEXEC, 0600);
	if (s->fd == -1 || fsync(s->dir) == -1)
		return fail(s, e, s->name);
	s->size = 0;
	s->begun = clock_mono(s->conf.clock);
	return 0;
}

struct spool *
spool_open(const struct spool_conf *conf, struct err *e)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)err_set(e, "%s", strerror(errno));
		return NULL;
	}
	s->conf = *conf;
	s->dir = s->lock = s->fd = -1;
	if (mkdir(conf->dir, 0700) == -1 && errno != EEXIST)
		(void)fail(s, e, "");
	else if ((s->dir = open(conf->dir, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC)) == -1)
		(void)fail(s, e, "");
	else if ((s->lock = lockfile_take(s->dir, conf->dir, ".lock",
	    "writes there", PATIENCE_NS, e)) != -1 && remove_parts(s, e) == 0 &&
	    recover(s, e) == 0 && begin(s, e) == 0)
		return s;
	spool_close(s);
	return NULL;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1) {
		(void)spool_commit(s, NULL);
		close(s->fd);
		if (s->size == 0)
			(void)unlinkat(s->dir, s->name, 0);
	}
	if (s->lock != -1)
		close(s->lock);
	if (s->dir != -1)
		close(s->dir);
	free(s);
}

int
spool_append(struct spool *s, const void *p, size_t n, struct err *e)
{
	const char *c = p;
	size_t done = 0;
	ssize_t w;

	while (done < n) {
		w = write(s->fd, c + done, n - done);
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1) {
			(void)fail(s, e, s->name);
			/* The next opening would find what this leaves. */
			if (done > 0 && ftruncate(s->fd, s->size) == -1)
				(void)fail(s, e, "cannot take back");
			return -1;
		}
		done += (size_t)w;
	}
	s->size += (int64_t)n;
	s->bytes += n;
	s->dirty = true;
	return 0;
}

int
spool_commit(struct spool *s, struct err *e)
{
	if (!s->dirty)
		return 0;
	if (fdatasync(s->fd) == -1)
		return fail(s, e, s->name);
	s->dirty = false;
	return 0;
}

/* Seconds since the epoch in a segment's name; -1 when it holds no time. */
static time_t
stamp_of(const char *name)
{
	struct tm tm = { 0 };
	const char *end = strptime(name, "%Y%m%dT%H%M%SZ", &tm);

	return end != NULL ? timegm(&tm) : -1;
}

/* Lines of the segment that no reader is done with; -1 with errno. */
static int64_t
undelivered(const struct spool *s, const char *name)
{
	char mark[NAME_LEN + 1], plain[NAME_LEN + 1], block[REPAIR_BLOCK];
	int64_t at = 0, lines = 0;
	struct err why;
	int fd, order = -1;
	ssize_t n;

	if (read_mark(s, mark, &at))
		order = strncmp(mark, name, NAME_LEN);
	if (order > 0)
		return 0;
	/* By its plain name a packed one is opened unpacked. */
	memcpy(plain, name, NAME_LEN);
	plain[NAME_LEN] = '\0';
	if ((fd = spoolpack_open(s->dir, plain, &why)) == -1)
		return -1;
	for (off_t pos = order == 0 ? at : 0;
	    (n = pread(fd, block, sizeof(block), pos)) > 0; pos += n)
		for (const char *p = block; (p = memchr(p, '\n',
		    (size_t)(block + n - p))) != NULL; p++)
			lines++;
	(void)close(fd);	/* only read */
	return n == 0 ? lines : -1;
}

/* Removes one that may hold what nobody has read. 0 or -1. */
static int
drop(struct spool *s, const char *name, struct err *e)
{
	int64_t lines = undelivered(s, name);

	if (lines == -1 && errno == ENOENT)
		return 0;	/* a reader was quicker */
	if (lines == -1 ||
	    (unlinkat(s->dir, name, 0) == -1 && errno != ENOENT))
		return fail(s, e, name);
	s->dropped++;
	s->lost += (uint64_t)lines;
	return 0;
}

/* Removes the oldest until the rest is small and young enough. */
static int
retain(struct spool *s, struct err *e)
{
	struct dirent **list;
	int n = scandirat(s->dir, ".", &list, is_segment, alphasort);
	int64_t total = 0, *size;
	int64_t now = clock_wall(s->conf.clock) / CLOCK_S;
	int rc = 0;

	if (n == -1)
		return fail(s, e, "");
	size = calloc((size_t)n + 1, sizeof(*size));
	for (int i = 0; i < n && size != NULL; i++) {
		struct stat st;

		if (fstatat(s->dir, list[i]->d_name, &st, 0) == 0)
			size[i] = st.st_size;
		total += size[i];
	}
	for (int i = 0; i < n && size != NULL && rc == 0; i++) {
		time_t t = stamp_of(list[i]->d_name);
		bool old = s->conf.retain_ns > 0 && t != -1 && now - t >
		    s->conf.retain_ns / CLOCK_S;
		bool much = s->conf.retain_bytes > 0 &&
		    total > s->conf.retain_bytes;

		if (strncmp(list[i]->d_name, s->name, NAME_LEN) == 0 ||
		    (!old && !much))
			break;
		rc = drop(s, list[i]->d_name, e);
		total -= size[i];
	}
	if (size == NULL)
		rc = err_set(e, "%s", strerror(ENOMEM));
	free(size);
	free_list(list, n);
	return rc;
}

/* The segment stays what it was if none can be begun. */
static int
next_segment(struct spool *s, struct err *e)
{
	struct spool was = *s;

	if (begin(s, e) == -1) {
		if (s->fd != -1) {
			close(s->fd);
			(void)unlinkat(s->dir, s->name, 0);
		}
		s->fd = was.fd;
		s->size = was.size;
		memcpy(s->name, was.name, sizeof(s->name));
		return -1;
	}
	close(was.fd);
	return s->conf.pack ? spoolpack_pack(s->dir, was.name, e) : 0;
}

int
spool_tend(struct spool *s, struct err *e)
{
	int64_t now = clock_mono(s->conf.clock), age = now - s->begun;
	bool look = now >= s->look_at;

	if (s->size > 0 && (s->size >= s->conf.segment_bytes ||
	    age >= s->conf.segment_ns)) {
		if (spool_commit(s, e) == -1)
			return -1;
		if (next_segment(s, e) == -1)
			return -1;
		look = true;
	}
	if (!look)
		return 0;
	s->look_at = now + LOOK_NS;
	return retain(s, e);
}

uint64_t
spool_bytes(const struct spool *s)
{
	return s->bytes;
}

int64_t
spool_size(const struct spool *s)
{
	struct dirent **list;
	int n = scandirat(s->dir, ".", &list, is_segment, alphasort);
	int64_t total = 0;
	struct stat st;

	for (int i = 0; i < n; i++)
		if (fstatat(s->dir, list[i]->d_name, &st, 0) == 0)
			total += st.st_size;
	if (n >= 0)
		free_list(list, n);
	return total;
}

uint64_t
spool_dropped(const struct spool *s)
{
	return s->dropped;
}

uint64_t
spool_lost(const struct spool *s)
{
	return s->lost;
}

uint64_t
spool_repaired(const struct spool *s)
{
	return s->repaired;
}
