#include "base/opt.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

#define OPT_MAX		96	/* rows of all tables together */
#define OPT_FIRST_ID	1000	/* getopt ids: OPT_FIRST_ID + row */

enum { ID_HELP = OPT_FIRST_ID - 10, ID_VERSION, ID_QUIET, ID_VERBOSE,
    ID_DUMP };

static const struct opt builtin[] = {
	{ .name = "help", .letter = 'h', .help = "show this help and exit" },
	{ .name = "version", .letter = 'V',
	    .help = "show the version and exit" },
	{ .name = "quiet", .letter = 'q', .help = "only errors on stderr" },
	{ .name = "verbose", .letter = 'v',
	    .help = "say more; twice for debugging" },
	{ .name = NULL }
};

/* All rows with where their values go. */
struct row {
	const struct opt	*o;
	char			*base;
};

static size_t
collect(const struct opt_program *prog, struct row *row)
{
	size_t n = 0;

	for (const struct opt *o = prog->opts; o != NULL && o->name != NULL &&
	    n < OPT_MAX; o++)
		row[n++] = (struct row){ o, prog->base };
	for (const struct opt *o = prog->common; o != NULL && o->name != NULL &&
	    n < OPT_MAX; o++)
		row[n++] = (struct row){ o, prog->common_base };
	return n;
}

/* Decimal digits with an optional fraction, scaled: "1.5" * 1000 -> 1500. */
static int
scaled(const char *s, const char **end, int64_t unit, int64_t *out)
{
	__int128 v = 0, frac = 0, scale = 1;
	const char *p = s;

	while (*p >= '0' && *p <= '9' && v <= INT64_MAX)
		v = v * 10 + (*p++ - '0');
	if (p == s || v > INT64_MAX)
		return -1;
	if (*p == '.') {
		const char *q = ++p;

		while (*p >= '0' && *p <= '9' && p - q < 9) {
			frac = frac * 10 + (*p++ - '0');
			scale *= 10;
		}
		if (p == q)
			return -1;
	}
	v = v * unit + frac * unit / scale;
	if (v > INT64_MAX)
		return -1;
	*out = (int64_t)v;
	*end = p;
	return 0;
}

struct unit {
	const char	*name;
	int64_t		 factor;
};

static int
with_unit(const char *s, const struct unit *unit, int64_t *out)
{
	const char *end;
	int64_t probe;

	if (scaled(s, &end, 1, &probe) == -1)
		return -1;
	for (; unit->name != NULL; unit++)
		if (strcmp(end, unit->name) == 0)
			return scaled(s, &end, unit->factor, out);
	return -1;
}

int
opt_duration(const char *s, int64_t *ns)
{
	static const struct unit unit[] = {
		{ "", CLOCK_S }, { "s", CLOCK_S }, { "ms", CLOCK_MS },
		{ "us", 1000 }, { "ns", 1 }, { "m", 60 * CLOCK_S },
		{ "h", 3600 * CLOCK_S }, { "d", 86400 * CLOCK_S }, { NULL, 0 }
	};

	return with_unit(s, unit, ns);
}

int
opt_size(const char *s, int64_t *bytes)
{
	static const struct unit unit[] = {
		{ "", 1 }, { "k", 1024 }, { "K", 1024 }, { "KiB", 1024 },
		{ "M", 1 << 20 }, { "MiB", 1 << 20 }, { "G", 1 << 30 },
		{ "GiB", 1 << 30 }, { NULL, 0 }
	};

	return with_unit(s, unit, bytes);
}

static int
number(const char *s, int64_t *out)
{
	const char *end;

	if (scaled(s, &end, 1, out) == -1 || *end != '\0' ||
	    strchr(s, '.') != NULL)
		return -1;
	return 0;
}

static int
bad(const struct opt *o, const char *arg, const char *why)
{
	log_error("--%s: %s: '%s'", o->name, why, arg);
	return -1;
}

static int
set_number(const struct row *r, const char *arg)
{
	const struct opt *o = r->o;
	int64_t v;
	int res;

	switch (o->kind) {
	case OPT_NUM:
		res = number(arg, &v);
		break;
	case OPT_SIZE:
		res = opt_size(arg, &v);
		break;
	default:
		res = opt_duration(arg, &v);
		break;
	}
	if (res == -1)
		return bad(o, arg, o->kind == OPT_NUM ? "not a number" :
		    o->kind == OPT_SIZE ? "not a size (like 64M)" :
		    "not a duration (like 500ms, 10s, 5m)");
	if ((o->min != 0 || o->max != 0) && v < o->min)
		return bad(o, arg, "too small");
	if (o->max != 0 && v > o->max)
		return bad(o, arg, "too large");
	memcpy(r->base + o->off, &v, sizeof(v));
	return 0;
}

static int
set_choice(const struct row *r, const char *arg)
{
	struct buf b = { 0 };

	for (int i = 0; r->o->choices[i] != NULL; i++) {
		if (strcmp(r->o->choices[i], arg) == 0) {
			memcpy(r->base + r->o->off, &i, sizeof(i));
			return 0;
		}
	}
	for (int i = 0; r->o->choices[i] != NULL; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", r->o->choices[i]);
	log_error("--%s: not one of %s: '%s'", r->o->name, buf_cstr(&b), arg);
	buf_fini(&b);
	return -1;
}

static int
add_to_list(const struct row *r, const char *arg)
{
	struct opt_list l;
	const char **v;

	memcpy(&l, r->base + r->o->off, sizeof(l));
	v = reallocarray(l.v, l.n + 1, sizeof(*v));
	if (v == NULL) {
		log_error("--%s: %s", r->o->name, strerror(errno));
		return -1;
	}
	l.v = v;
	l.v[l.n++] = arg;
	memcpy(r->base + r->o->off, &l, sizeof(l));
	return 0;
}

void
opt_list_fini(struct opt_list *l)
{
	free(l->v);
	l->v = NULL;
	l->n = 0;
}

static int
set(const struct row *r, const char *arg)
{
	bool yes = true;

	switch (r->o->kind) {
	case OPT_FLAG:
		memcpy(r->base + r->o->off, &yes, sizeof(yes));
		return 0;
	case OPT_STR:
		memcpy(r->base + r->o->off, &arg, sizeof(arg));
		return 0;
	case OPT_ENUM:
		return set_choice(r, arg);
	case OPT_LIST:
		return add_to_list(r, arg);
	case OPT_NUM:
	case OPT_SIZE:
	case OPT_DUR:
		return set_number(r, arg);
	}
	return -1;
}

static void
help_row(const struct opt *o)
{
	char left[64];
	int n;

	if (o->letter != 0)
		n = snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter,
		    o->name, o->arg != NULL ? "=" : "",
		    o->arg != NULL ? o->arg : "");
	else
		n = snprintf(left, sizeof(left), "    --%s%s%s", o->name,
		    o->arg != NULL ? "=" : "", o->arg != NULL ? o->arg : "");
	if (n > 28)
		printf("  %s\n%32s%s", left, "", o->help);
	else
		printf("  %-30s%s", left, o->help);
	for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
		printf("%s%s", i == 0 ? ": " : ", ", o->choices[i]);
	putchar('\n');
}

/* A builtin option without its letter, where a row of the program's has it. */
static struct opt
builtin_row(const struct opt *o, const struct row *row, size_t n)
{
	struct opt out = *o;

	for (size_t i = 0; i < n; i++)
		if (row[i].o->letter == o->letter)
			out.letter = 0;
	return out;
}

static void
help(const struct opt_program *prog, const struct row *row, size_t n)
{
	printf("usage: %s [options]%s%s\n%s\n\n", prog->name,
	    prog->synopsis[0] != '\0' ? " " : "", prog->synopsis,
	    prog->summary);
	for (size_t i = 0; i < n; i++)
		help_row(row[i].o);
	for (const struct opt *o = builtin; o->name != NULL; o++) {
		struct opt b = builtin_row(o, row, n);

		help_row(&b);
	}
	printf("\nSee %s(1).\n", prog->name);
}

static void
dump_row(const struct opt *o)
{
	static const char *const kind[] = { "flag", "string", "number", "size",
	    "duration", "enum", "list" };

	printf("%s\t%c\t%s\t%s\t", o->name, o->letter != 0 ? o->letter : '-',
	    kind[o->kind], o->arg != NULL ? o->arg : "-");
	if (o->choices == NULL)
		putchar('-');
	for (int i = 0; o->choices != NULL && o->choices[i] != NULL; i++)
		printf("%s%s", i > 0 ? "," : "", o->choices[i]);
	printf("\t%s\n", o->help);
}

static void
dump(const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dump_row(row[i].o);
	for (const struct opt *o = builtin; o->name != NULL; o++) {
		struct opt b = builtin_row(o, row, n);

		dump_row(&b);
	}
}

/* Fills what getopt_long wants from the rows. */
static void
tables(const struct row *row, size_t n, struct option *lo, char *so)
{
	static const int id[] = { ID_HELP, ID_VERSION, ID_QUIET, ID_VERBOSE };
	size_t k = 0, s = 0;

	so[s++] = ':';
	for (size_t i = 0; i < n; i++) {
		const struct opt *o = row[i].o;
		bool arg = o->kind != OPT_FLAG;

		lo[k++] = (struct option){ o->name, arg ? required_argument :
		    no_argument, NULL, OPT_FIRST_ID + (int)i };
		if (o->letter == 0)
			continue;
		so[s++] = o->letter;
		if (arg)
			so[s++] = ':';
	}
	for (size_t i = 0; builtin[i].name != NULL; i++) {
		lo[k++] = (struct option){ builtin[i].name, no_argument, NULL,
		    id[i] };
		if (memchr(so, builtin[i].letter, s) == NULL)
			so[s++] = builtin[i].letter;
	}
	lo[k++] = (struct option){ "dump-options", no_argument, NULL,
	    ID_DUMP };
	lo[k] = (struct option){ 0 };
	so[s] = '\0';
}

/* A short letter to the row that owns it. */
static int
letter_id(const struct row *row, size_t n, int c)
{
	for (size_t i = 0; i < n; i++)
		if (row[i].o->letter == c)
			return OPT_FIRST_ID + (int)i;
	switch (c) {
	case 'h':
		return ID_HELP;
	case 'V':
		return ID_VERSION;
	case 'q':
		return ID_QUIET;
	case 'v':
		return ID_VERBOSE;
	default:
		return c;
	}
}

static enum opt_res
complain(const struct opt_program *prog, int c, char **argv, int at)
{
	if (c == ':')
		log_error("option needs a value: '%s'", argv[at]);
	else
		log_error("unknown option: '%s'", argv[at]);
	log_always("try '%s --help'", prog->name);
	return OPT_BAD;
}

/* stdout of --help may be a full disk, too. */
static enum opt_res
printed(void)
{
	if (fflush(stdout) == 0)
		return OPT_DONE;
	log_error("cannot write to stdout: %s", strerror(errno));
	return OPT_BAD;
}

enum opt_res
opt_parse(const struct opt_program *prog, int argc, char **argv, int *first)
{
	struct row row[OPT_MAX];
	struct option lo[OPT_MAX + 8];
	char so[2 * OPT_MAX + 16];
	size_t n = collect(prog, row);
	int c, verbose = LOG_LEVEL_WARNING;

	log_init(prog->name);
	tables(row, n, lo, so);
	opterr = 0;
	optind = 1;
	for (;;) {
		int at = optind;

		c = getopt_long(argc, argv, so, lo, NULL);
		if (c == -1)
			break;
		if (c < OPT_FIRST_ID - 10)
			c = letter_id(row, n, c);
		switch (c) {
		case ID_HELP:
			help(prog, row, n);
			return printed();
		case ID_VERSION:
			printf("%s %s\n", prog->name, PACKAGE_VERSION);
			return printed();
		case ID_DUMP:
			dump(row, n);
			return printed();
		case ID_QUIET:
			verbose = LOG_LEVEL_ERROR;
			break;
		case ID_VERBOSE:
			verbose = verbose < LOG_LEVEL_INFO ? LOG_LEVEL_INFO :
			    LOG_LEVEL_DEBUG;
			break;
		default:
			if (c < OPT_FIRST_ID)
				return complain(prog, c, argv,
				    at < argc ? at : argc - 1);
			if (set(&row[c - OPT_FIRST_ID], optarg) == -1)
				return OPT_BAD;
		}
		log_set_level(verbose);
	}
	*first = optind;
	return OPT_RUN;
}
