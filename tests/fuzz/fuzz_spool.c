/*
 * A spool with any bytes in a segment, packed or not, and in the reader's mark:
 * the writer that opens it cuts off no more than a line that is not finished,
 * the reader hands out whole lines, each once, and forgets them. The first
 * byte chooses which file the rest is in.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/spool.h"
#include "net/spooled.h"
#include "tests/fuzz/fuzz.h"

static const char *const file[] = { "20261121T030000Z-000007.ndjson",
    "20261121T030000Z-000007.ndjson.zst", ".shipped",
    "20261121T030000Z-000007.ndjson.zst.part" };

static void
put(int dir, const char *name, const void *p, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(fd != -1 && write(fd, p, n) == (ssize_t)n, "a file");
	close(fd);
}

static void
clean(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(copy);
	struct dirent *f;

	must(d != NULL, "the folder");
	while ((f = readdir(d)) != NULL)
		if (f->d_name[0] != '.' || f->d_name[1] > '.') {
			int inner = openat(dir, f->d_name,
			    O_RDONLY | O_DIRECTORY);

			if (inner == -1) {
				(void)unlinkat(dir, f->d_name, 0);
				continue;
			}
			clean(inner);
			close(inner);
			(void)unlinkat(dir, f->d_name, AT_REMOVEDIR);
		}
	closedir(d);
}

static void
read_all(const char *dir, const char *must_have)
{
	struct buf out = { 0 };
	struct err e = { "" };
	struct spooled *s = spooled_open(dir, &e);
	int rc;

	must(s != NULL, e.msg);
	while ((rc = spooled_next(s, 256, 4096, &out, &e)) == 1)
		must(out.n > 0 && out.p[out.n - 1] == '\n', "whole lines");
	must(rc == 0, e.msg);
	must(must_have == NULL || (out.n > 0 && memmem(out.p, out.n, must_have,
	    strlen(must_have)) != NULL), "what was committed");
	must(spooled_forget(s, &e) == 0, e.msg);
	spooled_close(s);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/tmp/aitrace-fuzz.XXXXXX";
	struct spool_conf conf = { .dir = dir, .segment_bytes = 1 << 20,
	    .segment_ns = 3600 * CLOCK_S, .clock = clock_system() };
	struct err e = { "" };
	struct spool *s;
	unsigned which;
	int fd;

	if (size == 0)
		return 0;
	which = data[0] % 4;
	must(mkdtemp(dir) != NULL, "a folder");
	fd = open(dir, O_RDONLY | O_DIRECTORY);
	must(fd != -1, "the folder");
	put(fd, file[which], data + 1, size - 1);
	s = spool_open(&conf, &e);
	must(s != NULL, e.msg);
	must(spool_append(s, "{\"last\":1}\n", 11, &e) == 0 &&
	    spool_commit(s, &e) == 0, e.msg);
	must(spool_tend(s, &e) == 0, e.msg);
	/* A mark may say that everything is done. */
	read_all(dir, which == 2 ? NULL : "{\"last\":1}\n");
	spool_close(s);
	read_all(dir, NULL);
	clean(fd);
	close(fd);
	(void)rmdir(dir);
	return 0;
}
