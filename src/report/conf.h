/*
 * What aitrace-report was asked for: its options as they came, and what they
 * mean. What goes wrong is told with base/log; functions return exit codes.
 */
#ifndef REPORT_CONF_H
#define REPORT_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/opt.h"
#include "report/budget.h"
#include "report/column.h"
#include "report/report.h"

enum conf_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_MARKDOWN,
    FORMAT_HTML };

struct conf {
	struct opt_list	 by;
	const char	*since, *until, *tz, *now_text;
	int		 format;
	const char	*output, *sort, *columns;
	bool		 reverse;
	int64_t		 limit, width, max_groups, remember;
	int		 color;
	bool		 ascii;
	const char	*budget_text, *warn_at, *command;
	int		 per;
	bool		 forecast, github, statusline, update_cache;
	bool		 transcripts;
	const char	*gitlab;

	/* What conf_read makes of these. */
	struct report_plan	 plan;
	struct budget		 budget;
	enum column_id		 chosen[COL_IDS_];
	size_t			 nchosen;
	char			**files;	/* operands */
	int			 nfiles;
};


/* The choices of --per, the first being everything. */
extern const char *const conf_pers[];

/*
 * Reads the options. The time zone of the process is set. 0, or an exit code.
 */
int conf_read(struct conf *x, const struct clock *clock);

#endif
