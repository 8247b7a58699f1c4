#include "route/strays.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

static bool
is_named(const struct rules *rules, const char *name)
{
	for (size_t i = 0; rules != NULL && i < rules->ndest; i++)
		if (strcmp(rules->dest[i].name, name) == 0)
			return true;
	return false;
}

static int
is_segment(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && strncmp(d->d_name, "parked", 6) != 0 &&
	    n > 7 && strcmp(d->d_name + n - 7, ".ndjson") == 0;
}

static bool
holds_records(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_segment, NULL);

	for (int i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
	return n > 0;
}

size_t
strays_tell(const char *spool, const struct rules *rules, const char *by)
{
	struct dirent **names;
	struct buf b = { 0 };
	size_t found = 0;
	int n;

	buf_addf(&b, "%s/to", spool);
	n = scandir(buf_cstr(&b), &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		buf_reset(&b);
		buf_addf(&b, "%s/to/%s", spool, names[i]->d_name);
		if (names[i]->d_name[0] != '.' &&
		    !is_named(rules, names[i]->d_name) &&
		    holds_records(buf_cstr(&b))) {
			log_error("%s: records wait for a destination that "
			    "%s does not name", buf_cstr(&b), by);
			found++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	buf_fini(&b);
	return found;
}
