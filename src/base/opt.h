/*
 * One table of options per program. It drives the parser (getopt_long),
 * --help, and the hidden --dump-options from which completions are made and
 * manual pages are checked.
 *
 * Values land in a struct of the program's own, at the offset the row names:
 * no globals. Every program has -h/--help, -V/--version, -q/--quiet and
 * -v/--verbose without listing them.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include <stddef.h>
#include <stdint.h>

enum opt_kind {
	OPT_FLAG,	/* bool: set to true */
	OPT_STR,	/* const char *: points into argv */
	OPT_NUM,	/* int64_t, min <= v <= max */
	OPT_SIZE,	/* int64_t bytes; suffixes k M G (1024), min..max */
	OPT_DUR,	/* int64_t nanoseconds; 500ms 2s 5m 1h 7d, bare: seconds */
	OPT_ENUM,	/* int: index into choices */
	OPT_LIST	/* struct opt_list: may be given again and again */
};

struct opt_list {
	const char	**v;	/* points into argv; freed by opt_list_fini */
	size_t		  n;
};

struct opt {
	const char		*name;		/* long name; NULL ends the table */
	char			 letter;	/* or 0 */
	enum opt_kind		 kind;
	size_t			 off;		/* offsetof in the options struct */
	const char		*arg;		/* FILE, N, ...; NULL for a flag */
	const char		*help;		/* one line */
	int64_t			 min, max;	/* OPT_NUM, OPT_SIZE; 0,0: any >= 0 */
	const char *const	*choices;	/* OPT_ENUM: NULL-terminated */
};

struct opt_program {
	const char		*name;		/* aitrace-price */
	const char		*synopsis;	/* operands: "[FILE ...]" or "" */
	const char		*summary;	/* one sentence for --help */
	const struct opt	*opts;		/* its own table */
	const struct opt	*common;	/* a second table, or NULL */
	void			*base;		/* struct that opts point into */
	void			*common_base;
};

enum opt_res {
	OPT_RUN,	/* go on; operands are argv[*first..argc) */
	OPT_DONE,	/* --help or --version was printed: exit 0 */
	OPT_BAD		/* told on stderr: exit 64 */
};

/* Parses argv, sets the log level. Numbers are checked with a reason. */
enum opt_res opt_parse(const struct opt_program *prog, int argc, char **argv,
    int *first);

void opt_list_fini(struct opt_list *l);

/* "2s" -> 2000000000. 0, or -1 when it is no duration. */
int opt_duration(const char *s, int64_t *ns);
/* "64M" -> 67108864. 0, or -1 when it is no size. */
int opt_size(const char *s, int64_t *bytes);

#endif
